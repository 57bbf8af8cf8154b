import Logging
import Messages
import SystemPackage

/// Looking: the listing of the whole folder, which is the truth, and of its new subfolders.
extension FolderIntake {
  func scan() async {
    do {
      let scan = try await FolderScan.run(
        folder.path,
        isRecursive: folder.recursive,
        rules: names,
        known: ledger.known(in: folder.name)
      )
      noteFolder(scan)
      try await take(scan)
      lastScan = now
      scanHasFailed = false
      // A filesystem that is mounted again gives no event.
      let isPolled = pollReason != nil || blindReason != nil || scan.missesDevice
      let interval = Duration.seconds(folder.rescanSeconds)
      schedule(after: isPolled ? min(pace.poll, interval) : interval)
    } catch let unreadable as FolderScan.Unreadable {
      missed(unreadable.reason)
      // Whoever watches sees by itself when the folder comes back.
      if leash == nil { schedule(after: pace.poll) }
      leash?.pull()
    } catch is CancellationError {
    } catch {
      log.log(
        level: scanHasFailed ? .debug : .warning,
        "scan failed, is tried again",
        metadata: ["error": "\(error)"]
      )
      scanHasFailed = true
      scanDue = now.advanced(by: pace.retry)
    }
  }

  /// Lists a subfolder that is new; a file, when it is one.
  func scan(below path: FilePath) async {
    guard let relative = path.below(folder.path) else { return }
    do {
      let scan = try await FolderScan.run(
        folder.path,
        below: relative,
        isRecursive: folder.recursive,
        rules: names,
        known: [:]
      )
      for found in scan.unknown where !passedOver.isNotMedia(found.path, found.identity) {
        room.notice(found.path, .found, at: now)
      }
    } catch let unreadable as FolderScan.Unreadable {
      // Gone again is no matter. What it is, if it is no folder, the next look tells.
      if unreadable.reason == .notDirectory, names.takes(relative.bytes) {
        room.notice(path, .found, at: now)
      }
    } catch {}
    bell.ring()
  }

  /// The folder cannot be listed. What is known of it stays as it is.
  func missed(_ reason: Errno?) {
    if isMissing { return }
    isMissing = true
    log.warning(
      "folder is missing or cannot be read, waiting for it",
      metadata: reason.map { ["error": "\($0)"] }
    )
  }

  private func noteFolder(_ scan: FolderScan) {
    if isMissing {
      isMissing = false
      log.notice("folder is there")
    }
    if let watched, watched != scan.root { leash?.pull() }
    watched = scan.root
    if scan.missesDevice != missesDevice {
      missesDevice = scan.missesDevice
      log.notice(
        missesDevice ? "filesystem of known recordings is not mounted, waiting for it" : "filesystem is there"
      )
    }
    for (path, reason) in scan.unlisted where complained.insert(path).inserted {
      log.warning(
        "subfolder cannot be read",
        metadata: ["subfolder.path": "\(path.readable)", "error": "\(reason)"]
      )
    }
    if let path = scan.tooDeep, complained.insert(path).inserted {
      log.warning(
        "subfolder lies too deep and is left out",
        metadata: ["subfolder.path": "\(path.readable)", "depth.most": "\(FolderDepth.most)"]
      )
    }
  }

  private func take(_ scan: FolderScan) async throws {
    let unknown = scan.unknown.filter { !passedOver.isNotMedia($0.path, $0.identity) }
    try await tell(unknown)
    for (path, _) in scan.missing {
      guard let relative = path.below(folder.path) else { continue }
      switch await Sighting.at(relative, in: folder.path) {
      case .gone, .notAFile: try await ledger.lost(path, in: folder.name)
      case .file, .unreadable, .folderGone: continue
      }
    }
    for found in unknown { room.notice(found.path, .found, at: now) }
  }

  /// Tells the ledger what was not known, each file once. Only names that speak of sound or film count: a folder full
  /// of documents is no backlog. What came with a hint is news, and no backlog either.
  private func tell(_ unknown: [FolderScan.Found]) async throws {
    let media = unknown.filter {
      Container.extensionSuggestsMedia($0.path.nameBytes)
        && (told.contains($0.identity.hashValue) || !room.contains($0.path))
    }
    let fresh = media.map(\.identity).filter { !told.contains($0.hashValue) }
    if !fresh.isEmpty { try await ledger.discovered(fresh, in: folder.name) }
    told = Set(media.map(\.identity.hashValue))
  }
}

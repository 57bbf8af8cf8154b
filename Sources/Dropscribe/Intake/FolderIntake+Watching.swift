import Logging
import Messages
import SystemPackage

/// Hearing: the watching child, and what is done where there is none.
extension FolderIntake {
  /// Whether events are to be had at all; else the folder is polled, and the log says why.
  func choosesToWatch() async -> Bool {
    switch folder.polling {
    case .always:
      pollReason = "configured"
      return false
    case .never:
      return true
    case .automatic:
      let kind = await Self.filesystem(of: folder.path)
      pollReason = kind.name
      guard let name = kind.name else { return true }
      log.notice(
        "filesystem does not report all changes, scanned every few seconds",
        metadata: ["filesystem.type": "\(name)", "poll.seconds": "\(pace.poll.components.seconds)"]
      )
      if case .silent = kind { return false }
      return true
    }
  }

  @concurrent private static func filesystem(of folder: FilePath) async -> FilesystemKind {
    FilesystemKind(of: folder)
  }

  /// Keeps a watching child alive as long as the folder is there.
  func watchOn() async {
    var delay = Duration.zero
    while !Task.isCancelled {
      if await Sighting.at("", in: folder.path) == .folderGone {
        missed(nil)
        try? await Task.sleep(for: pace.missing, clock: .suspending)
        continue
      }
      let leash = Leash()
      self.leash = leash
      watched = nil
      blindReason = "watch program is starting"
      hasBlindSpots = false
      let started = now
      let watcher = Watcher(executable: executable, folder: folder.path, isRecursive: folder.recursive)
      let end = await watcher.run(leash: leash) { self.hear($0) }
      self.leash = nil
      if Task.isCancelled { return }
      blindReason = "watch program ended"
      // A child that lived is followed by the next at once; those that keep ending, ever more slowly.
      let hasLived = started.duration(to: now) > .seconds(10)
      delay = hasLived ? .milliseconds(50) : min(.seconds(30), max(.milliseconds(50), delay * 2))
      if hasLived { lastFailure = nil }
      report(end)
      // The next child's scan finds what was missed; one of its own is needed only when that takes long.
      if delay > .seconds(1) { requestScan() }
      try? await Task.sleep(for: delay, clock: .suspending)
    }
  }

  private func report(_ end: Watcher.End) {
    switch end {
    case .startAnew: log.info("watch program starts anew, then all is scanned")
    case .ended: log.info("folder is watched anew")
    case .failed(let reason):
      // The same again and again is one thing to know.
      log.log(
        level: reason == lastFailure ? .debug : .warning,
        "watch program ended, is started again",
        metadata: ["watch.reason": "\(reason)"]
      )
      lastFailure = reason
    }
  }

  private func hear(_ hints: [Hint]) {
    for hint in hints {
      switch hint {
      case .closed(let path): notice(path, .closed)
      case .arrived(let path): notice(path, .arrived)
      case .gone(let path): notice(path, .found)
      case .lookAgain(let bytes):
        let path = FilePath(bytes: bytes)
        if path == folder.path { requestScan() } else { requestScan(below: path) }
      case .unwatched(let path): isBlind(FilePath(bytes: path))
      case .ready:
        // Watched first, scanned then: nothing falls between.
        if !hasBlindSpots { blindReason = nil }
        requestScan()
      }
    }
    bell.ring()
  }

  private func notice(_ path: [UInt8], _ sign: Settling.Sign) {
    let path = FilePath(bytes: path)
    guard let relative = path.below(folder.path), names.takes(relative.bytes) else { return }
    room.notice(path, sign, at: now)
  }

  private func isBlind(_ path: FilePath) {
    blindReason = "not all of it can be watched"
    hasBlindSpots = true
    schedule(after: pace.poll)
    guard complained.insert(path).inserted else { return }
    log.warning(
      "folder cannot be watched, all is scanned every few seconds",
      metadata: ["subfolder.path": "\(path.readable)", "poll.seconds": "\(pace.poll.components.seconds)"]
    )
  }
}

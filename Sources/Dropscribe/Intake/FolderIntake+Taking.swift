import Logging
import SystemPackage

/// Taking: one file, from the look at it to the ledger.
extension FolderIntake {
  func attend(to path: FilePath) async {
    defer { bell.ring() }
    guard let relative = path.below(folder.path) else {
      room.finish(path)
      return
    }
    do {
      let sighting = await Sighting.at(relative, in: folder.path)
      guard case .file(let identity) = sighting else {
        try await leave(path, sighting)
        return
      }
      if passedOver.isNotMedia(path, identity) {
        room.finish(path)
        return
      }
      switch room.look(path, identity, age: age(of: identity), at: now, rules: rules) {
      case .waits(let until): room.wait(path, until: until)
      case .settled:
        if try await ledger.known(at: path, in: folder.name) == identity {
          room.finish(path)
        } else {
          try await read(path, relative)
        }
      }
    } catch is CancellationError {
    } catch {
      let failures = room.retry(path, at: now)
      log.log(
        level: failures == 1 ? .warning : .debug,
        "recording cannot be taken now, is tried again",
        metadata: ["recording.path": "\(path.readable)", "error": "\(error)"]
      )
    }
  }

  private func read(_ path: FilePath, _ relative: FilePath) async throws {
    await turnstile.enter()
    defer { turnstile.leave() }
    try Task.checkCancellation()
    let acceptsIncomplete = room.acceptsIncomplete(path)
    switch try await Fingerprint.take(relative, in: folder.path, acceptsIncomplete: acceptsIncomplete) {
    case .taken(let print):
      if acceptsIncomplete {
        log.warning("header declares more than is there", metadata: ["recording.path": "\(path.readable)"])
      }
      try await ledger.take(
        FoundRecording(path: path, folder: folder.name, identity: print.identity, sha256: print.sha256)
      )
      takenCount += 1
      passedOver.forget(path)
      room.finish(path)
    case .notMedia(let identity):
      // A recording that was replaced by something else is gone.
      if try await ledger.known(at: path, in: folder.name) != nil {
        try await ledger.lost(path, in: folder.name)
      }
      if passedOver.remember(path, .notMedia, identity) {
        log.debug("file is no recording", metadata: ["file.path": "\(path.readable)"])
      }
      room.finish(path)
    case .incomplete:
      log.info("file is not complete yet", metadata: ["recording.path": "\(path.readable)"])
      room.declaresMore(path)
      room.wait(path, until: now)
    case .changed:
      room.changedWhileRead(path, at: now)
      room.wait(path, until: now)
    case .sighting(let sighting):
      try await leave(path, sighting)
    }
  }

  /// There is nothing to take at this path.
  private func leave(_ path: FilePath, _ sighting: Sighting) async throws {
    switch sighting {
    case .gone(let device):
      passedOver.forget(path)
      // On another device its folder is not the one where it lay: unmounted, not deleted. A scan sees more.
      if let known = try await ledger.known(at: path, in: folder.name), known.device == device {
        try await ledger.lost(path, in: folder.name)
      }
    case .notAFile:
      if try await ledger.known(at: path, in: folder.name) != nil {
        try await ledger.lost(path, in: folder.name)
      }
    case .unreadable(let reason):
      if passedOver.remember(path, .unreadable(reason), nil) {
        log.warning(
          "file cannot be read, is tried again at every scan",
          metadata: ["file.path": "\(path.readable)", "error": "\(reason)"]
        )
      }
    case .file, .folderGone: break
    }
    room.finish(path)
  }
}

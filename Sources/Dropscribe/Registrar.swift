import FoundationEssentials
import Logging
import SystemPackage

/// Enters what intake finds: the journal first, then whoever has to act on it.
struct Registrar: RecordingLedger {
  let journal: Journal
  let publisher: Publisher
  let log: Logger

  func known(in folder: String) async throws -> [FilePath: FileIdentity] {
    try await journal.known(in: folder)
  }

  func known(at path: FilePath, in folder: String) async throws -> FileIdentity? {
    try await journal.known(at: path)
  }

  func discovered(_ files: [FileIdentity], in folder: String) async throws {
    Self.say(try await journal.meet(files, in: folder), log)
  }

  func take(_ found: FoundRecording) async throws {
    let entry = try await journal.enter(found, earlier: earlierWork(beside: found))
    log.info("a recording has settled", metadata: ["recording.path": "\(found.path)"])
    if entry.hasOldSidecars { await publisher.withdraw(from: entry.recording) }
    if entry.isBack { try await forgetMissing(beside: entry.recording) }
    await publisher.due([entry.recording.id])
  }

  /// A recording is there again, and its sidecars may be gone: those are written again, free.
  private func forgetMissing(beside recording: Recording) async throws {
    guard let folder = try? SidecarFolder(recording.path.removingLastComponent()) else { return }
    let missing = try await journal.sidecars(of: recording.id).filter { _, written in
      if case .nothing? = try? folder.contents(of: written.name) { true } else { false }
    }
    if missing.isEmpty { return }
    try await journal.forget(Array(missing.keys), beside: recording.id)
  }

  /// Says what is held back.
  static func say(_ held: [Journal.Held], _ log: Logger) {
    for held in held {
      log.warning(
        "recordings that were there before wait; dropscribe release lets them go",
        metadata: [
          "folder.name": "\(held.folder)", "task.name": "\(held.task)", "recordings": "\(held.recordings)",
        ]
      )
    }
  }

  func lost(_ path: FilePath, in folder: String) async throws {
    try await journal.lose(path)
    log.info("a recording is gone; what was bought for it is kept", metadata: ["recording.path": "\(path)"])
  }

  /// What a usage sidecar of ours says was done for these bytes. One that cannot be read says nothing: the
  /// same fault will stop the writing of new ones, before anything is bought.
  private func earlierWork(beside found: FoundRecording) -> EarlierWork? {
    guard let name = FileName(lastOf: found.path),
      let folder = try? SidecarFolder(found.path.removingLastComponent())
    else { return nil }
    return try? folder.earlierWork(beside: name, sha256: found.sha256)
  }
}

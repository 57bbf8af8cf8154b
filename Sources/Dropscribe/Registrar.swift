import FoundationEssentials
import Logging
import SystemPackage

/// Enters what intake finds: the journal first, then whoever has to act on it.
struct Registrar: RecordingLedger {
  let journal: Journal
  let publisher: Publisher
  let bell: Bell
  let log: Logger

  func known(in folder: String) async throws -> [FilePath: FileIdentity] {
    try await journal.known(in: folder)
  }

  func known(at path: FilePath, in folder: String) async throws -> FileIdentity? {
    try await journal.known(at: path)
  }

  func discovered(_ files: [FileIdentity], in folder: String) async throws {
    for (task, count) in try await journal.meet(files, in: folder) {
      log.warning(
        "recordings that were there before wait; dropscribe release lets them go",
        metadata: ["folder.name": "\(folder)", "task.name": "\(task)", "recordings": "\(count)"]
      )
    }
    await bell.ring()
  }

  func take(_ found: FoundRecording) async throws {
    let (recording, replaced) = try await journal.enter(found, earlier: earlierWork(beside: found))
    log.info("a recording has settled", metadata: ["recording.path": "\(found.path)"])
    if let replaced { await publisher.withdraw(replaced) }
    await publisher.due([recording.id])
    await bell.ring()
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

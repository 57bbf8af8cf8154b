import Logging
import SystemPackage

/// The way into the daemon: watches all configured folders, waits until a file has settled, hashes it, and hands it to
/// the ledger. One value serves one configuration; for another one it is cancelled and a new one made.
struct Intake: Sendable {
  /// What ``settleOnce(limit:)`` came to.
  struct OnceResult: Equatable, Sendable {
    /// Recordings that the ledger took.
    var taken = 0
    /// Files that had not settled at the limit, or cannot be read.
    var waiting: [FilePath] = []
    /// Folders that are missing or cannot be listed.
    var missing: [FilePath] = []
  }

  /// Files hashed at a time, over all folders: more would only make a disk seek.
  static let readersAtATime = 2

  private let folders: [FolderIntake]

  /// `watcher` is the program `dropscribe-watch`.
  init(
    folders: [FolderConfiguration],
    watcher: FilePath,
    ledger: any RecordingLedger,
    logger: Logger,
    pace: FolderIntake.Pace = FolderIntake.Pace()
  ) {
    let turnstile = Turnstile(Self.readersAtATime)
    self.folders = folders.map { folder in
      FolderIntake(
        folder: folder,
        executable: watcher,
        ledger: ledger,
        turnstile: turnstile,
        logger: logger,
        pace: pace
      )
    }
  }

  /// Works until the task is cancelled. All children have ended when it returns, which takes as long as a megabyte takes
  /// to be hashed.
  func run() async throws {
    await forEachFolder { await $0.run() }
    try Task.checkCancellation()
  }

  /// One scan without watching. Waits until all that it found has settled and is taken; what has not at the limit is
  /// named. What is being read then is finished first.
  func settleOnce(limit: Duration) async throws -> OnceResult {
    let deadline = SuspendingClock().now.advanced(by: limit)
    await forEachFolder { await $0.settle(by: deadline) }
    try Task.checkCancellation()
    var result = OnceResult()
    for status in await status() {
      result.taken += status.taken
      result.waiting += status.waiting.map(\.path) + status.unreadable
      if status.watch == .missing { result.missing.append(status.path) }
    }
    return result
  }

  /// What each folder's intake is doing, in the order of the configuration.
  func status() async -> [FolderStatus] {
    var all: [FolderStatus] = []
    for folder in folders { all.append(await folder.status) }
    return all
  }

  private func forEachFolder(_ work: @escaping @Sendable (FolderIntake) async -> Void) async {
    await withTaskExecutorPreference(FileThreads.shared) {
      await withDiscardingTaskGroup { group in
        for folder in folders { group.addTask { await work(folder) } }
      }
    }
  }
}

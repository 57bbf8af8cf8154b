import Glibc
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import Dropscribe

/// A ledger in memory that can be told to fail.
actor IntakeLedger: RecordingLedger {
  struct Full: Error {}

  private(set) var present: [FilePath: FileIdentity] = [:]
  private(set) var taken: [FoundRecording] = []
  private(set) var discovered: [FileIdentity] = []
  private(set) var discoveredAtFirstTake: Int?
  private(set) var lost: [FilePath] = []
  private var isFailing = false

  init(known: [FilePath: FileIdentity] = [:]) { present = known }

  func fail(_ isFailing: Bool) { self.isFailing = isFailing }

  func known(in folder: String) throws -> [FilePath: FileIdentity] {
    if isFailing { throw Full() }
    return present
  }

  func known(at path: FilePath, in folder: String) throws -> FileIdentity? {
    if isFailing { throw Full() }
    return present[path]
  }

  func discovered(_ files: [FileIdentity], in folder: String) throws {
    if isFailing { throw Full() }
    discovered += files
  }

  func take(_ found: FoundRecording) throws {
    if isFailing { throw Full() }
    discoveredAtFirstTake = discoveredAtFirstTake ?? discovered.count
    taken.append(found)
    present[found.path] = found.identity
  }

  func lost(_ path: FilePath, in folder: String) throws {
    if isFailing { throw Full() }
    lost.append(path)
    present[path] = nil
  }

  func takes(of path: FilePath) -> Int { taken.count { $0.path == path } }
}

/// A real folder, the real watch program and a ledger in memory.
struct IntakeHarness {
  /// Holds ``inbox`` and is not watched itself.
  var outside: FilePath
  var inbox: FilePath
  var ledger: IntakeLedger
  var intake: Intake

  /// Short enough that a test does not drag on, long enough that a busy machine keeps the order.
  static let settleSeconds = 0.3

  static func make(
    in outside: FilePath,
    ledger: IntakeLedger,
    watcher: FilePath = BuiltProducts.executable("dropscribe-watch"),
    _ configure: (inout FolderConfiguration) -> Void
  ) -> IntakeHarness {
    let inbox = outside.appending("inbox")
    var folder = FolderConfiguration(name: "inbox", path: inbox, tasks: ["transcript"])
    folder.settleSeconds = settleSeconds
    folder.quietSeconds = 0.6
    folder.incompleteSeconds = 0.6
    folder.rescanSeconds = 3_600
    folder.polling = .never
    configure(&folder)
    let pace = FolderIntake.Pace(
      poll: .milliseconds(200),
      missing: .milliseconds(100),
      start: .seconds(2),
      retry: .milliseconds(100)
    )
    var logger = Logger(label: "intake") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .trace
    let intake = Intake(
      folders: [folder],
      watcher: watcher,
      ledger: ledger,
      logger: logger,
      pace: pace
    )
    return IntakeHarness(outside: outside, inbox: inbox, ledger: ledger, intake: intake)
  }

  /// Runs an intake while `body` does things to its folder.
  static func run(
    known: IntakeLedger = IntakeLedger(),
    createsInbox: Bool = true,
    waitsForWatch: Bool = true,
    _ configure: (inout FolderConfiguration) -> Void = { _ in },
    body: (IntakeHarness) async throws -> Void
  ) async throws {
    try await IntakeDisk.withFolder { outside in
      let harness = make(in: outside, ledger: known, configure)
      if createsInbox { try IntakeDisk.makeFolder(harness.inbox) }
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try? await harness.intake.run() }
        if waitsForWatch { try await harness.isWatched() }
        try await body(harness)
        group.cancelAll()
      }
    }
  }

  /// Waits until the watch program has said that it is ready and the scan that follows has ended.
  func isWatched() async throws {
    try await eventually("the folder is watched") { await intake.status().first?.watch == .watched }
  }

  func isTaken(_ path: FilePath, times: Int = 1) async throws {
    try await eventually("\(path) is taken") { await ledger.takes(of: path) >= times }
    #expect(await ledger.takes(of: path) == times)
  }

  /// The watch program's process; nil while there is none.
  func watchProcess() -> pid_t? { watchProcesses().first }

  /// All watch programs of this folder.
  func watchProcesses() -> [pid_t] {
    guard let listing = opendir("/proc") else { return [] }
    defer { closedir(listing) }
    var found: [pid_t] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let pid = pid_t(name), let line = try? IntakeDisk.read(FilePath("/proc/\(name)/cmdline")) else {
        continue
      }
      let parts = line.split(separator: 0)
      guard let program = parts.first, let folder = parts.last else { continue }
      if String(decoding: program, as: UTF8.self).hasSuffix("/dropscribe-watch"), Array(folder) == inbox.bytes
      {
        found.append(pid)
      }
    }
    return found
  }
}

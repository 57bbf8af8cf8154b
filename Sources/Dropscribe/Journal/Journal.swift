import FoundationEssentials
import GRDB
import Logging
import Synchronization
import SystemPackage

/// What dropscribe knows for good: recordings, jobs, clips, attempts, replies, sidecars. It is also the
/// queue, so that a restart is the ordinary path.
///
/// One connection to one SQLite file, every commit synced to the disk before it counts. Only the holder of
/// the state's lock opens it. Its methods throw what SQLite throws; a write that failed changed nothing.
final class Journal: Sendable {
  let database: DatabaseQueue
  /// Rings whenever a job may have become ready to be claimed.
  let work = Doorbell()
  /// Rings whenever a job failed for the lack of something that may come.
  let lacking = Doorbell()
  /// Grows with every clip that is cut or comes to its end and every job that ends, in this process. Requests
  /// that come to nothing are no progress: an endpoint that cannot be reached would look busy for good.
  var progress: Int { steps.load(ordering: .relaxed) }
  private let steps = Atomic<Int>(0)
  /// How often the bytes of a recording changed while it was at work, in this process: each is to be found anew.
  var changes: Int { changed.load(ordering: .relaxed) }
  private let changed = Atomic<Int>(0)
  private let agenda = Mutex(Agenda())

  /// Opens the journal in `state`, making it when there is none. A corrupt one is set aside, never deleted.
  init(in state: FilePath, log: Logger) throws {
    let path = state.appending("journal.sqlite").string
    do {
      database = try Self.open(path)
    } catch let error as DatabaseError
      where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    {
      let aside = "\(path).corrupt-\(Int(Date().timeIntervalSince1970))"
      for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
        try FileManager.default.moveItem(atPath: path + suffix, toPath: aside + suffix)
      }
      log.error(
        "the journal was corrupt and is begun anew; usage sidecars tell what was finished",
        metadata: ["journal.path": "\(path)", "journal.aside": "\(aside)", "reason": "\(error)"]
      )
      database = try Self.open(path)
    }
    try database.write { db in
      // What was sent when the last process ended has no reply that arrived.
      try db.execute(sql: "UPDATE attempt SET outcome = 'unknown' WHERE outcome = 'sent'")
      try db.execute(sql: "UPDATE job SET state = 'queued' WHERE state = 'running'")
    }
  }

  private static func open(_ path: String) throws -> DatabaseQueue {
    var settings = GRDB.Configuration()
    settings.label = "journal"
    settings.prepareDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    let database = try DatabaseQueue(path: path, configuration: settings)
    try Schema.migrator.migrate(database)
    try database.read { db in
      guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
        throw DatabaseError(
          resultCode: .SQLITE_MISUSE,
          message: "the journal would not sync every commit to the disk"
        )
      }
      let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
      guard verdict == "ok" else {
        throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: verdict)
      }
    }
    // Where reconciling finds who wants what; the connection's own, as long as it lives.
    try database.write { db in
      try db.execute(
        sql: "CREATE TEMP TABLE wanted (folder TEXT NOT NULL, task TEXT NOT NULL, PRIMARY KEY (folder, task))"
      )
    }
    return database
  }

  /// Runs one transaction. A task that was cancelled still gets its commit: what was paid must be kept.
  func write<Value: Sendable>(
    _ transaction: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await Task { try await database.write(transaction) }.value
  }

  /// Reads one state of everything.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await Task { try await database.read(body) }.value
  }

  /// A clip was cut or came to its end, or a job ended.
  func advance() { steps.wrappingAdd(1, ordering: .relaxed) }

  /// A recording's bytes changed while it was at work.
  func noteChange() { changed.wrappingAdd(1, ordering: .relaxed) }

  var currentAgenda: Agenda { agenda.withLock { $0 } }

  /// Puts `agenda` in the place of the current one, which it returns.
  func replaceAgenda(_ now: Agenda) -> Agenda {
    agenda.withLock { agenda in
      defer { agenda = now }
      return agenda
    }
  }
}

/// JSON in a text column.
enum JSON {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<Value: Decodable>(_ type: Value.Type = Value.self, of text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}

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
  private let agenda: Mutex<Agenda>

  /// What the configuration asks for, as far as the queue must know it.
  struct Agenda: Sendable {
    struct Folder: Sendable {
      var name: String
      var tasks: [String]
      var backlog: FolderConfiguration.Backlog
    }

    var folders: [String: Folder] = [:]
    var questions: [String: Question] = [:]

    /// Before the first configuration: nothing.
    init() {}

    init(_ configuration: Configuration) {
      folders = configuration.folders.mapValues {
        Folder(name: $0.name, tasks: $0.tasks, backlog: $0.backlog)
      }
      questions = configuration.tasks.compactMapValues { task in
        configuration.endpoints[task.endpoint].map { Question(task: task, endpoint: $0) }
      }
    }
  }

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
    agenda = Mutex(Agenda())
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

  var currentAgenda: Agenda { agenda.withLock { $0 } }

  /// Takes over a configuration: at the start, and at every reload.
  ///
  /// A job with a committed reply keeps its question; one without takes the current one; one whose task or
  /// folder is gone is cancelled, and comes back with them.
  func apply(_ configuration: Configuration) throws {
    let now = Agenda(configuration)
    agenda.withLock { $0 = now }
    try database.write { db in
      for folder in now.folders.values {
        for task in folder.tasks {
          try db.execute(
            sql: "INSERT OR IGNORE INTO meeting (folder, task, since) VALUES (?, ?, ?)",
            arguments: [folder.name, task, Date().timeIntervalSince1970]
          )
        }
      }
      let open = try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM job WHERE state IN ('queued', 'backlog', 'running')
          OR (state = 'cancelled' AND reason = ?)
          """,
        arguments: [Self.unconfigured]
      )
      for row in open {
        let job = try Job(row: row)
        let folders = now.folders.values.filter { $0.tasks.contains(job.task) }.map(\.name)
        guard let question = now.questions[job.task],
          try Self.lies(job.sha256, in: folders, db)
        else {
          try db.execute(
            sql: "UPDATE job SET state = 'cancelled', reason = ? WHERE id = ?",
            arguments: [Self.unconfigured, job.id]
          )
          continue
        }
        if job.state == .cancelled {
          try db.execute(
            sql: "UPDATE job SET state = 'queued', reason = NULL WHERE id = ?",
            arguments: [job.id]
          )
        }
        if job.state != .running { try Self.refresh(job, question, db) }
      }
    }
  }

  /// Gives a job the question that the configuration now asks, unless something was bought for it already.
  static func refresh(_ job: Job, _ question: Question, _ db: Database) throws {
    guard question != job.question,
      try Int.fetchOne(
        db,
        sql: "SELECT COUNT(*) FROM clip WHERE job = ? AND reply IS NOT NULL",
        arguments: [job.id]
      ) == 0
    else { return }
    try db.execute(sql: "DELETE FROM clip WHERE job = ?", arguments: [job.id])
    try db.execute(
      sql: "UPDATE job SET question = ?, endpoint = ?, source = NULL WHERE id = ?",
      arguments: [try JSON.text(question), question.endpoint, job.id]
    )
  }

  static let unconfigured = "its task or folder is no longer in the configuration"

  /// Whether these bytes lie, or lay, in one of `folders`.
  private static func lies(_ sha256: String, in folders: [String], _ db: Database) throws -> Bool {
    let known = try String.fetchSet(
      db,
      sql: "SELECT DISTINCT folder FROM recording WHERE sha256 = ?",
      arguments: [sha256]
    )
    return !known.isDisjoint(with: folders)
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

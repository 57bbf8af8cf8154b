import FoundationEssentials
import GRDB

/// What the configuration asks for, as far as the queue must know it.
struct Agenda: Sendable {
  struct Folder: Sendable {
    var name: String
    var tasks: [String]
    var backlog: FolderConfiguration.Backlog
  }

  var folders: [String: Folder] = [:]
  /// By task.
  var questions: [String: Question] = [:]
  /// The endpoints' addresses by name, as questions hold them.
  var addresses: [String: String] = [:]

  /// Before the first configuration: nothing.
  init() {}

  init(_ configuration: Configuration) {
    folders = configuration.folders.mapValues {
      Folder(name: $0.name, tasks: $0.tasks, backlog: $0.backlog)
    }
    questions = configuration.tasks.compactMapValues { task in
      configuration.endpoints[task.endpoint].map { Question(task: task, endpoint: $0) }
    }
    addresses = configuration.endpoints.mapValues { Question.address(of: $0.url) }
  }

  /// The endpoint that `question` can be asked at: the one that it names, else another one at its address.
  func endpoint(for question: Question) -> String? {
    if addresses[question.endpoint] != nil { return question.endpoint }
    return addresses.filter { $0.value == question.address }.keys.min()
  }
}

/// The journal and the configuration: what becomes of jobs when that changes.
extension Journal {
  /// Recordings that were there before and wait for a release.
  struct Held: Hashable, Sendable {
    var folder: String
    var task: String
    var recordings: Int
  }

  static let unconfigured = "its task or folder is no longer in the configuration"
  static let endpointGone =
    "its endpoint is no longer in the configuration; name it again, or buy everything anew with retry --again"

  /// Takes over a configuration: at the start, and at every reload.
  ///
  /// A job with a committed reply keeps its question; one without takes the current one; one whose task, folder
  /// or endpoint is gone is cancelled, and comes back with it. A job at work is left alone until its turn ends.
  ///
  /// - Returns: what a task that is new to a folder found there and held back.
  @discardableResult
  func apply(_ configuration: Configuration) throws -> [Held] {
    let now = Agenda(configuration)
    let before = replaceAgenda(now)
    do {
      let held = try database.write { db in
        try db.execute(sql: "DELETE FROM wanted")
        var held: [Held] = []
        for folder in now.folders.values {
          for task in folder.tasks {
            try db.execute(sql: "INSERT INTO wanted VALUES (?, ?)", arguments: [folder.name, task])
            try db.execute(
              sql: "INSERT OR IGNORE INTO meeting (folder, task, since) VALUES (?, ?, ?)",
              arguments: [folder.name, task, Date().timeIntervalSince1970]
            )
          }
          // A folder that is known may list nothing new for long: what lies there meets the task now.
          let isKnown = try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM recording WHERE folder = ? AND present)",
            arguments: [folder.name]
          )
          if isKnown == true { held += try Self.meet([], folder, now, db) }
        }
        try Self.reconcile(now, db)
        return held
      }
      work.ring()
      return held
    } catch {
      _ = replaceAgenda(before)
      throw error
    }
  }

  /// Brings the jobs that wait, or one of them, in line with the configuration.
  static func reconcile(_ agenda: Agenda, job: Int64? = nil, _ db: Database) throws {
    let one = job.map { "AND job.id = \($0)" } ?? ""
    // These bytes lie, or lay, in a folder with this task.
    let isWanted = """
      EXISTS (SELECT 1 FROM recording JOIN wanted ON wanted.folder = recording.folder
      AND wanted.task = job.task WHERE recording.sha256 = job.sha256)
      """
    try db.execute(
      sql: """
        UPDATE job SET state = CASE WHEN held THEN 'backlog' ELSE 'queued' END, reason = NULL
        WHERE state = 'cancelled' AND reason IN (?, ?) \(one) AND \(isWanted)
        """,
      arguments: [unconfigured, endpointGone]
    )
    try db.execute(
      sql: """
        UPDATE job SET state = 'cancelled', reason = ?
        WHERE state IN ('queued', 'backlog') \(one) AND NOT \(isWanted)
        """,
      arguments: [unconfigured]
    )
    for (task, question) in agenda.questions {
      // Unless something was bought for it already.
      let stale = """
        state IN ('queued', 'backlog') \(one) AND task = ? AND question <> ?
        AND NOT EXISTS (SELECT 1 FROM clip WHERE clip.job = job.id AND reply IS NOT NULL)
        """
      let text = try JSON.text(question)
      try db.execute(
        sql: "DELETE FROM clip WHERE job IN (SELECT id FROM job WHERE \(stale))",
        arguments: [task, text]
      )
      try db.execute(
        sql: "UPDATE job SET question = ?, endpoint = ?, source = NULL WHERE \(stale)",
        arguments: [text, question.endpoint, task, text]
      )
    }
    try reroute(agenda, one, db)
  }

  /// Jobs that have bought something keep their question, but the endpoint may have another name now, or none.
  private static func reroute(_ agenda: Agenda, _ one: String, _ db: Database) throws {
    let names = agenda.addresses.keys.map { $0 }
    let lost = try Row.fetchAll(
      db,
      sql: """
        SELECT id, question FROM job WHERE state IN ('queued', 'backlog') \(one)
        AND endpoint NOT IN (SELECT value FROM json_each(?))
        """,
      arguments: [try JSON.text(names)]
    )
    for row in lost {
      var question: Question = try JSON.value(of: row["question"])
      let id: Int64 = row["id"]
      if let name = agenda.endpoint(for: question) {
        question.endpoint = name
        try db.execute(
          sql: "UPDATE job SET question = ?, endpoint = ? WHERE id = ?",
          arguments: [try JSON.text(question), name, id]
        )
      } else {
        try db.execute(
          sql: "UPDATE job SET state = 'cancelled', reason = ? WHERE id = ?",
          arguments: [endpointGone, id]
        )
      }
    }
  }
}

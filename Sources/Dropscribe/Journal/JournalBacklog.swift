import FoundationEssentials
import GRDB

/// The journal where a recording becomes a job: what a task asks of a folder, and what must wait for a release.
extension Journal {
  /// Decides, for every task that `folder` has not met before, whether what was there already must wait for
  /// a release: when it is more than the configured backlog. `unknown` are the files that a listing has just
  /// found and the journal does not know; they are enqueued one by one later.
  ///
  /// - Returns: what is held back, where anything is.
  @discardableResult
  func meet(_ unknown: [FileIdentity], in folder: String) async throws -> [Held] {
    let agenda = currentAgenda
    guard let plan = agenda.folders[folder] else { return [] }
    let held = try await write { db in try Self.meet(unknown, plan, agenda, db) }
    work.ring()
    return held
  }

  static func meet(_ unknown: [FileIdentity], _ folder: Agenda.Folder, _ agenda: Agenda, _ db: Database)
    throws
    -> [Held]
  {
    var held: [Held] = []
    for task in folder.tasks {
      guard
        let since = try Double.fetchOne(
          db,
          sql: "SELECT since FROM meeting WHERE folder = ? AND task = ? AND held IS NULL",
          arguments: [folder.name, task]
        )
      else { continue }
      let known = try Recording.present(
        "folder = ? AND NOT EXISTS (SELECT 1 FROM job WHERE job.sha256 = recording.sha256 AND task = ?)",
        [folder.name, task],
        db
      )
      let count = Set(known.map(\.sha256)).count + unknown.count { $0.wasThere(before: since) }
      let waits =
        switch folder.backlog {
        case .all: false
        case .none: count > 0
        case .upTo(let limit): count > limit
        }
      try db.execute(
        sql: "UPDATE meeting SET held = ? WHERE folder = ? AND task = ?",
        arguments: [waits, folder.name, task]
      )
      if waits { held.append(Held(folder: folder.name, task: task, recordings: count)) }
      for recording in known { try enqueue(recording, task, agenda, db) }
    }
    return held
  }

  /// Enters a job for `recording`'s bytes and `task`, unless there is one.
  static func enqueue(
    _ recording: Recording,
    _ task: String,
    _ agenda: Agenda,
    earlier: EarlierWork? = nil,
    _ db: Database
  ) throws {
    guard let question = agenda.questions[task] else { return }
    let isHeld =
      try Bool.fetchOne(
        db,
        sql: "SELECT held AND since > ? FROM meeting WHERE folder = ? AND task = ?",
        arguments: [Double(recording.identity.changed) / 1e9, recording.folder, task]
      ) ?? false
    let done = earlier?.tasks.first { $0.task == task }
    let state: Job.State = done != nil ? .done : isHeld ? .backlog : .queued
    let now = Date().timeIntervalSince1970
    try db.execute(
      sql: """
        INSERT INTO job
        (sha256, task, question, endpoint, state, source, created, finished, revision, earlier, held)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256, task) DO NOTHING
        """,
      arguments: [
        recording.sha256, task, try JSON.text(question), question.endpoint, state.rawValue,
        done == nil ? nil : try earlier?.source.map { try JSON.text($0) }, now,
        done.map { $0.finished?.timeIntervalSince1970 ?? now }, done == nil ? 0 : 1, done != nil,
        done == nil && isHeld,
      ]
    )
    if db.changesCount == 0 {
      try takeUp(recording, task, isHeld: isHeld, isDone: done != nil, agenda, db)
    } else if done != nil {
      try db.execute(
        sql: "INSERT OR REPLACE INTO delivery (recording, job, revision) VALUES (?, ?, 1)",
        arguments: [recording.id, db.lastInsertedRowID]
      )
    }
  }

  /// There is a job for these bytes already; what a new place of theirs changes about it.
  private static func takeUp(
    _ recording: Recording,
    _ task: String,
    isHeld: Bool,
    isDone: Bool,
    _ agenda: Agenda,
    _ db: Database
  ) throws {
    let found = try Row.fetchOne(
      db,
      sql: "SELECT * FROM job WHERE sha256 = ? AND task = ?",
      arguments: [recording.sha256, task]
    )
    guard let found else { return }
    let job = try Job(row: found)
    if !isHeld {
      // What somebody brings now is no backlog.
      try db.execute(
        sql: """
          UPDATE job SET held = 0, state = CASE WHEN state = 'backlog' THEN 'queued' ELSE state END WHERE id = ?
          """,
        arguments: [job.id]
      )
    }
    if job.isEarlier, job.state == .done, !isDone {
      let isDelivered = try Bool.fetchOne(
        db,
        sql: "SELECT EXISTS (SELECT 1 FROM delivery WHERE recording = ? AND job = ?)",
        arguments: [recording.id, job.id]
      )
      // Its text stands beside another file only, and the journal that held it is lost.
      if isDelivered != true {
        try db.execute(
          sql: """
            UPDATE job SET state = 'queued', earlier = 0, source = NULL, finished = NULL, held = 0 WHERE id = ?
            """,
          arguments: [job.id]
        )
      }
    }
    try reconcile(agenda, job: job.id, db)
  }

  /// Lets the jobs go that wait because they were there before their folder and task met.
  ///
  /// - Returns: how many.
  func release() async throws -> Int {
    let count = try await write { db in
      try db.execute(sql: "UPDATE meeting SET held = 0 WHERE held")
      try db.execute(sql: "UPDATE job SET held = 0 WHERE held AND state <> 'backlog'")
      try db.execute(sql: "UPDATE job SET state = 'queued', held = 0 WHERE state = 'backlog'")
      return db.changesCount
    }
    work.ring()
    return count
  }
}

extension FileIdentity {
  /// Whether the file came, or was last touched, before `time` (seconds since 1970). A rename and a copy both
  /// set the change time, which nobody can set at will.
  fileprivate func wasThere(before time: Double) -> Bool { Double(changed) / 1e9 < time }
}

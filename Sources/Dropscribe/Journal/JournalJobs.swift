import FoundationEssentials
import GRDB
import SystemPackage

/// The journal as a queue of jobs.
extension Journal {
  /// A job to work on, with a recording that holds its bytes.
  struct Claim: Sendable {
    var job: Job
    var recording: Recording
    /// The clips that are known, in order: the cuts that stand.
    var clips: [Clip]
  }

  /// Takes the next job for `endpoint` that has a present recording, and marks it as running.
  ///
  /// - Parameters:
  ///   - fresh: whether jobs that have not begun go before those that have, so that a short recording never
  ///     waits for a long one; otherwise the other way round.
  ///   - except: jobs that must wait a while.
  func claim(endpoint: String, fresh: Bool, except: Set<Int64>) async throws -> Claim? {
    try await write { db in
      let skip = except.map(String.init).joined(separator: ",")
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT job.*, (source IS NOT NULL) AS begun FROM job
          WHERE state = 'queued' AND endpoint = ? AND id NOT IN (\(skip))
          AND EXISTS (SELECT 1 FROM recording WHERE recording.sha256 = job.sha256 AND present)
          ORDER BY begun \(fresh ? "ASC" : "DESC"), id LIMIT 1
          """,
        arguments: [endpoint]
      )
      guard let row else { return nil }
      var job = try Job(row: row)
      guard let recording = try Recording.present("sha256 = ?", [job.sha256], db).first else { return nil }
      job.state = .running
      try db.execute(sql: "UPDATE job SET state = 'running', reason = NULL WHERE id = ?", arguments: [job.id])
      return Claim(job: job, recording: recording, clips: try Clip.all(of: job.id, db))
    }
  }

  /// A job as it stands; nil when there is none with this id.
  func job(_ id: Int64) async throws -> Job? {
    try await read { db in
      try Row.fetchOne(db, sql: "SELECT * FROM job WHERE id = ?", arguments: [id]).map(Job.init(row:))
    }
  }

  /// The job that `task` has for the recording at `path`, with its clips; nil when there is none.
  func job(at path: FilePath, task: String) async throws -> (job: Job, clips: [Clip])? {
    try await read { db in
      guard
        let row = try Row.fetchOne(
          db,
          sql: """
            SELECT job.* FROM job JOIN recording ON recording.sha256 = job.sha256 AND present
            WHERE recording.path = ? AND task = ?
            """,
          arguments: [Data(path.bytes), task]
        )
      else { return nil }
      let job = try Job(row: row)
      return (job, try Clip.all(of: job.id, db))
    }
  }

  /// Whether a job for `endpoint` waits that has not begun.
  func hasFresh(endpoint: String) async throws -> Bool {
    try await read { db in
      try Bool.fetchOne(
        db,
        sql: """
          SELECT EXISTS (SELECT 1 FROM job WHERE state = 'queued' AND endpoint = ? AND source IS NULL
          AND EXISTS (SELECT 1 FROM recording WHERE recording.sha256 = job.sha256 AND present))
          """,
        arguments: [endpoint]
      ) ?? false
    }
  }

  /// Keeps what the slicer found out about a running job's recording.
  func learn(_ source: SourceFacts, job: Int64) async throws {
    try await write { db in
      try db.execute(
        sql: "UPDATE job SET source = ? WHERE id = ?",
        arguments: [try JSON.text(source), job]
      )
    }
  }

  /// Puts a running job back into the queue; what it bought stays.
  func requeue(_ job: Int64, reason: String? = nil) async throws {
    let agenda = currentAgenda
    try await write { db in
      // The configuration may have changed while it was at work.
      if let row = try Row.fetchOne(db, sql: "SELECT * FROM job WHERE id = ?", arguments: [job]),
        let question = agenda.questions[row["task"]]
      {
        try Self.refresh(try Job(row: row), question, db)
      }
      try db.execute(
        sql: "UPDATE job SET state = 'queued', reason = ? WHERE id = ? AND state = 'running'",
        arguments: [reason, job]
      )
    }
  }

  /// Ends a running job.
  func finish(_ job: Int64, _ state: Job.State, reason: String?) async throws {
    try await write { db in
      try db.execute(
        sql: """
          UPDATE job SET state = ?, reason = ?, finished = ?, revision = revision + 1
          WHERE id = ? AND state = 'running'
          """,
        arguments: [state.rawValue, reason, Date().timeIntervalSince1970, job]
      )
    }
  }

  /// The bytes changed under a running job: nothing that was cut since can be trusted, `clips` are dropped,
  /// and the recording waits for intake to find its new bytes.
  func discard(clips: [Int64], of job: Int64, recording: Int64) async throws {
    try await write { db in
      for clip in clips { try db.execute(sql: "DELETE FROM clip WHERE id = ?", arguments: [clip]) }
      try db.execute(sql: "UPDATE recording SET present = 0 WHERE id = ?", arguments: [recording])
      try db.execute(sql: "UPDATE job SET state = 'queued' WHERE id = ?", arguments: [job])
    }
  }

  /// Lets the jobs go that wait because they were there before their folder and task met.
  ///
  /// - Returns: how many.
  func release() async throws -> Int {
    try await write { db in
      try db.execute(sql: "UPDATE meeting SET held = 0 WHERE held")
      try db.execute(sql: "UPDATE job SET state = 'queued' WHERE state = 'backlog'")
      return db.changesCount
    }
  }

  /// What `retry` shall do with the jobs that it names.
  enum Retry: Sendable {
    /// Ask again for gaps and failures; rewrite the sidecars of the rest, free.
    case mend
    /// Buy everything anew.
    case again
  }

  /// Reopens final jobs: those of the recordings at `paths`, or every one that failed or has gaps when
  /// `paths` is nil; those of one `task` only when it is given.
  ///
  /// - Returns: the ids of the jobs that will ask their endpoint again, and of those that only have their
  ///   sidecars written again.
  func retry(paths: [FilePath]?, task: String?, _ retry: Retry) async throws -> (
    asked: [Int64], rewritten: [Int64]
  ) {
    try await write { db in
      var rows: [Row] = []
      if let paths {
        for path in paths {
          rows += try Row.fetchAll(
            db,
            sql: """
              SELECT job.* FROM job JOIN recording ON recording.sha256 = job.sha256
              WHERE recording.path = ? AND present AND state IN ('done', 'failed', 'cancelled')
              """,
            arguments: [Data(path.bytes)]
          )
        }
      } else {
        rows = try Row.fetchAll(
          db,
          sql: """
            SELECT * FROM job WHERE state = 'failed' OR (state = 'done' AND EXISTS (
            SELECT 1 FROM clip WHERE clip.job = job.id AND clip.state = 'gap'))
            """
        )
      }
      var asked: [Int64] = []
      var rewritten: [Int64] = []
      for row in rows where task == nil || task == row["task"] {
        let id: Int64 = row["id"]
        if retry == .again {
          try db.execute(sql: "DELETE FROM clip WHERE job = ?", arguments: [id])
        } else {
          try db.execute(
            sql: """
              UPDATE attempt SET forgiven = 1
              WHERE clip IN (SELECT id FROM clip WHERE job = ? AND state = 'gap')
              """,
            arguments: [id]
          )
          try db.execute(
            sql: """
              UPDATE clip SET state = 'pending', gap = NULL, detail = NULL, reply = NULL
              WHERE job = ? AND state = 'gap'
              """,
            arguments: [id]
          )
          let mends = db.changesCount > 0
          if row["state"] == Job.State.done.rawValue, !mends {
            try db.execute(sql: "UPDATE job SET revision = revision + 1 WHERE id = ?", arguments: [id])
            rewritten.append(id)
            continue
          }
        }
        // A job that an older usage sidecar spoke for is this journal's own from here on.
        try db.execute(
          sql: """
            UPDATE job SET state = 'queued', reason = NULL, finished = NULL, earlier = 0 WHERE id = ?
            """,
          arguments: [id]
        )
        asked.append(id)
      }
      return (asked, rewritten)
    }
  }
}

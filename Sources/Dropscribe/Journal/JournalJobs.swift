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
    let skip = try JSON.text(except.sorted())
    return try await write { db in
      for begun in fresh ? [false, true] : [true, false] {
        let row = try Row.fetchOne(
          db,
          sql: """
            SELECT * FROM job WHERE state = 'queued' AND endpoint = ? AND begun = ?
            AND id NOT IN (SELECT value FROM json_each(?))
            AND EXISTS (SELECT 1 FROM recording WHERE recording.sha256 = job.sha256 AND present)
            ORDER BY id LIMIT 1
            """,
          arguments: [endpoint, begun, skip]
        )
        guard let row else { continue }
        var job = try Job(row: row)
        guard let recording = try Recording.present("sha256 = ?", [job.sha256], db).first else { continue }
        job.state = .running
        try db.execute(
          sql: "UPDATE job SET state = 'running', reason = NULL WHERE id = ?",
          arguments: [job.id]
        )
        return Claim(job: job, recording: recording, clips: try Clip.all(of: job.id, db))
      }
      return nil
    }
  }

  /// The jobs for `endpoint` that wait and whose recording lies right in `directory`.
  func queued(in directory: FilePath, endpoint: String) async throws -> Set<Int64> {
    // Every path below begins with the directory and a slash; a zero is what follows a slash.
    let (first, last) = (Array(directory.bytes) + [0x2F], Array(directory.bytes) + [0x30])
    return try await read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT job.id, path FROM recording JOIN job ON job.sha256 = recording.sha256
          WHERE present AND path >= ? AND path < ? AND state = 'queued' AND endpoint = ?
          """,
        arguments: [Data(first), Data(last), endpoint]
      )
      let near = rows.filter { row in
        !(row["path"] as Data).dropFirst(first.count).contains(0x2F)
      }
      return Set(near.map { $0["id"] })
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
          SELECT EXISTS (SELECT 1 FROM job WHERE state = 'queued' AND endpoint = ? AND begun = 0
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

  /// Puts a running job back into the queue; what it bought stays. The configuration may have changed while it
  /// was at work: it is looked at now.
  func requeue(_ job: Int64, reason: String? = nil) async throws {
    let agenda = currentAgenda
    try await write { db in
      try db.execute(
        sql: "UPDATE job SET state = 'queued', reason = ? WHERE id = ? AND state = 'running'",
        arguments: [reason, job]
      )
      try Self.reconcile(agenda, job: job, db)
    }
    work.ring()
  }

  /// Ends a running job. One that failed for the lack of something waits for ``resume(lacking:)``.
  func finish(_ job: Int64, _ state: Job.State, reason: String?, lacks: Job.Lack? = nil) async throws {
    try await write { db in
      try db.execute(
        sql: """
          UPDATE job SET state = ?, reason = ?, lacks = ?, finished = ?, revision = revision + 1
          WHERE id = ? AND state = 'running'
          """,
        arguments: [state.rawValue, reason, lacks?.rawValue, Date().timeIntervalSince1970, job]
      )
    }
    advance()
    if lacks != nil { lacking.ring() }
  }

  /// Whether a job failed for the lack of this.
  func isLacking(_ lack: Job.Lack) async throws -> Bool {
    try await read { db in
      try Bool.fetchOne(
        db,
        sql: "SELECT EXISTS (SELECT 1 FROM job WHERE lacks = ? AND state = 'failed')",
        arguments: [lack.rawValue]
      ) ?? false
    }
  }

  /// Puts the jobs back into the queue that failed for the lack of this.
  ///
  /// - Returns: how many.
  @discardableResult
  func resume(lacking lack: Job.Lack) async throws -> Int {
    let agenda = currentAgenda
    let count = try await write { db in
      try db.execute(
        sql: """
          UPDATE job SET state = 'queued', reason = NULL, finished = NULL, source = NULL
          WHERE lacks = ? AND state = 'failed'
          """,
        arguments: [lack.rawValue]
      )
      let count = db.changesCount
      if count > 0 { try Self.reconcile(agenda, db) }
      return count
    }
    work.ring()
    return count
  }

  /// The bytes changed under a running job, whose claim had the clips `standing`: nothing that came of `clips`
  /// since can be trusted. Those that stood are asked again, later ones are cut again, and the recording waits
  /// for intake to find its new bytes.
  func discard(clips: [Int64], standing: [Int64], of job: Int64, recording: Int64) async throws {
    let agenda = currentAgenda
    try await write { db in
      let stood = Set(standing)
      for clip in clips {
        if stood.contains(clip) {
          try db.execute(
            sql: "UPDATE clip SET state = 'pending', gap = NULL, detail = NULL, reply = NULL WHERE id = ?",
            arguments: [clip]
          )
        } else {
          try db.execute(sql: "DELETE FROM clip WHERE id = ?", arguments: [clip])
        }
      }
      try db.execute(sql: "UPDATE recording SET present = 0 WHERE id = ?", arguments: [recording])
      try db.execute(
        sql: "UPDATE job SET state = 'queued' WHERE id = ? AND state = 'running'",
        arguments: [job]
      )
      try Self.reconcile(agenda, job: job, db)
    }
    noteChange()
    work.ring()
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
    let agenda = currentAgenda
    let result = try await write { db in
      var asked: [Int64] = []
      var rewritten: [Int64] = []
      for row in try Self.retryable(paths, db) where task == nil || task == row["task"] {
        let id: Int64 = row["id"]
        let isDone = row["state"] == Job.State.done.rawValue
        switch retry {
        case .again:
          try db.execute(sql: "DELETE FROM clip WHERE job = ?", arguments: [id])
        case .mend where try !Self.mend(id, db) && isDone:
          try db.execute(sql: "UPDATE job SET revision = revision + 1 WHERE id = ?", arguments: [id])
          rewritten.append(id)
          continue
        case .mend: break
        }
        // A job that an older usage sidecar spoke for is this journal's own from here on. What is known of the
        // source counts for nothing: a failure may have cut it short.
        try db.execute(
          sql: """
            UPDATE job SET state = 'queued', reason = NULL, finished = NULL, source = NULL, earlier = 0, held = 0
            WHERE id = ?
            """,
          arguments: [id]
        )
        try Self.reconcile(agenda, job: id, db)
        let state = try String.fetchOne(db, sql: "SELECT state FROM job WHERE id = ?", arguments: [id])
        if state == Job.State.queued.rawValue { asked.append(id) }
      }
      return (asked: asked, rewritten: rewritten)
    }
    work.ring()
    return result
  }

  /// The jobs that `retry` may reopen; a job with two of the paths is named once.
  private static func retryable(_ paths: [FilePath]?, _ db: Database) throws -> [Row] {
    guard let paths else {
      return try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM job WHERE state = 'failed' OR (state = 'done' AND id IN (
          SELECT job FROM clip WHERE state = 'gap')) ORDER BY id
          """
      )
    }
    var ids: Set<Int64> = []
    var rows: [Row] = []
    for path in paths {
      rows += try Row.fetchAll(
        db,
        sql: """
          SELECT job.* FROM job JOIN recording ON recording.sha256 = job.sha256
          WHERE recording.path = ? AND present AND state IN ('done', 'failed', 'cancelled') ORDER BY job.id
          """,
        arguments: [Data(path.bytes)]
      ).filter { ids.insert($0["id"]).inserted }
    }
    return rows
  }

  /// Makes a job's gaps pending again, with a clean slate each.
  ///
  /// - Returns: whether there were any.
  private static func mend(_ job: Int64, _ db: Database) throws -> Bool {
    try db.execute(
      sql:
        "UPDATE attempt SET forgiven = 1 WHERE clip IN (SELECT id FROM clip WHERE job = ? AND state = 'gap')",
      arguments: [job]
    )
    try db.execute(
      sql: """
        UPDATE clip SET state = 'pending', gap = NULL, detail = NULL, reply = NULL
        WHERE job = ? AND state = 'gap'
        """,
      arguments: [job]
    )
    return db.changesCount > 0
  }
}

import FoundationEssentials
import GRDB
import SystemPackage

/// The journal as others read it: how things stand.
extension Journal {
  /// How every job of a present recording stands, oldest first; the newest `limit` of those that are done.
  func standings(doneLimit limit: Int) async throws -> (lines: [JobStatus], counts: [String: Int]) {
    try await read { db in
      let counts = try Row.fetchAll(
        db,
        sql: """
          SELECT state, COUNT(*) AS n FROM job JOIN recording ON recording.sha256 = job.sha256 AND present
          GROUP BY state
          """
      )
      let lines = try Row.fetchAll(
        db,
        sql: """
          SELECT recording.path, recording.folder, job.task, job.state, job.reason, job.source,
            COUNT(clip.id) AS clips, COALESCE(SUM(clip.state <> 'pending'), 0) AS final,
            COALESCE(SUM(clip.state = 'gap'), 0) AS gaps,
            COALESCE(SUM(json_extract(clip.reply, '$.usage.promptTokens')), 0) AS prompt,
            COALESCE(SUM(json_extract(clip.reply, '$.usage.completionTokens')), 0) AS completion
          FROM job JOIN recording ON recording.sha256 = job.sha256 AND present
          LEFT JOIN clip ON clip.job = job.id
          WHERE job.state <> 'done' OR job.id IN (
            SELECT id FROM job WHERE state = 'done' ORDER BY finished DESC LIMIT ?)
          GROUP BY job.id, recording.id ORDER BY job.id, recording.id
          """,
        arguments: [limit]
      ).map { row in
        JobStatus(
          path: FilePath(bytes: Array(row["path"] as Data)).string,
          folder: row["folder"],
          task: row["task"],
          state: row["state"],
          reason: row["reason"],
          seconds: try (row["source"] as String?).flatMap {
            try JSON.value(SourceFacts.self, of: $0).seconds
          },
          clips: row["clips"],
          clipsFinal: row["final"],
          gaps: row["gaps"],
          promptTokens: row["prompt"],
          completionTokens: row["completion"]
        )
      }
      return (
        lines, Dictionary(uniqueKeysWithValues: counts.map { ($0["state"] as String, $0["n"] as Int) })
      )
    }
  }

  /// A job that is not final, or that ended badly.
  struct OpenJob: Sendable {
    var path: FilePath
    var task: String
    var state: Job.State
    var reason: String?
  }

  /// What is left to do for present recordings.
  struct Load: Hashable, Sendable {
    /// Whether jobs wait for their turn.
    var isQueued: Bool
    /// Whether jobs are at work.
    var isRunning: Bool
  }

  /// Cheap however many jobs there are: it may be asked often.
  func load() async throws -> Load {
    try await read { db in
      func exists(_ state: Job.State) throws -> Bool {
        try Bool.fetchOne(
          db,
          sql: """
            SELECT EXISTS (SELECT 1 FROM job WHERE state = ?
            AND EXISTS (SELECT 1 FROM recording WHERE recording.sha256 = job.sha256 AND present))
            """,
          arguments: [state.rawValue]
        ) ?? false
      }
      return Load(isQueued: try exists(.queued), isRunning: try exists(.running))
    }
  }

  /// The jobs of present recordings that are not final, each with one of its places.
  func openJobs() async throws -> [OpenJob] {
    try await jobs("state IN ('queued', 'running', 'backlog')")
  }

  /// The jobs of present recordings that failed or have gaps, each with one of its places.
  func troubledJobs() async throws -> [OpenJob] {
    try await jobs("(state = 'failed' OR job.id IN (SELECT job FROM clip WHERE clip.state = 'gap'))")
  }

  private func jobs(_ condition: String) async throws -> [OpenJob] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT MIN(recording.id), recording.path, task, state, reason FROM job
          JOIN recording ON recording.sha256 = job.sha256 AND present
          WHERE \(condition) GROUP BY job.id ORDER BY job.id
          """
      ).map { row in
        OpenJob(
          path: FilePath(bytes: Array(row["path"] as Data)),
          task: row["task"],
          state: try Job.State(row, "state"),
          reason: row["reason"]
        )
      }
    }
  }

  /// Whether the journal can be read: the heartbeat's question.
  func answers() async throws -> Bool {
    try await read { db in try Int.fetchOne(db, sql: "SELECT 1") == 1 }
  }
}

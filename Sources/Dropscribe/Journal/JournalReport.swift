import FoundationEssentials
import GRDB
import SystemPackage

/// The journal as others read it: what must be written beside the recordings, and how things stand.
extension Journal {
  /// Everything about a recording that its sidecars say.
  struct Story: Sendable {
    var recording: Recording
    /// In the order of the folder's tasks, then those that are no longer configured.
    var jobs: [(job: Job, clips: [Clip])]
    /// What stands beside the recording.
    var sidecars: [SidecarKind: WrittenSidecar]
    /// The jobs whose present revision is not yet beside the recording.
    var undelivered: Set<Int64>
  }

  /// The present recordings whose sidecars do not show the last end of one of their jobs.
  func undelivered() async throws -> [Int64] {
    try await read { db in
      try Int64.fetchAll(
        db,
        sql: """
          SELECT DISTINCT recording.id FROM recording JOIN job ON job.sha256 = recording.sha256
          LEFT JOIN delivery ON delivery.recording = recording.id AND delivery.job = job.id
          WHERE present AND job.state IN ('done', 'failed')
          AND (delivery.revision IS NULL OR delivery.revision < job.revision) ORDER BY recording.id
          """
      )
    }
  }

  /// Everything about one recording; nil when it is no longer present.
  func story(of recording: Int64) async throws -> Story? {
    let agenda = currentAgenda
    return try await read { db in
      guard let found = try Recording.present("id = ?", [recording], db).first else { return nil }
      let order = agenda.folders[found.folder]?.tasks ?? []
      let jobs = try Row.fetchAll(
        db,
        sql: "SELECT * FROM job WHERE sha256 = ? ORDER BY id",
        arguments: [found.sha256]
      ).map(Job.init(row:))
        // A task that only another folder has is not this recording's.
        .filter { order.contains($0.task) || $0.state.isFinal }
      let delivered = try Row.fetchAll(
        db,
        sql: "SELECT job, revision FROM delivery WHERE recording = ?",
        arguments: [recording]
      )
      let revisions = Dictionary(
        delivered.map { ($0["job"] as Int64, $0["revision"] as Int) },
        uniquingKeysWith: max
      )
      let mine = jobs.filter { order.contains($0.task) || revisions[$0.id] != nil }
      return Story(
        recording: found,
        jobs: try mine.sorted {
          (order.firstIndex(of: $0.task) ?? .max, $0.id) < (order.firstIndex(of: $1.task) ?? .max, $1.id)
        }
        .map { ($0, try Clip.all(of: $0.id, db)) },
        sidecars: try Self.sidecars(of: recording, db),
        undelivered: Set(
          mine.filter { ($0.state == .done || $0.state == .failed) && (revisions[$0.id] ?? -1) < $0.revision }
            .map(\.id)
        )
      )
    }
  }

  /// Keeps what now stands beside a recording, and that it shows `jobs` as they were when the story was told.
  func delivered(
    _ recording: Int64,
    sidecars: [SidecarKind: WrittenSidecar],
    jobs: [Job]
  ) async throws {
    try await write { db in
      try Self.keep(sidecars, beside: recording, db)
      for job in jobs where job.state == .done || job.state == .failed {
        try db.execute(
          sql: "INSERT OR REPLACE INTO delivery (recording, job, revision) VALUES (?, ?, ?)",
          arguments: [recording, job.id, job.revision]
        )
      }
    }
  }

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

  /// The jobs of present recordings that are not final.
  func openJobs() async throws -> [OpenJob] {
    try await jobs("state IN ('queued', 'running', 'backlog')")
  }

  /// The jobs of present recordings that failed or have gaps.
  func troubledJobs() async throws -> [OpenJob] {
    try await jobs(
      "state = 'failed' OR EXISTS (SELECT 1 FROM clip WHERE clip.job = job.id AND clip.state = 'gap')"
    )
  }

  private func jobs(_ condition: String) async throws -> [OpenJob] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT job.*, recording.path FROM job
          JOIN recording ON recording.sha256 = job.sha256 AND present
          WHERE \(condition) GROUP BY job.id ORDER BY job.id
          """
      ).map { row in
        let job = try Job(row: row)
        return OpenJob(
          path: FilePath(bytes: Array(row["path"] as Data)),
          task: job.task,
          state: job.state,
          reason: job.reason
        )
      }
    }
  }

  /// A number that changes with every clip and every job that comes to an end. Requests that come to nothing
  /// are no progress: an endpoint that cannot be reached would look busy for good.
  func moves() async throws -> Int {
    try await read { db in
      try Int.fetchOne(
        db,
        sql: """
          SELECT (SELECT COUNT(*) FROM clip WHERE state <> 'pending')
          + (SELECT COALESCE(SUM(revision), 0) FROM job)
          """
      ) ?? 0
    }
  }

  /// Whether the journal can be read: the heartbeat's question.
  func answers() async throws -> Bool {
    try await read { db in try Int.fetchOne(db, sql: "SELECT 1") == 1 }
  }
}

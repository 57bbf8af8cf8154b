import FoundationEssentials
import GRDB
import SystemPackage

/// The journal as the keeper of what stands, and what must be written, beside the recordings.
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
      try db.execute(sql: "DELETE FROM sidecar WHERE recording = ?", arguments: [recording])
      for (kind, written) in sidecars {
        try Self.keep(written, kind, beside: recording, replacing: true, db)
      }
      for job in jobs where job.state == .done || job.state == .failed {
        try db.execute(
          sql: "INSERT OR REPLACE INTO delivery (recording, job, revision) VALUES (?, ?, ?)",
          arguments: [recording, job.id, job.revision]
        )
      }
    }
  }

  /// What stands beside a recording and tells of other bytes, which lay at its path before; nothing once its own
  /// was written.
  func inheritedSidecars(of recording: Int64) async throws -> [SidecarKind: WrittenSidecar] {
    try await read { db in
      let isDelivered = try Bool.fetchOne(
        db,
        sql: "SELECT EXISTS (SELECT 1 FROM delivery WHERE recording = ?)",
        arguments: [recording]
      )
      return isDelivered == true ? [:] : try Self.sidecars(of: recording, db)
    }
  }

  /// What is known to stand beside a recording.
  private static func sidecars(of recording: Int64, _ db: Database) throws -> [SidecarKind: WrittenSidecar] {
    var sidecars: [SidecarKind: WrittenSidecar] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT * FROM sidecar WHERE recording = ?", arguments: [recording])
    {
      guard let kind = SidecarKind(rawValue: row["kind"]), let name = FileName(bytes: row["name"] as Data)
      else { continue }
      sidecars[kind] = WrittenSidecar(name: name, sha256: row["sha256"], meaning: row["meaning"])
    }
    return sidecars
  }

  /// Keeps what stands beside a recording; where another one of its kind is known, only when `replacing` it.
  static func keep(
    _ written: WrittenSidecar,
    _ kind: SidecarKind,
    beside recording: Int64,
    replacing: Bool,
    _ db: Database
  ) throws {
    try db.execute(
      sql: """
        INSERT OR \(replacing ? "REPLACE" : "IGNORE") INTO sidecar (recording, kind, name, sha256, meaning)
        VALUES (?, ?, ?, ?, ?)
        """,
      arguments: [recording, kind.rawValue, Data(written.name.bytes), written.sha256, written.meaning]
    )
  }

  /// Hands the sidecars of other bytes that lay at a recording's path over to it: they are replaced by its own,
  /// or withdrawn, whatever happens in between. Should the old bytes come back, theirs are written anew.
  ///
  /// - Returns: whether there were any.
  static func inheritSidecars(_ recording: Recording, _ db: Database) throws -> Bool {
    let others = try Int64.fetchAll(
      db,
      sql: """
        SELECT id FROM recording WHERE path = ? AND id <> ?
        AND EXISTS (SELECT 1 FROM sidecar WHERE sidecar.recording = recording.id) ORDER BY id DESC
        """,
      arguments: [Data(recording.path.bytes), recording.id]
    )
    for other in others {
      try db.execute(
        sql: "UPDATE OR IGNORE sidecar SET recording = ? WHERE recording = ?",
        arguments: [recording.id, other]
      )
      try db.execute(sql: "DELETE FROM sidecar WHERE recording = ?", arguments: [other])
      try db.execute(
        sql: "DELETE FROM delivery WHERE recording IN (?, ?)",
        arguments: [recording.id, other]
      )
    }
    return !others.isEmpty
  }

  /// Forgets the sidecars of these kinds, which stand beside a recording no more: they are to be written again.
  func forget(_ kinds: [SidecarKind], beside recording: Int64) async throws {
    try await write { db in
      for kind in kinds {
        try db.execute(
          sql: "DELETE FROM sidecar WHERE recording = ? AND kind = ?",
          arguments: [recording, kind.rawValue]
        )
      }
      try db.execute(sql: "DELETE FROM delivery WHERE recording = ?", arguments: [recording])
    }
  }

  /// What is known to stand beside a recording.
  func sidecars(of recording: Int64) async throws -> [SidecarKind: WrittenSidecar] {
    try await read { db in try Self.sidecars(of: recording, db) }
  }

  /// Forgets what stood beside a recording: it was withdrawn.
  func withdrawn(_ recording: Int64) async throws {
    try await write { db in
      try db.execute(sql: "DELETE FROM sidecar WHERE recording = ?", arguments: [recording])
    }
  }
}

import FoundationEssentials
import GRDB
import SystemPackage

/// The journal as intake sees it: what lies in the folders.
extension Journal {
  /// What is known of the files in `folder` (its name in the configuration), those present only.
  func known(in folder: String) async throws -> [FilePath: FileIdentity] {
    try await read { db in
      var known: [FilePath: FileIdentity] = [:]
      let rows = try Row.fetchCursor(
        db,
        sql: "SELECT * FROM recording WHERE folder = ? AND present",
        arguments: [folder]
      )
      while let row = try rows.next() {
        known[FilePath(bytes: Array(row["path"] as Data))] = FileIdentity(row: row)
      }
      return known
    }
  }

  /// What is known of the file at `path`; nil when nothing is.
  func known(at path: FilePath) async throws -> FileIdentity? {
    try await read { db in
      try Row.fetchOne(
        db,
        sql: "SELECT * FROM recording WHERE path = ? AND present",
        arguments: [Data(path.bytes)]
      ).map(FileIdentity.init(row:))
    }
  }

  /// Decides, for every task that `folder` has not met before, whether what was there already must wait for
  /// a release: when it is more than the configured backlog. `unknown` are the files that a listing has just
  /// found and the journal does not know; they are enqueued one by one later.
  ///
  /// - Returns: by task, how many recordings are held back, where any are.
  @discardableResult
  func meet(_ unknown: [FileIdentity], in folder: String) async throws -> [String: Int] {
    let agenda = currentAgenda
    guard let plan = agenda.folders[folder] else { return [:] }
    return try await write { db in
      var held: [String: Int] = [:]
      for task in plan.tasks {
        guard
          let since = try Double.fetchOne(
            db,
            sql: "SELECT since FROM meeting WHERE folder = ? AND task = ? AND held IS NULL",
            arguments: [folder, task]
          )
        else { continue }
        let known = try Recording.present(
          "folder = ? AND NOT EXISTS (SELECT 1 FROM job WHERE job.sha256 = recording.sha256 AND task = ?)",
          [folder, task],
          db
        )
        let count = known.count + unknown.count { $0.wasThere(before: since) }
        let waits =
          switch plan.backlog {
          case .all: false
          case .none: count > 0
          case .upTo(let limit): count > limit
          }
        try db.execute(
          sql: "UPDATE meeting SET held = ? WHERE folder = ? AND task = ?",
          arguments: [waits, folder, task]
        )
        if waits { held[task] = count }
        for recording in known {
          try Self.enqueue(recording, task, agenda, db)
        }
      }
      return held
    }
  }

  /// Enters a settled recording and a job for each task of its folder that its bytes have not had.
  ///
  /// - Parameter earlier: what a usage sidecar of ours beside the file says was done: it is bought no more.
  /// - Returns: the recording, and the one that lay at this path before when its bytes were others.
  @discardableResult
  func enter(
    _ found: FoundRecording,
    earlier: EarlierWork?
  ) async throws -> (recording: Recording, replaced: Recording?) {
    let agenda = currentAgenda
    return try await write { db in
      let path = Data(found.path.bytes)
      let before = try Row.fetchOne(
        db,
        sql: "SELECT * FROM recording WHERE path = ? AND present",
        arguments: [path]
      ).map(Recording.init(row:))
      let identity = found.identity
      let facts: [any DatabaseValueConvertible] = [
        found.folder, Int64(bitPattern: identity.device), Int64(bitPattern: identity.inode), identity.size,
        identity.modified, identity.changed,
      ]
      var id: Int64
      if let before, before.sha256 == found.sha256 {
        id = before.id
        try db.execute(
          sql: """
            UPDATE recording SET folder = ?, device = ?, inode = ?, size = ?, modified = ?, changed = ?
            WHERE id = ?
            """,
          arguments: StatementArguments(facts + [id])
        )
      } else {
        if let before {
          try db.execute(sql: "UPDATE recording SET present = 0 WHERE id = ?", arguments: [before.id])
        }
        // A file that went away and came back is the same recording, with the sidecars that it has.
        let earlier = try Int64.fetchOne(
          db,
          sql: "SELECT id FROM recording WHERE path = ? AND sha256 = ? ORDER BY id DESC",
          arguments: [path, found.sha256]
        )
        if let earlier {
          id = earlier
          try db.execute(
            sql: """
              UPDATE recording SET folder = ?, device = ?, inode = ?, size = ?, modified = ?, changed = ?,
              present = 1 WHERE id = ?
              """,
            arguments: StatementArguments(facts + [id])
          )
        } else {
          try db.execute(
            sql: """
              INSERT INTO recording (folder, device, inode, size, modified, changed, path, sha256, present, seen)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
              """,
            arguments: StatementArguments(
              facts + [path, found.sha256, Date().timeIntervalSince1970]
            )
          )
          id = db.lastInsertedRowID
        }
      }
      let recording = Recording(
        id: id,
        path: found.path,
        folder: found.folder,
        identity: identity,
        sha256: found.sha256,
        isPresent: true
      )
      for task in agenda.folders[found.folder]?.tasks ?? [] {
        try Self.enqueue(recording, task, agenda, earlier: earlier, db)
      }
      return (recording, before?.sha256 == found.sha256 ? nil : before)
    }
  }

  /// Enters a job for `recording`'s bytes and `task`, unless there is one.
  private static func enqueue(
    _ recording: Recording,
    _ task: String,
    _ agenda: Agenda,
    earlier: EarlierWork? = nil,
    _ db: Database
  ) throws {
    guard let question = agenda.questions[task] else { return }
    let held = try Bool.fetchOne(
      db,
      sql: "SELECT held AND since > ? FROM meeting WHERE folder = ? AND task = ?",
      arguments: [Double(recording.identity.changed) / 1e9, recording.folder, task]
    )
    let done = earlier?.tasks.first { $0.task == task }
    let state: Job.State = done != nil ? .done : held == true ? .backlog : .queued
    let now = Date().timeIntervalSince1970
    try db.execute(
      sql: """
        INSERT INTO job (sha256, task, question, endpoint, state, source, created, finished, revision, earlier)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256, task) DO NOTHING
        """,
      arguments: [
        recording.sha256, task, try JSON.text(question), question.endpoint, state.rawValue,
        done == nil ? nil : try earlier?.source.map { try JSON.text($0) }, now,
        done.map { $0.finished?.timeIntervalSince1970 ?? now }, done == nil ? 0 : 1, done != nil,
      ]
    )
    guard done != nil, db.changesCount > 0, let earlier else { return }
    try db.execute(
      sql: "INSERT OR REPLACE INTO delivery (recording, job, revision) VALUES (?, ?, 1)",
      arguments: [recording.id, db.lastInsertedRowID]
    )
    try keep(earlier.written, beside: recording.id, db)
  }

  /// Replaces what is known to stand beside a recording.
  static func keep(_ sidecars: [SidecarKind: WrittenSidecar], beside recording: Int64, _ db: Database) throws
  {
    try db.execute(sql: "DELETE FROM sidecar WHERE recording = ?", arguments: [recording])
    for (kind, written) in sidecars {
      try db.execute(
        sql: "INSERT INTO sidecar (recording, kind, name, sha256, meaning) VALUES (?, ?, ?, ?, ?)",
        arguments: [recording, kind.rawValue, Data(written.name.bytes), written.sha256, written.meaning]
      )
    }
  }

  /// What is known to stand beside a recording.
  static func sidecars(of recording: Int64, _ db: Database) throws -> [SidecarKind: WrittenSidecar] {
    var sidecars: [SidecarKind: WrittenSidecar] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT * FROM sidecar WHERE recording = ?", arguments: [recording])
    {
      guard let kind = SidecarKind(rawValue: row["kind"]), let name = FileName(bytes: row["name"] as Data)
      else { continue }
      sidecars[kind] = WrittenSidecar(name: name, sha256: row["sha256"], meaning: row["meaning"])
    }
    return sidecars
  }

  /// What is known to stand beside a recording, present or not.
  func sidecars(of recording: Int64) async throws -> [SidecarKind: WrittenSidecar] {
    try await read { db in try Self.sidecars(of: recording, db) }
  }

  /// Marks the recording at `path` as gone; its rows stay.
  func lose(_ path: FilePath) async throws {
    try await write { db in
      try db.execute(
        sql: "UPDATE recording SET present = 0 WHERE path = ? AND present",
        arguments: [Data(path.bytes)]
      )
    }
  }

  /// The present recordings with these bytes.
  func recordings(with sha256: String) async throws -> [Recording] {
    try await read { db in try Recording.present("sha256 = ?", [sha256], db) }
  }
}

extension Recording {
  /// The present recordings for which `condition` holds, oldest first.
  static func present(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [Recording]
  {
    try Row.fetchAll(
      db,
      sql: "SELECT * FROM recording WHERE present AND \(condition) ORDER BY id",
      arguments: arguments
    ).map(Recording.init(row:))
  }
}

extension FileIdentity {
  /// Whether the file came, or was last touched, before `time` (seconds since 1970). A rename and a copy both
  /// set the change time, which nobody can set at will.
  fileprivate func wasThere(before time: Double) -> Bool { Double(changed) / 1e9 < time }
}

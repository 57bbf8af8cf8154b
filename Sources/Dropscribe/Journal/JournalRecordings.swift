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
        sql: """
          SELECT path, device, inode, size, modified, changed FROM recording WHERE folder = ? AND present
          """,
        arguments: [folder]
      )
      // Columns by their place: a scan asks this for every file that it knows.
      while let row = try rows.next() {
        known[FilePath(bytes: Array(row[0] as Data))] = FileIdentity(
          device: UInt64(bitPattern: row[1]),
          inode: UInt64(bitPattern: row[2]),
          size: row[3],
          modified: row[4],
          changed: row[5]
        )
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

  /// What entering a recording came to.
  struct Entry: Sendable {
    var recording: Recording
    /// Whether sidecars stand beside it that tell of other bytes, which lay at its path before.
    var hasOldSidecars: Bool
    /// Whether the same bytes lay at its path before, in another file or before they went away: whoever drops a
    /// recording again wants its text again.
    var isBack: Bool
  }

  /// Enters a settled recording and a job for each task of its folder that its bytes have not had.
  ///
  /// - Parameter earlier: what a usage sidecar of ours beside the file says was done: it is bought no more.
  @discardableResult
  func enter(_ found: FoundRecording, earlier: EarlierWork?) async throws -> Entry {
    let agenda = currentAgenda
    let entry = try await write { db in
      let (recording, isBack) = try Self.place(found, db)
      let hasOldSidecars = try Self.inheritSidecars(recording, db)
      for (kind, written) in earlier?.written ?? [:] {
        try Self.keep(written, kind, beside: recording.id, replacing: false, db)
      }
      for task in agenda.folders[found.folder]?.tasks ?? [] {
        try Self.enqueue(recording, task, agenda, earlier: earlier, db)
      }
      return Entry(recording: recording, hasOldSidecars: hasOldSidecars && earlier == nil, isBack: isBack)
    }
    work.ring()
    return entry
  }

  /// Makes `found` what is present at its path. A file that went away and came back is the same recording.
  private static func place(_ found: FoundRecording, _ db: Database) throws -> (Recording, isBack: Bool) {
    let path = Data(found.path.bytes)
    let identity = found.identity
    try db.execute(
      sql: "UPDATE recording SET present = 0 WHERE path = ? AND present AND sha256 <> ?",
      arguments: [path, found.sha256]
    )
    let before = try Row.fetchOne(
      db,
      sql: "SELECT * FROM recording WHERE path = ? AND sha256 = ? ORDER BY present DESC, id DESC",
      arguments: [path, found.sha256]
    ).map(Recording.init(row:))
    let known = before?.id
    let isSameFile = before?.identity.device == identity.device && before?.identity.inode == identity.inode
    let facts: [any DatabaseValueConvertible] = [
      found.folder, Int64(bitPattern: identity.device), Int64(bitPattern: identity.inode), identity.size,
      identity.modified, identity.changed,
    ]
    if let known {
      try db.execute(
        sql: """
          UPDATE recording SET folder = ?, device = ?, inode = ?, size = ?, modified = ?, changed = ?,
          present = 1 WHERE id = ?
          """,
        arguments: StatementArguments(facts + [known])
      )
    } else {
      try db.execute(
        sql: """
          INSERT INTO recording (folder, device, inode, size, modified, changed, path, sha256, present, seen)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
          """,
        arguments: StatementArguments(facts + [path, found.sha256, Date().timeIntervalSince1970])
      )
    }
    let recording = Recording(
      id: known ?? db.lastInsertedRowID,
      path: found.path,
      folder: found.folder,
      identity: identity,
      sha256: found.sha256,
      isPresent: true
    )
    return (recording, isBack: before != nil && !(isSameFile && before?.isPresent == true))
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

  /// Marks every recording as gone, so that only what is entered from now on is worked on.
  func loseAll() async throws {
    try await write { db in try db.execute(sql: "UPDATE recording SET present = 0 WHERE present") }
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

import FoundationEssentials
import GRDB
import Messages
import SystemPackage

// How the journal's rows become values and back.

extension FileIdentity {
  init(row: Row) {
    self.init(
      device: UInt64(bitPattern: row["device"]),
      inode: UInt64(bitPattern: row["inode"]),
      size: row["size"],
      modified: row["modified"],
      changed: row["changed"]
    )
  }
}

extension Recording {
  init(row: Row) {
    self.init(
      id: row["id"],
      path: FilePath(bytes: Array(row["path"] as Data)),
      folder: row["folder"],
      identity: FileIdentity(row: row),
      sha256: row["sha256"],
      isPresent: row["present"]
    )
  }
}

extension Job {
  init(row: Row) throws {
    self.init(
      id: row["id"],
      sha256: row["sha256"],
      task: row["task"],
      question: try JSON.value(of: row["question"]),
      state: try State(row, "state"),
      reason: row["reason"],
      source: try (row["source"] as String?).map { try JSON.value(of: $0) },
      created: Date(timeIntervalSince1970: row["created"]),
      finished: (row["finished"] as Double?).map(Date.init(timeIntervalSince1970:)),
      revision: row["revision"],
      isEarlier: row["earlier"],
      lacks: (row["lacks"] as String?).flatMap(Lack.init(rawValue:))
    )
  }
}

extension Clip {
  init(row: Row, attempts: [Attempt]) throws {
    self.init(
      id: row["id"],
      job: row["job"],
      index: row["idx"],
      channel: row["channel"],
      range: ClipRange(start: row["start"], end: row["end"]),
      joint: try SliceFrame.Joint(row, "joint"),
      speech: try JSON.value(of: row["speech"]),
      level: row["level"],
      state: try State(row, "state"),
      gap: (row["gap"] as String?).flatMap(Gap.init(rawValue:)),
      detail: row["detail"],
      reply: try (row["reply"] as String?).map { try JSON.value(of: $0) },
      attempts: attempts
    )
  }

  /// All clips of a job with their attempts, in order.
  static func all(of job: Int64, _ db: Database) throws -> [Clip] {
    let attempts = try Row.fetchAll(
      db,
      sql: """
        SELECT attempt.* FROM attempt JOIN clip ON clip.id = attempt.clip
        WHERE clip.job = ? ORDER BY attempt.id
        """,
      arguments: [job]
    )
    let byClip = try Dictionary(grouping: attempts) { $0["clip"] as Int64 }
      .mapValues { try $0.map(Attempt.init(row:)) }
    return try Row.fetchAll(db, sql: "SELECT * FROM clip WHERE job = ? ORDER BY idx", arguments: [job])
      .map { try Clip(row: $0, attempts: byClip[$0["id"]] ?? []) }
  }
}

extension Attempt {
  init(row: Row) throws {
    self.init(
      id: row["id"],
      started: Date(timeIntervalSince1970: row["started"]),
      outcome: try Outcome(row, "outcome"),
      status: row["status"],
      milliseconds: row["milliseconds"],
      detail: row["detail"],
      isForgiven: row["forgiven"]
    )
  }
}

extension RawRepresentable where RawValue: DatabaseValueConvertible {
  /// The value in `column`; a text that is none of ours means that the journal was written by a later version
  /// or by somebody else.
  init(_ row: Row, _ column: String) throws {
    let raw: RawValue = row[column]
    guard let value = Self(rawValue: raw) else {
      throw DatabaseError(
        resultCode: .SQLITE_MISMATCH,
        message: "column \(column) holds \(raw), which this version does not know"
      )
    }
    self = value
  }
}

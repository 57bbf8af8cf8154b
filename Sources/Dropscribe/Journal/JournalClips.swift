import FoundationEssentials
import GRDB
import Messages

/// The journal as the keeper of what was asked and answered.
extension Journal {
  /// Enters a clip that the slicer has just cut, or finds the row of one that stands.
  ///
  /// One whose channel says what an earlier one says is final as it is entered: nobody asks about it. A reply to the
  /// same question about the same audio is taken over instead of being bought again.
  ///
  /// - Returns: the clip with its attempts; final when a stored reply served it.
  func enter(_ cut: SliceFrame.Clip, of job: Job) async throws -> Clip {
    let key = job.question.digest(audio: cut.audio)
    let clip = try await write { db in
      try db.execute(
        sql: """
          INSERT INTO clip (job, idx, channel, start, "end", joint, speech, level, state, reply_key)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, idx) DO UPDATE SET
          channel = excluded.channel, start = excluded.start, "end" = excluded."end", joint = excluded.joint, speech = excluded.speech,
          level = excluded.level, state = excluded.state, reply_key = excluded.reply_key WHERE state = 'pending'
          """,
        arguments: [
          job.id, cut.index, cut.channel, cut.range.start, cut.range.end, cut.joint.rawValue,
          try JSON.text(cut.speech), cut.levelDBFS.isFinite ? cut.levelDBFS : -120,
          (cut.equalChannel == nil ? Clip.State.pending : .equal).rawValue, key,
        ]
      )
      let row = try Row.fetchOne(
        db,
        sql: "SELECT * FROM clip WHERE job = ? AND idx = ?",
        arguments: [job.id, cut.index]
      )
      guard let row else {
        throw DatabaseError(resultCode: .SQLITE_INTERNAL, message: "a clip that was entered is not there")
      }
      let id: Int64 = row["id"]
      let stored = try String.fetchOne(
        db,
        sql: """
          SELECT reply FROM clip
          WHERE reply_key = ? AND id <> ? AND reply IS NOT NULL AND state IN ('done', 'no speech') LIMIT 1
          """,
        arguments: [key, id]
      )
      if let stored, row["state"] == Clip.State.pending.rawValue {
        var reply: Reply = try JSON.value(of: stored)
        reply.isReused = true
        let verdict = reply.verdict(hasSpeech: !cut.speech.isEmpty)
        try Self.store(reply, verdict, clip: id, db)
      }
      let attempts = try Row.fetchAll(
        db,
        sql: "SELECT * FROM attempt WHERE clip = ? ORDER BY id",
        arguments: [id]
      )
      guard let now = try Row.fetchOne(db, sql: "SELECT * FROM clip WHERE id = ?", arguments: [id]) else {
        throw DatabaseError(resultCode: .SQLITE_INTERNAL, message: "a clip that was entered is not there")
      }
      return try Clip(row: now, attempts: try attempts.map(Attempt.init(row:)))
    }
    advance()
    return clip
  }

  /// All clips of a job with their attempts, in order.
  func clips(of job: Int64) async throws -> [Clip] {
    try await read { db in try Clip.all(of: job, db) }
  }

  /// Commits that a clip is about to be sent. Nothing may be sent before this has returned.
  func begin(clip: Int64) async throws -> Attempt {
    try await write { db in
      let now = Date()
      try db.execute(
        sql: "INSERT INTO attempt (clip, started, outcome) VALUES (?, ?, 'sent')",
        arguments: [clip, now.timeIntervalSince1970]
      )
      return Attempt(id: db.lastInsertedRowID, started: now, outcome: .sent)
    }
  }

  /// Commits how a request ended, and with it the clip's end when there is one. Nothing else may happen with
  /// a reply before this has returned.
  func commit(_ attempt: Attempt, clip: Int64, reply: Reply? = nil, verdict: Verdict? = nil) async throws {
    try await write { db in
      try db.execute(
        sql: """
          UPDATE attempt SET outcome = ?, status = ?, milliseconds = ?, detail = ?, forgiven = ? WHERE id = ?
          """,
        arguments: [
          attempt.outcome.rawValue, attempt.status, attempt.milliseconds, attempt.detail, attempt.isForgiven,
          attempt.id,
        ]
      )
      if let verdict { try Self.store(reply, verdict, clip: clip, db) }
    }
    if verdict != nil { advance() }
  }

  /// Commits that clips end without another request.
  func close(_ clips: [Int64], _ verdict: Verdict) async throws {
    try await write { db in
      for clip in clips { try Self.store(nil, verdict, clip: clip, db) }
    }
    advance()
  }

  /// What a clip's end is.
  struct Verdict: Hashable, Sendable {
    var state: Clip.State
    var gap: Clip.Gap?
    var detail: String?
  }

  private static func store(_ reply: Reply?, _ verdict: Verdict, clip: Int64, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE clip SET state = ?, gap = ?, detail = ?, reply = ? WHERE id = ?",
      arguments: [
        verdict.state.rawValue, verdict.gap?.rawValue, verdict.detail,
        try reply.map { try JSON.text($0) }, clip,
      ]
    )
  }
}

extension Reply {
  /// What this reply makes of its clip. Only text that the model ended by itself is a transcript.
  func verdict(hasSpeech: Bool) -> Journal.Verdict {
    if let refusal, !refusal.isEmpty {
      return .init(state: .gap, gap: .refusal, detail: String(refusal.prefix(300)))
    }
    switch finishReason {
    case "content_filter": return .init(state: .gap, gap: .contentFilter)
    case "length": return .init(state: .gap, gap: .truncated)
    default: break
    }
    if !text.isEmpty { return .init(state: .done) }
    return hasSpeech ? .init(state: .gap, gap: .empty) : .init(state: .noSpeech)
  }
}

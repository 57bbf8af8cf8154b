import FoundationEssentials
import GRDB
import Logging
import Messages
import Synchronization
import SystemPackage
import Testing

@testable import Dropscribe

/// The journal as a file.
@Suite struct JournalFileTests {
  @Test func everyCommitReachesTheDisk() async throws {
    let fixture = try JournalFixture()
    let (mode, synchronous, keys) = try await fixture.journal.read { db in
      (
        try String.fetchOne(db, sql: "PRAGMA journal_mode"),
        try Int.fetchOne(db, sql: "PRAGMA synchronous"),
        try Int.fetchOne(db, sql: "PRAGMA foreign_keys")
      )
    }
    #expect(mode == "wal")
    #expect(synchronous == 2, "FULL")
    #expect(keys == 1)
  }

  @Test(arguments: ["garbage", "a broken page", "cut off"])
  func aCorruptJournalIsSetAsideAndBegunAnew(_ damage: String) async throws {
    let fixture = try JournalFixture()
    for index in 0..<300 { try await fixture.enter("\(index).wav", "\(index)") }
    try fixture.journal.close()
    let path = fixture.state.appending("journal.sqlite")
    var bytes = try Data(contentsOf: URL(filePath: path.string))
    switch damage {
    case "garbage": bytes = Data("no database, by any means".utf8) + Data(count: 8_000)
    case "a broken page":
      bytes.replaceSubrange(8_192..<24_576, with: Data(repeating: 0xA5, count: 16_384))
    default: bytes = bytes.prefix(bytes.count / 2 + 100)
    }
    try bytes.write(to: URL(filePath: path.string))

    let journal = try Journal(in: fixture.state, log: JournalFixture.silent)
    try journal.apply(fixture.configuration)

    #expect(try await journal.known(in: "inbox").isEmpty)
    try await journal.enter(JournalFixture.found("a.wav", "a"), earlier: nil)
    #expect(try await journal.claim(endpoint: "one", fresh: true, except: []) != nil)
    let aside = try FileManager.default.contentsOfDirectory(atPath: fixture.state.string)
      .filter {
        $0.hasPrefix("journal.sqlite.corrupt-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
      }
    let kept = try #require(aside.first)
    #expect(try Data(contentsOf: URL(filePath: fixture.state.appending(kept).string)) == bytes)
    try journal.close()
  }

  @Test func aSoundJournalIsNotSetAside() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    try fixture.reopen()
    let files = try FileManager.default.contentsOfDirectory(atPath: fixture.state.string)
    #expect(!files.contains { $0.contains("corrupt") })
    #expect(try await fixture.job("a.wav") != nil)
  }

  /// What is asked once a clip, a job or a poll must not read what it does not need, however many there are.
  @Test func whatIsAskedOftenReadsNoWholeTable() async throws {
    let fixture = try JournalFixture()
    let recording = try await fixture.enter("a.wav", "a")
    let statements = Statements()
    try await fixture.journal.write { db in
      db.trace { event in
        if case .statement(let statement) = event {
          let sql = statement.expandedSQL
          statements.heard.withLock { _ = $0.insert(sql) }
        }
      }
    }
    let journal = fixture.journal
    for _ in 0..<2 {
      let claim = try #require(try await fixture.claim(fresh: false))
      _ = try await journal.hasFresh(endpoint: "one")
      _ = try await journal.load()
      let clip = try await journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
      if clip.state == .pending { try await fixture.answer(clip, "words") }
      _ = try await journal.clips(of: claim.job.id)
      try await journal.requeue(claim.job.id)
    }
    try await fixture.work(["words"])
    _ = try await journal.queued(in: "/srv/inbox", endpoint: "one")
    _ = try await journal.story(of: recording.id)
    _ = try await journal.recordings(with: recording.sha256)
    _ = try await journal.known(at: recording.path)
    _ = try await journal.known(in: "inbox")
    try await fixture.enter("a.wav", "b")
    try await journal.lose(recording.path)

    let plans = try await journal.write { db in
      db.trace(options: [])
      var scans: [String] = []
      for sql in statements.heard.withLock({ $0 }) {
        guard ["SELECT", "UPDATE", "DELETE", "INSERT"].contains(where: sql.hasPrefix) else {
          continue
        }
        for row in try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)") {
          let detail: String = row["detail"]
          let isWhole =
            detail.hasPrefix("SCAN")
            && !["json_each", "CONSTANT", "wanted"].contains(where: detail.contains)
          let sorts = sql.contains("LIMIT") && detail.contains("TEMP B-TREE")
          if isWhole || sorts { scans.append("\(detail): \(sql)") }
        }
      }
      return scans
    }
    #expect(statements.heard.withLock { $0.count } > 15)
    #expect(plans.isEmpty)
  }
}

private final class Statements: Sendable {
  let heard = Mutex<Set<String>>([])
}

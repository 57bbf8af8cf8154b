import GRDB
import SystemPackage
import Testing

@testable import Dropscribe

/// Recordings that were there before their folder and task met.
@Suite struct JournalBacklogTests {
  private func held(_ backlog: FolderConfiguration.Backlog, known: Int, unknown: Int) async throws
    -> Int
  {
    let fixture = try JournalFixture(
      JournalFixture.configuration(folders: [JournalFixture.folder(backlog: backlog)])
    )
    // Known to the journal, but not to this task: they were there when another one did not exist yet.
    for index in 0..<known { try await fixture.enter("known \(index).wav", "k\(index)", came: -60) }
    try fixture.reload(
      JournalFixture.configuration(
        tasks: [JournalFixture.task(), JournalFixture.task("spanish")],
        folders: [JournalFixture.folder(tasks: ["transcript"], backlog: backlog)]
      )
    )
    try await fixture.journal.write { db in
      try db.execute(
        sql: "INSERT INTO meeting (folder, task, since) VALUES ('inbox', 'spanish', unixepoch())"
      )
    }
    fixture.configuration.folders["inbox"]?.tasks = ["spanish"]
    _ = fixture.journal.replaceAgenda(Agenda(fixture.configuration))
    let files = (0..<unknown).map {
      JournalFixture.found("new \($0).wav", "n\($0)", came: -60).identity
    }
    return try await fixture.journal.meet(files, in: "inbox").first?.recordings ?? 0
  }

  @Test func knownAndUnknownRecordingsCountTogether() async throws {
    #expect(try await held(.upTo(5), known: 2, unknown: 3) == 0)
    #expect(try await held(.upTo(5), known: 3, unknown: 3) == 6)
    #expect(try await held(.upTo(0), known: 0, unknown: 1) == 1)
  }

  @Test func allAndNoneMeanWhatTheySay() async throws {
    #expect(try await held(.all, known: 30, unknown: 30) == 0)
    #expect(try await held(.none, known: 0, unknown: 1) == 1)
    #expect(try await held(.none, known: 0, unknown: 0) == 0)
  }

  private func held() async throws -> JournalFixture {
    let fixture = try JournalFixture(
      JournalFixture.configuration(folders: [JournalFixture.folder(backlog: .upTo(1))])
    )
    let files = (0..<2).map { JournalFixture.found("\($0).wav", "\($0)", came: -60) }
    try await fixture.journal.meet(files.map(\.identity), in: "inbox")
    for file in files { try await fixture.journal.enter(file, earlier: nil) }
    return fixture
  }

  @Test func whatIsHeldIsNotTakenUntilItIsReleasedAlsoAfterARestart() async throws {
    let fixture = try await held()
    #expect(try await fixture.claim() == nil)
    try fixture.reopen()
    #expect(try await fixture.claim() == nil)
    #expect(try await fixture.journal.openJobs().map(\.state) == [.backlog, .backlog])
    #expect(try await fixture.journal.release() == 2)
    #expect(try await fixture.claim() != nil)
    #expect(try await fixture.claim() != nil)
    // What is found of that time later was released with it.
    try await fixture.enter("late.wav", "late", came: -60)
    #expect(try await fixture.job("late.wav")?.state == .queued)
  }

  @Test func whatComesLaterIsNoBacklog() async throws {
    let fixture = try await held()
    try await fixture.enter("new.wav", "new")
    #expect(try await fixture.claim()?.recording.path.lastComponent == "new.wav")
    #expect(try await fixture.claim() == nil)
  }

  @Test func whatSomebodyBringsAgainIsNoBacklog() async throws {
    let fixture = try await held()
    try await fixture.enter("brought.wav", "1")
    #expect(try await fixture.job("1.wav")?.state == .queued)
    #expect(try await fixture.job("0.wav")?.state == .backlog)
  }

  @Test func itIsDecidedOnce() async throws {
    let fixture = try await held()
    #expect(try await fixture.journal.release() == 2)
    let more = (0..<50).map { JournalFixture.found("more \($0).wav", "m\($0)", came: -60).identity }
    #expect(try await fixture.journal.meet(more, in: "inbox").isEmpty)
    #expect(try await fixture.journal.meet(more, in: "no such folder").isEmpty)
  }
}

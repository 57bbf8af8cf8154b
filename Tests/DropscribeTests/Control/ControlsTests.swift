import Messages
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct ControlsTests {
  private func status(_ fixture: JournalFixture, done: Int = 20) async throws -> Status {
    guard
      case .status(let status) = await Controls(journal: fixture.journal).answer(
        .status(done: done)
      )
    else {
      throw Errno.noData
    }
    return status
  }

  @Test func statusTellsEveryJobThatIsNotDoneAndTheLastThatAre() async throws {
    let fixture = try JournalFixture()
    for name in ["a", "b", "c"] { try await fixture.enter("\(name).wav", name) }
    try await fixture.work(["words", "more words"])
    try await fixture.work(["words"])
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "c"), of: claim.job)
    try await fixture.fail(clip)

    let status = try await status(fixture, done: 1)
    #expect(!status.running)
    #expect(status.counts == ["done": 2, "running": 1])
    #expect(status.jobs.map(\.path) == ["/srv/inbox/b.wav", "/srv/inbox/c.wav"])
    #expect(status.jobs.map(\.state) == ["done", "running"])
    #expect(status.jobs.map(\.clips) == [1, 1])
    #expect(status.jobs.map(\.gaps) == [0, 1])
    #expect(status.jobs.map(\.promptTokens) == [70, 0])
    #expect(status.jobs[0].seconds == 10)
    #expect(try await self.status(fixture, done: 2).jobs[0].promptTokens == 140)
  }

  @Test func aJobOfTwoPlacesIsToldTwice() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    try await fixture.enter("b.wav", "a")
    try await fixture.work(["words", "more words"])
    let status = try await status(fixture)
    #expect(status.jobs.map(\.path) == ["/srv/inbox/a.wav", "/srv/inbox/b.wav"])
    #expect(status.jobs.map(\.clips) == [2, 2])
    #expect(status.jobs.map(\.completionTokens) == [14, 14])
  }

  @Test func retryAndReleaseSayWhatTheyDid() async throws {
    let fixture = try JournalFixture(
      JournalFixture.configuration(folders: [JournalFixture.folder(backlog: .none)])
    )
    let old = JournalFixture.found("old.wav", "old", came: -60)
    try await fixture.journal.meet([old.identity], in: "inbox")
    try await fixture.journal.enter(old, earlier: nil)
    guard case .released(1) = await Controls(journal: fixture.journal).answer(.release) else {
      Issue.record("one waited")
      return
    }
    try await fixture.work(["words"])
    let request = ControlRequest.retry(
      paths: [.init("/srv/inbox/old.wav".utf8)],
      task: nil,
      again: false
    )
    guard case .retried(0, 1) = await Controls(journal: fixture.journal).answer(request) else {
      Issue.record("it is whole")
      return
    }
  }

  @Test func aFailureOfTheJournalIsAReply() async throws {
    let fixture = try JournalFixture()
    try fixture.journal.close()
    guard case .failed = await Controls(journal: fixture.journal).answer(.release) else {
      Issue.record("the journal is closed")
      return
    }
  }

  @Test func withoutADaemonTheCommandAnswersItselfAndLeavesTheStateFree() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    try fixture.journal.close()
    var configuration = fixture.configuration
    configuration.statePath = fixture.state
    for _ in 0..<2 {
      let reply = try await ControlSocket.answer(
        to: .status(done: 0),
        for: configuration,
        log: JournalFixture.silent
      )
      guard case .status(let status) = reply else {
        Issue.record("it is known")
        return
      }
      #expect(status.counts == ["queued": 1])
    }
    try await StateLock.held(in: fixture.state) { () -> Void in
      await #expect(throws: StateLock.Problem.self) {
        try await ControlSocket.answer(to: .release, for: configuration, log: JournalFixture.silent)
      }
    }
  }
}

import GRDB
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct JournalQueueTests {
  @Test func theOldestJobIsTakenFirstAndNoneTwice() async throws {
    let fixture = try JournalFixture()
    for name in ["a", "b", "c"] { try await fixture.enter("\(name).wav", name) }
    var taken: [String] = []
    while let claim = try await fixture.claim() {
      #expect(claim.job.state == .running)
      taken.append(claim.recording.path.lastComponent?.string ?? "")
    }
    #expect(taken == ["a.wav", "b.wav", "c.wav"])
  }

  @Test func jobsThatHaveNotBegunGoFirstOrLastAsIsAsked() async throws {
    let fixture = try JournalFixture()
    for name in ["long", "note"] { try await fixture.enter("\(name).wav", name) }
    let long = try #require(try await fixture.claim())
    try await fixture.journal.learn(JournalFixture.facts(seconds: nil), job: long.job.id)
    try await fixture.journal.requeue(long.job.id)

    #expect(try await fixture.journal.hasFresh(endpoint: "one"))
    let fresh = try #require(try await fixture.claim(fresh: true))
    #expect(fresh.recording.path.lastComponent == "note.wav")
    try await fixture.journal.requeue(fresh.job.id)
    let begun = try #require(try await fixture.claim(fresh: false))
    #expect(begun.recording.path.lastComponent == "long.wav")
    // Where there is none of the kind, the other is taken.
    #expect(try await fixture.claim(fresh: false)?.recording.path.lastComponent == "note.wav")
    #expect(try await !fixture.journal.hasFresh(endpoint: "one"))
  }

  @Test func jobsThatMustWaitOrAreAnotherEndpointsOrLieNowhereAreNotTaken() async throws {
    let fixture = try JournalFixture()
    for name in ["gone", "later"] { try await fixture.enter("\(name).wav", name) }
    try await fixture.journal.lose("/srv/inbox/gone.wav")
    let later = try #require(try await fixture.job("later.wav"))
    #expect(
      try await fixture.journal.claim(endpoint: "one", fresh: true, except: [later.id]) == nil
    )
    #expect(try await fixture.claim("two") == nil)
    #expect(try await fixture.claim()?.job.id == later.id)
  }

  @Test func aJobThatIsNotAtWorkCannotEnd() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let job = try #require(try await fixture.job("a.wav"))
    try await fixture.journal.finish(job.id, .done, reason: nil)
    #expect(try await fixture.job("a.wav")?.state == .queued)
  }

  @Test func aRestartPutsJobsAtWorkBackAndCountsWhatWasSentAsUnknown() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    _ = try await fixture.journal.begin(clip: clip.id)

    try fixture.reopen()

    let again = try #require(try await fixture.claim())
    #expect(again.job.id == claim.job.id)
    #expect(again.clips.map(\.state) == [.pending])
    #expect(again.clips[0].attempts.map(\.outcome) == [.unknown])
  }

  @Test func whatIsReadyRingsTheBell() async throws {
    let fixture = try JournalFixture()
    let work = fixture.journal.work
    var heard = work.rings
    func hasRung() -> Bool {
      defer { heard = work.rings }
      return work.rings > heard
    }
    try await fixture.enter("a.wav", "a")
    #expect(hasRung())
    let claim = try #require(try await fixture.claim())
    #expect(!hasRung())
    try await fixture.journal.requeue(claim.job.id)
    #expect(hasRung())
    _ = try await fixture.journal.release()
    #expect(hasRung())
    try fixture.reload(fixture.configuration)
    #expect(hasRung())
    _ = try await fixture.journal.retry(paths: nil, task: nil, .mend)
    #expect(hasRung())
  }

  @Test func droppingWhatCannotBeTrustedKeepsTheCutsWhole() async throws {
    let fixture = try JournalFixture()
    let recording = try await fixture.enter("a.wav", "a")
    var claim = try #require(try await fixture.claim())
    for index in 0..<3 {
      let clip = try await fixture.journal.enter(
        JournalFixture.cut(index, "\(index)"),
        of: claim.job
      )
      if index != 1 { try await fixture.answer(clip, "words") }
    }
    try await fixture.journal.requeue(claim.job.id)
    claim = try #require(try await fixture.claim())
    // The second clip is sent again and a fourth one is new when the file turns out to have changed.
    let second = try await fixture.journal.enter(JournalFixture.cut(1, "other"), of: claim.job)
    try await fixture.answer(second, "of other bytes")
    let fourth = try await fixture.journal.enter(JournalFixture.cut(3, "other"), of: claim.job)

    try await fixture.journal.discard(
      clips: [second.id, fourth.id],
      standing: claim.clips.map(\.id),
      of: claim.job.id,
      recording: recording.id
    )

    #expect(try await fixture.claim() == nil, "the file is to be found anew first")
    try await fixture.enter("a.wav", "a")
    let clips = try #require(try await fixture.claim()).clips
    #expect(clips.map(\.index) == [0, 1, 2])
    #expect(clips.map(\.state) == [.done, .pending, .done])
    #expect(clips[1].reply == nil)
  }

  @Test func theJobsOfAFolderAreFoundWithoutThoseBelow() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    try await fixture.enter("sub/b.wav", "b")
    try await fixture.enter("c.wav", "c", in: "inbox0")
    let near = try await fixture.journal.queued(in: "/srv/inbox", endpoint: "one")
    #expect(near == [try #require(try await fixture.job("a.wav")).id])
    #expect(try await fixture.journal.queued(in: "/srv/inbox", endpoint: "two").isEmpty)
  }

  @Test func whatIsLeftToDoIsToldWithoutWhatIsNotThere() async throws {
    let fixture = try JournalFixture()
    #expect(try await fixture.journal.load() == .init(isQueued: false, isRunning: false))
    try await fixture.enter("a.wav", "a")
    #expect(try await fixture.journal.load() == .init(isQueued: true, isRunning: false))
    _ = try await fixture.claim()
    #expect(try await fixture.journal.load() == .init(isQueued: false, isRunning: true))
    try await fixture.journal.lose("/srv/inbox/a.wav")
    #expect(try await fixture.journal.load() == .init(isQueued: false, isRunning: false))
  }

  @Test func onlyWhatComesToAnEndIsProgress() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    let before = fixture.journal.progress
    var attempt = try await fixture.journal.begin(clip: clip.id)
    attempt.outcome = .unsent
    try await fixture.journal.commit(attempt, clip: clip.id)
    #expect(fixture.journal.progress == before)
    try await fixture.answer(clip, "words")
    #expect(fixture.journal.progress > before)
  }
}

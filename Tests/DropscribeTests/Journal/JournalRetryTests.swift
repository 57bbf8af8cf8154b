import Messages
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct JournalRetryTests {
  /// A job with a transcript, a gap, and a second transcript.
  private func gapped() async throws -> JournalFixture {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    for index in 0..<3 {
      let clip = try await fixture.journal.enter(
        JournalFixture.cut(index, "\(index)"),
        of: claim.job
      )
      if index == 1 {
        try await fixture.fail(clip)
      } else {
        try await fixture.answer(clip, "words \(index)")
      }
    }
    try await fixture.journal.learn(JournalFixture.facts(seconds: 30), job: claim.job.id)
    try await fixture.journal.finish(claim.job.id, .done, reason: nil)
    return fixture
  }

  @Test func mendingAsksForGapsOnlyAndForgivesThem() async throws {
    let fixture = try await gapped()
    #expect(try await fixture.journal.troubledJobs().map(\.path) == ["/srv/inbox/a.wav"])
    let (asked, rewritten) = try await fixture.journal.retry(paths: nil, task: nil, .mend)
    #expect((asked.count, rewritten.count) == (1, 0))
    let claim = try #require(try await fixture.claim())
    #expect(claim.clips.map(\.state) == [.done, .pending, .done])
    #expect(claim.clips[1].attempts.map(\.isForgiven) == [true])
    #expect(claim.clips[0].attempts.map(\.isForgiven) == [false])
    #expect(claim.job.source == nil, "it is to be read again")
    #expect(try await fixture.journal.troubledJobs().isEmpty)
  }

  @Test func mendingWhatIsWholeOnlyWritesItsSidecarsAgain() async throws {
    let fixture = try JournalFixture()
    let recording = try await fixture.enter("a.wav", "a")
    let job = try #require(try await fixture.work(["words"]))
    let story = try #require(try await fixture.journal.story(of: recording.id))
    try await fixture.journal.delivered(recording.id, sidecars: [:], jobs: story.jobs.map(\.job))
    let (asked, rewritten) = try await fixture.journal.retry(
      paths: [recording.path],
      task: nil,
      .mend
    )
    #expect(asked.isEmpty)
    #expect(rewritten == [job.id])
    #expect(try await fixture.job("a.wav")?.state == .done)
    #expect(try await fixture.journal.undelivered() == [recording.id])
  }

  @Test func againBuysEverythingAnewWithTheCurrentQuestion() async throws {
    let fixture = try JournalFixture()
    let recording = try await fixture.enter("a.wav", "a")
    try await fixture.work(["words"])
    try fixture.reload(
      JournalFixture.configuration(tasks: [JournalFixture.task(instruction: "Another.")])
    )
    #expect(
      try await fixture.job("a.wav")?.question.instruction == "Transcribe the audio clip into text."
    )
    let (asked, _) = try await fixture.journal.retry(paths: [recording.path], task: nil, .again)
    #expect(asked.count == 1)
    let claim = try #require(try await fixture.claim())
    #expect(claim.clips.isEmpty)
    #expect(claim.job.source == nil)
    #expect(claim.job.question.instruction == "Another.")
  }

  @Test func whatFailedIsAskedWithTheCorrectedQuestion() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    try await fixture.fail(
      try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    )
    try await fixture.journal.learn(JournalFixture.facts(seconds: 10), job: claim.job.id)
    try await fixture.journal.finish(claim.job.id, .failed, reason: "request failed")
    try fixture.reload(
      JournalFixture.configuration(endpoints: [JournalFixture.endpoint(model: "the right one")])
    )
    let (asked, _) = try await fixture.journal.retry(paths: nil, task: nil, .mend)
    #expect(asked.count == 1)
    let again = try #require(try await fixture.claim())
    #expect(again.job.question.model == "the right one")
    #expect(again.job.reason == nil)
  }

  @Test func aFailureWithoutClipsIsReadAgain() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.m4a", "a")
    let claim = try #require(try await fixture.claim())
    try await fixture.journal.learn(JournalFixture.facts(seconds: 0), job: claim.job.id)
    try await fixture.journal.finish(claim.job.id, .failed, reason: "it is a video without sound")
    _ = try await fixture.journal.retry(paths: nil, task: nil, .mend)
    #expect(try await fixture.claim()?.job.source == nil)
  }

  @Test func aJobOfTwoPathsIsRetriedOnce() async throws {
    let fixture = try await gapped()
    try await fixture.enter("b.wav", "a")
    let paths: [FilePath] = ["/srv/inbox/a.wav", "/srv/inbox/b.wav", "/srv/inbox/a.wav"]
    let (asked, rewritten) = try await fixture.journal.retry(paths: paths, task: nil, .mend)
    #expect((asked.count, rewritten.count) == (1, 0))
  }

  @Test func onlyTheNamedTaskAndPathAreRetried() async throws {
    let fixture = try await gapped()
    #expect(try await fixture.journal.retry(paths: nil, task: "spanish", .mend).asked.isEmpty)
    #expect(
      try await fixture.journal.retry(paths: ["/srv/inbox/no.wav"], task: nil, .again).asked.isEmpty
    )
    #expect(try await fixture.journal.retry(paths: nil, task: "transcript", .mend).asked.count == 1)
  }

  @Test func whatIsAtWorkOrNotConfiguredIsNotRetried() async throws {
    let fixture = try JournalFixture()
    let recording = try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    #expect(
      try await fixture.journal.retry(paths: [recording.path], task: nil, .again).asked.isEmpty
    )
    try fixture.reload(JournalFixture.configuration(folders: [JournalFixture.folder("second")]))
    try await fixture.journal.requeue(claim.job.id)
    #expect(
      try await fixture.journal.retry(paths: [recording.path], task: nil, .again).asked.isEmpty
    )
    #expect(try await fixture.job("a.wav")?.state == .cancelled)
  }
}

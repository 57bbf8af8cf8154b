import FoundationEssentials
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

/// What a changed configuration does.
@Suite struct JournalConfigurationTests {
  private static let spanish = JournalFixture.configuration(
    tasks: [JournalFixture.task(instruction: "Please translate this audio snippet to Spanish.")]
  )

  @Test func aJobThatHasBoughtNothingTakesTheCurrentQuestion() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    try await fixture.journal.learn(JournalFixture.facts(seconds: nil), job: claim.job.id)
    _ = try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    try await fixture.journal.requeue(claim.job.id)

    try fixture.reload(Self.spanish)

    let again = try #require(try await fixture.claim())
    #expect(again.job.question.instruction == "Please translate this audio snippet to Spanish.")
    #expect(again.job.source == nil)
    #expect(again.clips.isEmpty, "the cuts belong to the question")
  }

  @Test func aJobWithACommittedReplyKeepsItsQuestionThroughReloadAndRestart() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    try await fixture.answer(clip, "words")
    try await fixture.journal.requeue(claim.job.id)

    try fixture.reload(Self.spanish)
    try fixture.reopen()

    let again = try #require(try await fixture.claim())
    #expect(again.job.question == claim.job.question)
    #expect(again.clips.map(\.reply?.text) == ["words"])
  }

  @Test func clipSettingsThatAreYoungerThanAJobHaveTheirDefaults() throws {
    let stored = Data(#"{"maxSeconds":20,"minSeconds":2}"#.utf8)
    var expected = ClipSettings()
    (expected.maxSeconds, expected.minSeconds, expected.skipSilenceSeconds) = (20, 2, nil)
    #expect(try JSONDecoder().decode(ClipSettings.self, from: stored) == expected)
    expected.encoding = .mp3
    #expect(
      try JSONDecoder().decode(ClipSettings.self, from: JSONEncoder().encode(expected)) == expected
    )
  }

  @Test func aJobAtWorkTakesTheCurrentQuestionWhenItsTurnEndsWithoutAReply() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    try fixture.reload(Self.spanish)
    #expect(try await fixture.job("a.wav")?.question == claim.job.question)
    try await fixture.journal.requeue(claim.job.id)
    #expect(try await fixture.job("a.wav")?.question.instruction.contains("Spanish") == true)
  }

  @Test func aRemovedTaskIsCancelledAndComesBackWithItsReplies() async throws {
    let fixture = try JournalFixture()
    let before = fixture.configuration
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    try await fixture.answer(clip, "words")
    try await fixture.journal.requeue(claim.job.id)

    try fixture.reload(
      JournalFixture.configuration(
        tasks: [JournalFixture.task("other")],
        folders: [JournalFixture.folder(tasks: ["other"])]
      )
    )
    let job = try #require(try await fixture.job("a.wav"))
    #expect(job.state == .cancelled)
    #expect(job.reason == Journal.unconfigured)
    #expect(try await fixture.job("a.wav", task: "other")?.state == .queued)

    try fixture.reload(before)
    let back = try #require(try await fixture.claim())
    #expect(back.job.id == job.id)
    #expect(back.clips.map(\.reply?.text) == ["words"])
  }

  @Test func aJobAtWorkIsLeftAloneUntilItsTurnEnds() async throws {
    let fixture = try JournalFixture()
    let before = fixture.configuration
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())

    try fixture.reload(JournalFixture.configuration(folders: [JournalFixture.folder("elsewhere")]))
    try fixture.reload(before)
    #expect(try await fixture.claim() == nil, "it is at work already")

    try fixture.reload(JournalFixture.configuration(folders: [JournalFixture.folder("elsewhere")]))
    try await fixture.journal.requeue(claim.job.id)
    #expect(try await fixture.job("a.wav")?.state == .cancelled)
  }

  @Test func aRemovedFolderCancelsUnlessTheBytesLieElsewhereToo() async throws {
    let both = JournalFixture.configuration(
      folders: [JournalFixture.folder("inbox"), JournalFixture.folder("second")]
    )
    let fixture = try JournalFixture(both)
    try await fixture.enter("a.wav", "a")
    try await fixture.enter("b.wav", "b")
    try await fixture.enter("a.wav", "a", in: "second")
    try fixture.reload(JournalFixture.configuration(folders: [JournalFixture.folder("second")]))
    #expect(try await fixture.job("a.wav")?.state == .queued)
    #expect(try await fixture.job("b.wav")?.state == .cancelled)
    // And where they come to another folder later, the job is taken up there.
    try await fixture.enter("b.wav", "b", in: "second")
    #expect(try await fixture.job("b.wav", in: "second")?.state == .queued)
  }

  @Test func whatWaitedForAReleaseWaitsAgainWhenItsFolderComesBack() async throws {
    let configuration = JournalFixture.configuration(folders: [
      JournalFixture.folder(backlog: .none)
    ])
    let fixture = try JournalFixture(configuration)
    try await fixture.journal.meet(
      [JournalFixture.found("a.wav", "a", came: -60).identity],
      in: "inbox"
    )
    try await fixture.enter("a.wav", "a", came: -60)
    #expect(try await fixture.job("a.wav")?.state == .backlog)
    try fixture.reload(JournalFixture.configuration(folders: [JournalFixture.folder("second")]))
    #expect(try await fixture.job("a.wav")?.state == .cancelled)
    try fixture.reload(configuration)
    #expect(try await fixture.job("a.wav")?.state == .backlog)
    #expect(try await fixture.journal.release() == 1)
    #expect(try await fixture.job("a.wav")?.state == .queued)
  }

  @Test func anEndpointThatWasRenamedKeepsItsJobs() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    try await fixture.answer(clip, "words")
    try await fixture.journal.requeue(claim.job.id)
    try fixture.reload(
      JournalFixture.configuration(
        endpoints: [
          JournalFixture.endpoint("first", url: "http://elsewhere.example/v1/chat/completions"),
          JournalFixture.endpoint("second", url: "http://one.example/v1/chat/completions"),
        ],
        tasks: [JournalFixture.task(endpoint: "first", instruction: "Another.")]
      )
    )
    let again = try #require(try await fixture.claim("second"))
    #expect(again.job.question.instruction == "Transcribe the audio clip into text.")
    #expect(again.clips.map(\.reply?.text) == ["words"])
  }

  @Test func aJobWhoseEndpointIsGoneSaysSoAndComesBackWithIt() async throws {
    let fixture = try JournalFixture()
    let before = fixture.configuration
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "0"), of: claim.job)
    try await fixture.answer(clip, "words")
    try await fixture.journal.requeue(claim.job.id)
    try fixture.reload(
      JournalFixture.configuration(
        endpoints: [JournalFixture.endpoint("two")],
        tasks: [JournalFixture.task(endpoint: "two")]
      )
    )
    let job = try #require(try await fixture.job("a.wav"))
    #expect(job.state == .cancelled)
    #expect(job.reason == Journal.endpointGone)
    try fixture.reload(before)
    #expect(try await fixture.claim()?.job.id == job.id)
  }

  @Test func anAddedTaskReachesWhatIsKnownAlready() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    try await fixture.work(["words"])
    let held = try fixture.reload(
      JournalFixture.configuration(
        tasks: [JournalFixture.task(), JournalFixture.task("spanish", instruction: "Translate.")],
        folders: [JournalFixture.folder(tasks: ["transcript", "spanish"])]
      )
    )
    #expect(held.isEmpty)
    #expect(try await fixture.claim()?.job.task == "spanish")
    #expect(try await fixture.job("a.wav")?.state == .done)
  }

  @Test func anAddedTaskHoldsBackMoreThanTheBacklog() async throws {
    let fixture = try JournalFixture()
    for name in ["a", "b", "c"] { try await fixture.enter("\(name).wav", name, came: -60) }
    let held = try fixture.reload(
      JournalFixture.configuration(
        tasks: [JournalFixture.task(), JournalFixture.task("spanish")],
        folders: [JournalFixture.folder(tasks: ["transcript", "spanish"], backlog: .upTo(2))]
      )
    )
    #expect(held == [Journal.Held(folder: "inbox", task: "spanish", recordings: 3)])
    #expect(try await fixture.job("a.wav", task: "spanish")?.state == .backlog)
    #expect(try await fixture.job("a.wav")?.state == .queued)
    #expect(try await fixture.journal.release() == 3)
  }
}

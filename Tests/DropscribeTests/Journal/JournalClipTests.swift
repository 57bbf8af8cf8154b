import FoundationEssentials
import Messages
import Testing

@testable import Dropscribe

@Suite struct JournalClipTests {
  private func clip(_ fixture: JournalFixture, _ name: String, audio: String) async throws -> Clip {
    try await fixture.enter(name, name)
    let claim = try #require(try await fixture.claim())
    return try await fixture.journal.enter(JournalFixture.cut(0, audio), of: claim.job)
  }

  @Test func theSameAudioUnderTheSameQuestionIsNotBoughtTwice() async throws {
    let fixture = try JournalFixture()
    try await fixture.answer(try await clip(fixture, "a.wav", audio: "hello"), "Hello.")
    let second = try await clip(fixture, "b.wav", audio: "hello")
    #expect(second.state == .done)
    #expect(second.reply?.text == "Hello.")
    #expect(second.reply?.isReused == true)
    #expect(second.attempts.isEmpty)
    #expect(try await clip(fixture, "c.wav", audio: "good-bye").state == .pending)
  }

  @Test func aStoredReplySurvivesWhatDoesNotDecideTheAnswer() async throws {
    let fixture = try JournalFixture()
    try await fixture.answer(try await clip(fixture, "a.wav", audio: "hello"), "Hello.")
    var endpoint = JournalFixture.endpoint(
      "renamed",
      url: "http://one.example/v1/chat/completions?x=1"
    )
    endpoint.key = .environment("ANOTHER")
    endpoint.concurrency = 9
    endpoint.headers = ["x-team": "speech"]
    endpoint.audioPart = .audioURL
    endpoint.prices = nil
    try fixture.reload(
      JournalFixture.configuration(
        endpoints: [endpoint],
        tasks: [JournalFixture.task("notes", endpoint: "renamed", maxSeconds: 20)],
        folders: [JournalFixture.folder(tasks: ["notes"])]
      )
    )
    try await fixture.enter("b.wav", "b")
    let claim = try #require(
      try await fixture.journal.claim(endpoint: "renamed", fresh: true, except: [])
    )
    #expect(
      try await fixture.journal.enter(JournalFixture.cut(0, "hello"), of: claim.job).state == .done
    )
  }

  @Test(arguments: ["instruction", "system", "model", "temperature", "address", "extra"])
  func aStoredReplyServesNoOtherQuestion(_ difference: String) async throws {
    let fixture = try JournalFixture()
    try await fixture.answer(try await clip(fixture, "a.wav", audio: "hello"), "Hello.")
    var endpoint = JournalFixture.endpoint()
    var task = JournalFixture.task()
    switch difference {
    case "instruction": task.instruction = "Please translate this audio snippet to Spanish."
    case "system":
      task.system = "You are an AI assistant for translating and transcribing audio clips."
    case "model": task.model = "another"
    case "temperature": task.temperature = 0
    case "address": endpoint.url = "http://two.example/v1/chat/completions"
    default: endpoint.extra = ["seed": .integer(1)]
    }
    try fixture.reload(JournalFixture.configuration(endpoints: [endpoint], tasks: [task]))
    #expect(try await clip(fixture, "b.wav", audio: "hello").state == .pending)
  }

  @Test func aGapServesNobody() async throws {
    let fixture = try JournalFixture()
    let first = try await clip(fixture, "a.wav", audio: "hello")
    var attempt = try await fixture.journal.begin(clip: first.id)
    attempt.outcome = .answered
    let cutShort = JournalFixture.reply("Hel", finishReason: "length")
    try await fixture.journal.commit(
      attempt,
      clip: first.id,
      reply: cutShort,
      verdict: cutShort.verdict(hasSpeech: true)
    )
    #expect(try await fixture.clips("a.wav").map(\.gap) == [.truncated])
    #expect(try await clip(fixture, "b.wav", audio: "hello").state == .pending)
  }

  @Test func anAnsweredClipIsNotMadeToSpeakForOtherAudio() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    let clip = try await fixture.journal.enter(JournalFixture.cut(0, "hello"), of: claim.job)
    try await fixture.answer(clip, "Hello.")
    let again = try await fixture.journal.enter(JournalFixture.cut(0, "good-bye"), of: claim.job)
    #expect(again.reply?.text == "Hello.")
    #expect(try await self.clip(fixture, "b.wav", audio: "good-bye").state == .pending)
    #expect(try await self.clip(fixture, "c.wav", audio: "hello").state == .done)
  }

  @Test func aClipThatWaitsTakesTheLastCut() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    _ = try await fixture.journal.enter(JournalFixture.cut(0, "hello"), of: claim.job)
    var shorter = JournalFixture.cut(0, "hel")
    shorter.range = ClipRange(start: 0, end: 80_000)
    let clip = try await fixture.journal.enter(shorter, of: claim.job)
    #expect(clip.range == shorter.range)
    #expect(try await fixture.journal.clips(of: claim.job.id).count == 1)
  }

  @Test func aLevelThatIsNoNumberIsKeptAsSilence() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("a.wav", "a")
    let claim = try #require(try await fixture.claim())
    for (index, level) in [Double.nan, -.infinity].enumerated() {
      var cut = JournalFixture.cut(index, "\(index)")
      cut.levelDBFS = level
      #expect(try await fixture.journal.enter(cut, of: claim.job).level == -120)
    }
  }

  @Test func aCancelledTaskStillCommitsWhatWasPaid() async throws {
    let fixture = try JournalFixture()
    let clip = try await clip(fixture, "a.wav", audio: "hello")
    let journal = fixture.journal
    let attempt = try await journal.begin(clip: clip.id)
    let cancelled = Task {
      while !Task.isCancelled { await Task.yield() }
      var attempt = attempt
      attempt.outcome = .answered
      let reply = JournalFixture.reply("Hello.")
      try await journal.commit(
        attempt,
        clip: clip.id,
        reply: reply,
        verdict: reply.verdict(hasSpeech: true)
      )
    }
    cancelled.cancel()
    try await cancelled.value
    try fixture.reopen()
    #expect(try await fixture.clips("a.wav").map(\.reply?.text) == ["Hello."])
  }

  @Test func everyAttemptIsKeptAsItEnded() async throws {
    let fixture = try JournalFixture()
    let clip = try await clip(fixture, "a.wav", audio: "hello")
    for (outcome, status, forgiven) in [
      (Attempt.Outcome.refused, 429, false), (.unsent, nil, false), (.refused, 401, true),
    ] as [(Attempt.Outcome, Int?, Bool)] {
      var attempt = try await fixture.journal.begin(clip: clip.id)
      attempt.outcome = outcome
      attempt.status = status
      attempt.milliseconds = 12
      attempt.detail = "it said \"no\"\n"
      attempt.isForgiven = forgiven
      try await fixture.journal.commit(attempt, clip: clip.id)
    }
    try fixture.reopen()
    let attempts = try #require(try await fixture.clips("a.wav").first).attempts
    #expect(attempts.map(\.outcome) == [.refused, .unsent, .refused])
    #expect(attempts.map(\.status) == [429, nil, 401])
    #expect(attempts.map(\.isForgiven) == [false, false, true])
    #expect(attempts.allSatisfy { $0.detail == "it said \"no\"\n" && $0.milliseconds == 12 })
  }

  @Test(
    arguments: [
      ("stop", "Hello.", nil, true, Clip.State.done, nil),
      (nil, "Hello.", nil, true, .done, nil),
      ("stop", "", nil, true, .gap, .empty),
      ("stop", "", nil, false, .noSpeech, nil),
      ("length", "Hel", nil, true, .gap, .truncated),
      ("content_filter", "", nil, true, .gap, .contentFilter),
      ("stop", "", "I cannot.", true, .gap, .refusal),
    ] as [(String?, String, String?, Bool, Clip.State, Clip.Gap?)]
  )
  func onlyTextThatTheModelEndedIsATranscript(
    _ finish: String?,
    _ text: String,
    _ refusal: String?,
    _ hasSpeech: Bool,
    _ state: Clip.State,
    _ gap: Clip.Gap?
  ) {
    let reply = Reply(text: text, finishReason: finish, refusal: refusal)
    let verdict = reply.verdict(hasSpeech: hasSpeech)
    #expect(verdict.state == state)
    #expect(verdict.gap == gap)
  }
}

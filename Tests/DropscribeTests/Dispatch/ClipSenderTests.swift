import FoundationEssentials
import GRDB
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Dropscribe

/// One clip on its way, with every step in the journal before the next.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ClipSenderTests {
  /// Answers one after the other, the last for good.
  private static func script(_ responses: [StubServer.Response]) -> StubServer.Handler {
    let number = Mutex(0)
    return { _ in
      responses[
        number.withLock { number in
          defer { number += 1 }
          return min(number, responses.count - 1)
        }
      ]
    }
  }

  private static func refusal(
    _ status: HTTPResponseStatus,
    _ headers: HTTPHeaders = [:],
    code: String = "x"
  )
    -> StubServer.Response
  {
    .json(#"{"error":{"message":"no","code":"\#(code)"}}"#, status: status, headers: headers)
  }

  @Test("contract 8: what may pass is tried again until there is a reply")
  func whatMayPassIsTriedAgainUntilThereIsAReply() async throws {
    try await DispatchFixture.with(
      Self.script([
        Self.refusal(.serviceUnavailable), Self.refusal(.tooManyRequests), .completion("Hello."),
      ])
    ) { fixture in
      let (clip, question) = try await fixture.clip("a")
      #expect(try await fixture.sender().send(clip, of: question, audio: [1]) == .final)
      let now = try await fixture.now(clip)
      #expect(now.state == .done)
      #expect(now.reply?.text == "Hello.")
      #expect(now.attempts.map(\.outcome) == [.refused, .refused, .answered])
      #expect(now.attempts.map(\.status) == [503, 429, 200])
      #expect(fixture.server.requests.count == 3)
      #expect(await fixture.lane.health == .open)
    }
  }

  @Test("contract 8: what was sent without a reply is bought again twice, and is then a gap")
  func whatWasSentWithoutAReplyIsBoughtAgainTwiceAndThenAGap() async throws {
    try await DispatchFixture.with(Self.script([.init(body: .cut([0x7B]))])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      #expect(try await fixture.sender().send(clip, of: question, audio: [1]) == .final)
      let now = try await fixture.now(clip)
      #expect(now.gap == .unknown)
      #expect(now.attempts.map(\.outcome) == [.unknown, .unknown, .unknown])
      #expect(fixture.server.requests.count == 3)
    }
  }

  @Test func theLimitHoldsOverRestarts() async throws {
    try await DispatchFixture.with(Self.script([.completion("Hello.")])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      for _ in 0..<3 {
        _ = try await fixture.journal.journal.begin(clip: clip.id)
        try fixture.journal.reopen()
      }
      let again = try await fixture.now(clip)
      #expect(try await fixture.sender().send(again, of: question, audio: [1]) == .final)
      #expect(fixture.server.requests.isEmpty)
      #expect(try await fixture.now(clip).gap == .unknown)
    }
  }

  @Test func aRestartBelowTheLimitIsAnOrdinarySend() async throws {
    try await DispatchFixture.with(Self.script([.completion("Hello.")])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      for _ in 0..<2 {
        _ = try await fixture.journal.journal.begin(clip: clip.id)
        try fixture.journal.reopen()
      }
      let again = try await fixture.now(clip)
      #expect(try await fixture.sender().send(again, of: question, audio: [1]) == .final)
      #expect(try await fixture.now(clip).state == .done)
    }
  }

  @Test(
    "contract 7: a wrong key or an empty purse pauses the endpoint and says nothing about the clip",
    arguments: [
      (HTTPResponseStatus.unauthorized, "invalid_api_key"), (.forbidden, "x"),
      (.paymentRequired, "x"),
      (.tooManyRequests, "insufficient_quota"),
    ]
  )
  func aWrongKeyOrAnEmptyPursePausesTheEndpointAndSaysNothingAboutTheClip(
    _ status: HTTPResponseStatus,
    _ code: String
  ) async throws {
    try await DispatchFixture.with(Self.script([Self.refusal(status, code: code)])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      #expect(try await fixture.sender().send(clip, of: question, audio: [1]) == .pending)
      let now = try await fixture.now(clip)
      #expect(now.state == .pending)
      #expect(now.attempts.map(\.outcome) == [.refused])
      #expect(RetryPolicy.History(now.attempts.filter { !$0.isForgiven }, now: .now) == .init())
      #expect(await fixture.lane.pause != nil)
      #expect(await !fixture.lane.acquire())
    }
  }

  @Test("contract 6: a content filter in any of four shapes is a gap and no fault of the endpoint")
  func aContentFilterIsAGapAndNoFaultOfTheEndpoint() async throws {
    let shapes: [StubServer.Response] = [
      .json(#"{"error":{"code":"content_filter","message":"no","status":400}}"#, status: .badRequest),
      .json(#"{"code":"content_filter","message":"no","status":400}"#, status: .badRequest),
      .json(
        #"{"error":{"code":"400","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
        status: .badRequest
      ),
      .json(#"{"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]}"#),
    ]
    try await DispatchFixture.with(Self.script(shapes)) { fixture in
      for name in ["a", "b", "c", "d"] {
        let (clip, question) = try await fixture.clip(name)
        #expect(try await fixture.sender().send(clip, of: question, audio: [1]) == .final)
        #expect(try await fixture.now(clip).gap == .contentFilter)
      }
      #expect(fixture.server.requests.count == 4)
      #expect(await fixture.lane.health == .open)
    }
  }

  @Test("contract 7: a long wait gives the slot back")
  func aLongWaitGivesTheSlotBack() async throws {
    let response = Self.refusal(.tooManyRequests, ["retry-after": "600"])
    try await DispatchFixture.with(Self.script([response])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      guard case .deferred(let time) = try await fixture.sender().send(clip, of: question, audio: [1])
      else {
        Issue.record("it asked for ten minutes")
        return
      }
      #expect(time >= .seconds(600))
      #expect(try await fixture.now(clip).attempts.map(\.status) == [429])
    }
  }

  @Test func aPauseThatAnotherClipCausedIsHeardBeforeTheNextTry() async throws {
    try await DispatchFixture.with(Self.script([Self.refusal(.serviceUnavailable)])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      _ = await fixture.lane.pause("no money left", for: .seconds(3600))
      #expect(try await fixture.sender().send(clip, of: question, audio: [1]) == .pending)
      #expect(fixture.server.requests.count == 1)
    }
  }

  @Test func aLaneThatWasClosedGetsNoSecondTry() async throws {
    try await DispatchFixture.with(Self.script([Self.refusal(.serviceUnavailable)])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      await fixture.lane.close()
      #expect(try await fixture.sender().send(clip, of: question, audio: [1]) == .pending)
      #expect(fixture.server.requests.count == 1)
      #expect(try await fixture.now(clip).state == .pending)
    }
  }

  @Test func theThirdRecordingThatIsRefusedForGoodPausesInsteadOfFailing() async throws {
    try await DispatchFixture.with(Self.script([Self.refusal(.notFound)])) { fixture in
      var policy = DispatchFixture.quick
      policy.tripWait = .seconds(300)
      var fates: [ClipSender.Fate] = []
      var clips: [Clip] = []
      for name in ["a", "b", "c"] {
        let (clip, question) = try await fixture.clip(name)
        fates.append(try await fixture.sender(policy).send(clip, of: question, audio: [1]))
        clips.append(try await fixture.now(clip))
      }
      #expect(fates == [.final, .final, .pending])
      #expect(clips.map(\.state) == [.gap, .gap, .pending])
      #expect(await fixture.lane.pause?.reason.contains("404") == true)
    }
  }

  @Test func anEndpointThatCannotBeReachedCostsNothing() async throws {
    try await DispatchFixture.with(Self.script([.completion("Hello.")])) { fixture in
      let endpoint = JournalFixture.endpoint(url: "http://127.0.0.1:1/v1/chat/completions")
      let (clip, question) = try await fixture.clip("a")
      try await EndpointFixture.withClient(endpoint) { client in
        let sender = ClipSender(
          client: client,
          lane: fixture.lane,
          journal: fixture.journal.journal,
          policy: DispatchFixture.quick,
          log: JournalFixture.silent
        )
        let fate = try await sender.send(clip, of: question, audio: [1])
        #expect(fate == .pending)
      }
      #expect(try await fixture.now(clip).attempts.map(\.outcome) == [.unsent])
      #expect(await fixture.lane.pause != nil)
    }
  }

  @Test func aReplyThatTheJournalCannotTakeIsHeldUntilItCan() async throws {
    let isRefused = Gate()
    let answer = Gate()
    let handler: StubServer.Handler = { _ in
      isRefused.open()
      try await answer.pass()
      return .completion("Hello.")
    }
    try await DispatchFixture.with(handler) { fixture in
      let (clip, question) = try await fixture.clip("a")
      let (sender, database) = (fixture.sender(), fixture.journal.journal.database)
      async let fate = sender.send(clip, of: question, audio: [1])
      try await isRefused.pass()
      try await database.write { db in
        try db.execute(
          sql:
            "CREATE TRIGGER full BEFORE UPDATE ON clip BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
      }
      answer.open()
      try await Task.sleep(for: .milliseconds(300))
      #expect(try await fixture.now(clip).state == .pending)
      try await database.write { db in try db.execute(sql: "DROP TRIGGER full") }
      #expect(try await fate == .final)
      #expect(try await fixture.now(clip).reply?.text == "Hello.")
      #expect(fixture.server.requests.count == 1)
    }
  }

  @Test func nothingIsSentThatTheJournalCannotNote() async throws {
    try await DispatchFixture.with(Self.script([.completion("Hello.")])) { fixture in
      let (clip, question) = try await fixture.clip("a")
      try await fixture.journal.journal.database.write { db in
        try db.execute(
          sql:
            "CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
      }
      let sender = fixture.sender()
      await #expect(throws: DatabaseError.self) {
        try await sender.send(clip, of: question, audio: [1])
      }
      #expect(fixture.server.requests.isEmpty)
    }
  }

  @Test func aCancelledSendIsKnownToBeUnknown() async throws {
    let handler: StubServer.Handler = { _ in .init(body: .silence)
    }
    try await DispatchFixture.with(handler) { fixture in
      let (clip, question) = try await fixture.clip("a")
      let sender = fixture.sender()
      let task = Task { try await sender.send(clip, of: question, audio: [1]) }
      try await fixture.server.waitForRequests(1)
      task.cancel()
      #expect(try await task.value == .pending)
      #expect(try await fixture.now(clip).attempts.map(\.outcome) == [.unknown])
    }
  }
}

import Foundation
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct UsageSidecarTests {
  private typealias Fixture = SidecarFixture

  @Test func sumsAreExactOverTheReplies() throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", "a", "b", "c"), Fixture.job("es", suffix: ".es", "d"))
    let usage = try at.usage()
    let sums = try #require(usage.tasks["transcript"]?.sums)
    #expect(sums.tokens.prompt == 303)
    #expect(sums.tokens.completion == 30)
    #expect(sums.tokens.total == 333)
    #expect(sums.tokens.audio == 240)
    #expect(
      sums.tokens.details == ["prompt_tokens_details": .object(["cached_tokens": .integer(9)])]
    )
    #expect(sums.attempts.answered == 3)
    #expect(usage.totals.tokens.total == 443)
    #expect(usage.totals.clips == 4)
    #expect(usage.totals.attempts.total == 4)
    #expect(sums.cost == nil)
    #expect(usage.totals.costs.isEmpty)
  }

  @Test func attemptsThatMayHaveCostAreCountedAndListed() throws {
    let at = try Fixture()
    var job = Fixture.job("transcript", "a", "b")
    job.prices = .init(
      textPerMillion: 1,
      audioPerMillion: 4,
      completionPerMillion: 10,
      currency: "EUR"
    )
    try at.write(job)
    // Of 100 and 101 prompt tokens 80 are audio.
    let first = try #require(try at.usage().tasks["transcript"]?.sums.cost)
    #expect(first == .init(amount: 0.000_881, currency: "EUR", estimate: false))
    job.clips[0].attempts.insert(
      Attempt(
        id: 9,
        started: Fixture.start,
        outcome: .unknown,
        milliseconds: 300_000,
        detail: "no reply in 300 s"
      ),
      at: 0
    )
    try at.write(job)
    let task = try #require(try at.usage().tasks["transcript"])
    #expect(task.sums.attempts.unknown == 1)
    #expect(task.sums.cost?.estimate == true)
    #expect(task.clips[0].failedAttempts?.map(\.outcome) == ["unknown"])
    #expect(task.clips[0].attempts == 2)
    #expect(task.clips[0].milliseconds == 1234)
    #expect(task.clips[1].failedAttempts == nil)
  }

  @Test func aReplyThatDoesNotTellAudioFromTextCountsAtTheDearerPrice() {
    let prices = EndpointConfiguration.Prices(
      textPerMillion: 1,
      audioPerMillion: 4,
      completionPerMillion: 10,
      currency: "USD"
    )
    #expect(
      prices.cost(of: Usage(promptTokens: 1_000_000, completionTokens: 0, totalTokens: 1_000_000))
        == 4
    )
    let told = Usage(
      promptTokens: 1_000_000,
      completionTokens: 100_000,
      totalTokens: 1_100_000,
      audioTokens: 0
    )
    #expect(prices.cost(of: told) == 2)
    var clip = Fixture.clip(0, "a")
    clip.reply?.usage?.audioTokens = nil
    #expect(UsageSidecar.Sums(of: [clip], prices: prices).cost?.estimate == true)
  }

  @Test func repliesThatWereBoughtElsewhereAreInNoSum() throws {
    let at = try Fixture()
    var job = Fixture.job("transcript", "a", "b")
    job.clips[1].attempts = []
    try at.write(job)
    let task = try #require(try at.usage().tasks["transcript"])
    #expect(task.sums.tokens.total == 110)
    #expect(task.clips.map(\.reused) == [nil, true])
    #expect(task.clips[1].tokens?.total == 111)
  }

  @Test func nonsenseFromAnEndpointDoesNotOverflow() {
    let clips = (0..<3).map { index in
      var clip = Fixture.clip(index, "a")
      clip.reply?.usage = Usage(
        promptTokens: .max,
        completionTokens: .min,
        totalTokens: .max,
        audioTokens: -1,
        details: [
          "n": .integer(.max), "text": .string("x"), "none": .null,
          "inner": .object(["a": .string("b")]),
        ]
      )
      return clip
    }
    let sums = UsageSidecar.Sums(of: clips, prices: nil)
    #expect(sums.tokens.prompt == .max)
    #expect(sums.tokens.completion == .min)
    #expect(sums.tokens.details?.keys.sorted() == ["n"])
  }

  @Test func completeMeansAllOfIt() throws {
    let at = try Fixture()
    let done = Fixture.job("transcript", "a")
    var gapped = Fixture.job("es", suffix: ".es", "a", "b")
    gapped.clips[1].state = .gap
    gapped.clips[1].gap = .contentFilter
    var damaged = done
    damaged.job.source?.damage = "the last 3 s are missing"
    let cases: [(jobs: [JobReport], complete: Bool, final: Bool)] = [
      ([done], true, true),
      ([done, gapped], false, true),
      ([damaged], false, true),
      ([done, Fixture.job("es", state: .cancelled)], true, true),
      ([Fixture.job("es", state: .cancelled)], false, true),
      ([done, Fixture.job("es", state: .failed)], false, true),
      ([done, Fixture.job("es", state: .running)], false, false),
      ([done, Fixture.job("es", state: .backlog)], false, false),
      ([], false, true),
    ]
    for (jobs, complete, final) in cases {
      let usage = UsageSidecar(at.report(jobs), outputs: [:], earlier: nil)
      #expect(usage.complete == complete)
      #expect(usage.final == final)
    }
  }

  @Test func noSecretOfTheAddressIsWritten() throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", "a"))
    let text = try at.read("standup.wav.usage.json")
    for secret in ["hunter2", "s3cret", "someone", "api-version"] {
      #expect(!text.contains(secret))
    }
    #expect(try at.usage().tasks["transcript"]?.endpoint == "example.services.ai.azure.com:8443")
    #expect(UsageSidecar.Task.host(of: "http://[::1]:8000/v1") == "[::1]:8000")
    #expect(UsageSidecar.Task.host(of: "https://a@b:c@host?x=@y") == "host")
    #expect(UsageSidecar.Task.host(of: "http+unix://%2Frun%2Fx.sock/v1") == "%2Frun%2Fx.sock")
  }

  @Test func whatIsWrittenIsReadBackAlike() throws {
    let at = try Fixture()
    try at.write(everything(), Fixture.job("my_Task", suffix: ".x", "a"))
    let text = try at.read("standup.wav.usage.json")
    let usage = try #require(UsageSidecar.untouched(Data(text.utf8)))
    #expect(usage.tasks.keys.sorted() == ["my_Task", "transcript"])
    #expect(usage.written == Fixture.start)
    #expect(text.contains(#""written" : "2026-09-21T14:13:20Z""#))
    #expect(UsageSidecar.untouched(Data(text.replacing("1.2.3", with: "1.2.4").utf8)) != nil)
    #expect(UsageSidecar.untouched(Data((text + "\n").utf8)) == nil)
    #expect(
      UsageSidecar.untouched(Data(text.replacing("\"index\"", with: "\"Index\"").utf8)) == nil
    )
  }

  @Test func sidecarsAreWhatTheirSchemasSay() throws {
    let at = try Fixture()
    var odd = Fixture.job("es", suffix: ".es", state: .failed, "a")
    odd.job.reason = "control \u{1B} and \u{2028} and \"quotes\""
    odd.problem = .init(
      what: "no text",
      why: "the disk is full",
      whatToDo: "make room",
      since: Fixture.start,
      retriesByItself: true
    )
    try at.write(everything(), odd, Fixture.job("waits", state: .backlog))
    try at.validate("standup.wav.usage.json", against: "usage")
    try at.validate("standup.wav.error.json", against: "error")

    let plain = try Fixture()
    try plain.write(Fixture.job("transcript", "a"), Fixture.job("de", state: .failed))
    try plain.validate("standup.wav.usage.json", against: "usage")
    try plain.validate("standup.wav.error.json", against: "error")
    let wrong = try plain.read("standup.wav.usage.json").replacing(
      "\"complete\"",
      with: "\"compleat\""
    )
    try plain.put(wrong, at: "wrong.json")
    #expect(throws: (any Error).self) { try plain.validate("wrong.json", against: "usage") }
  }

  @Test func theExampleInTheManualIsWhatIsWritten() throws {
    let manual = try String(
      contentsOf: Fixture.repository.appending(path: "docs/sidecars.md"),
      encoding: .utf8
    )
    let at = try Fixture()
    for (block, schema) in zip(
      manual.components(separatedBy: "```json\n").dropFirst(),
      ["usage", "error"]
    ) {
      let example = try #require(block.components(separatedBy: "```").first)
      try at.put(example, at: "example.json")
      try at.validate("example.json", against: schema)
      let data = Data(example.utf8)
      #expect(
        schema == "usage"
          ? UsageSidecar.untouched(data) != nil : ErrorSidecar.untouched(data) != nil
      )
    }
    #expect(manual.components(separatedBy: "```json\n").count == 3)
  }

  /// A job with everything that a usage sidecar can say.
  private func everything() -> JobReport {
    var job = Fixture.job("transcript", "a", "b", "c", "d", "e")
    job.prices = .init(
      textPerMillion: 0.1,
      audioPerMillion: 0.2,
      completionPerMillion: 0.3,
      currency: "USD"
    )
    job.job.question.system = "You are an AI assistant."
    job.job.source?.damage = "the header is wrong"
    job.job.source?.silences = [
      .init(range: ClipRange(start: 800_000, end: 1_000_001), channel: nil),
      .init(range: ClipRange(start: 0, end: 800_000), channel: 1),
    ]
    job.job.source?.channels = 9
    job.job.question.clip.channels = .split
    job.clips[0].joint = .doubtful
    job.clips[1].state = .gap
    job.clips[1].gap = .truncated
    job.clips[1].detail = "length"
    job.clips[1].reply?.finishReason = "length"
    job.clips[2].state = .noSpeech
    job.clips[2].reply = Reply(text: "")
    job.clips[3].state = .gap
    job.clips[3].gap = .failed
    job.clips[3].reply = nil
    job.clips[3].attempts = [Attempt.Outcome.refused, .unsent, .unknown, .sent].map {
      Attempt(
        id: 7,
        started: Fixture.start,
        outcome: $0,
        status: 503,
        milliseconds: 4,
        detail: "busy"
      )
    }
    job.clips[4].attempts = []
    for index in job.clips.indices { job.clips[index].channel = index % 2 }
    var equal = job.clips[4]
    (equal.id, equal.index, equal.state, equal.reply) = (99, 5, .equal, nil)
    job.clips.append(equal)
    return job
  }
}

extension SidecarFixture {
  static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  struct Invalid: Error, CustomStringConvertible {
    var description: String
  }

  /// Asks the Python package jsonschema, which `DROPSCRIBE_PYTHON` has, and `python3` may have.
  func validate(_ name: String, against schema: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      ProcessInfo.processInfo.environment["DROPSCRIBE_PYTHON"] ?? "python3",
      Self.repository.appending(path: "Tests/validate_sidecar.py").path,
      Self.repository.appending(path: "docs/schema/\(schema).schema.json").path,
      folder.appending(name).string,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Invalid(description: String(decoding: said, as: UTF8.self))
    }
  }
}

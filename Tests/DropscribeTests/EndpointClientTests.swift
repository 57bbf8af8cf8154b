import FoundationEssentials
import Logging
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Dropscribe

@Suite("Asking an endpoint", .timeLimit(.minutes(5)))
struct EndpointClientTests {
  private typealias Fixture = EndpointFixture

  @Test func `contract 1: sends the article's request and reads its reply`() async throws {
    try await StubServer.with { _ in
      .completion("Hola.")
    } body: { server in
      var configuration = Fixture.configuration(
        url: server.url + "/models/chat/completions?api-version=2024-05-01-preview"
      )
      configuration.headers = ["extra-parameters": "drop", "User-Agent": "mine"]
      let exchange = try await Fixture.withClient(configuration) { client in
        await client.ask(Fixture.question(configuration), audio: Fixture.wav)
      }
      #expect(exchange.answer.reply?.text == "Hola.")
      #expect(exchange.answer.reply?.usage?.totalTokens == 84)
      #expect(exchange.status == 200)
      #expect(exchange.milliseconds >= 0)
      let request = try #require(server.requests.first)
      #expect(server.requests.count == 1)
      #expect(request.method == .POST)
      #expect(request.uri == "/models/chat/completions?api-version=2024-05-01-preview")
      #expect(request.headers["api-key"] == [Fixture.key])
      #expect(request.headers["authorization"] == ["Bearer \(Fixture.key)"])
      #expect(request.headers["content-type"] == ["application/json"])
      #expect(request.headers["content-length"] == ["\(request.body.count)"])
      #expect(request.headers["extra-parameters"] == ["drop"])
      #expect(request.headers["user-agent"] == ["mine"])
      let body = String(decoding: request.body, as: UTF8.self)
      #expect(body.contains("\"data\":\"\(Data(Fixture.wav).base64EncodedString())\",\"format\":\"wav\""))
      let fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(request.body))
      #expect(Set(fields.keys) == ["messages", "model"])
    }
  }

  @Test(
    arguments: [
      (.none, [], []), (.apiKey, [EndpointFixture.key], []), (.bearer, [], ["Bearer \(EndpointFixture.key)"]),
    ] as [(EndpointConfiguration.Authentication, [String], [String])]
  )
  func `sends the key only in the headers that were chosen`(
    authentication: EndpointConfiguration.Authentication,
    apiKey: [String],
    authorization: [String]
  ) async throws {
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      // Each URL goes out as it stands: a deployment's with its query, v1's without one.
      let configuration = Fixture.configuration(
        url: server.url + "/openai/v1/x",
        authentication: authentication
      )
      _ = try await Fixture.withClient(configuration) { client in
        await client.ask(Fixture.question(configuration), audio: [])
      }
      let request = try #require(server.requests.first)
      #expect(request.uri == "/openai/v1/x")
      #expect(request.headers["api-key"] == apiKey)
      #expect(request.headers["authorization"] == authorization)
    }
  }

  @Test func `sends nothing where the key cannot be read or carried`() async throws {
    struct NoKey: Error {}
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      for key in ["two\nlines", "spa ce", "naïve", "\u{7F}"] {
        let exchange = try await Fixture.withClient(configuration, key: key) { client in
          await client.ask(Fixture.question(configuration), audio: [])
        }
        #expect(exchange.answer.unsent?.contains("key") == true)
        #expect(exchange.answer.unsent?.contains(key) == false)
      }
      try await Connections.with(requestsAtATime: 1) { connections in
        let client = EndpointClient(
          configuration: configuration,
          admission: .key { throw NoKey() },
          connections: connections,
          logger: Logger(label: "test")
        )
        #expect(
          await client.ask(Fixture.question(configuration), audio: []).answer.unsent?.contains("NoKey")
            == true
        )
      }
      #expect(server.requests.isEmpty)
    }
  }

  @Test func `keeps connections for the requests that follow`() async throws {
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      try await Fixture.withClient(configuration) { client in
        for _ in 0..<5 { _ = await client.ask(Fixture.question(configuration), audio: Fixture.wav) }
      }
      #expect(server.requests.count == 5)
      #expect(Set(server.requests.map(\.connection)).count == 1)
    }
  }

  @Test func `has as many requests under way as are asked for`() async throws {
    let together = 12
    // Each reply is held back until all requests are there.
    let arrived = Atomic(0)
    try await StubServer.with { _ in
      arrived.add(1, ordering: .relaxed)
      while arrived.load(ordering: .relaxed) < together { try await Task.sleep(for: .milliseconds(5)) }
      return .completion("a")
    } body: { server in
      var configuration = Fixture.configuration(url: server.url)
      configuration.concurrency = together
      let question = Fixture.question(configuration)
      let texts = try await Fixture.withClient(configuration) { client in
        await withTaskGroup(of: String?.self) { group in
          for _ in 0..<together {
            group.addTask {
              await client.ask(question, audio: Fixture.wav).answer.reply?.text
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(texts == Array(repeating: "a", count: together))
    }
  }

  @Test func `sends a long clip whole`() async throws {
    let wav = (0..<5_000_001).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      let exchange = try await Fixture.withClient(configuration) { client in
        await client.ask(Fixture.question(configuration), audio: wav)
      }
      #expect(exchange.answer.reply != nil, "\(exchange)")
      let body = try #require(server.requests.first).body
      let start = try #require(body.firstRange(of: Array(#""data":""#.utf8))).upperBound
      let end = try #require(body[start...].firstIndex(of: UInt8(ascii: "\"")))
      #expect(Data(base64Encoded: Data(body[start..<end])) == Data(wav))
    }
  }

  @Test func `takes the key as it is at each request`() async throws {
    let keys = Mutex(["first", "second"])
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      try await Connections.with(requestsAtATime: 1) { connections in
        let client = EndpointClient(
          configuration: configuration,
          admission: .key { keys.withLock { Secret($0.removeFirst()) } },
          connections: connections,
          logger: Logger(label: "test")
        )
        for _ in 0..<2 { _ = await client.ask(Fixture.question(configuration), audio: []) }
      }
      #expect(server.requests.map { $0.headers["api-key"] } == [["first"], ["second"]])
    }
  }

  @Test func `probes once more in the other shape where the first is refused`() async throws {
    try await StubServer.with { request in
      let isURL = String(decoding: request.body, as: UTF8.self).contains(#""type":"audio_url""#)
      return isURL ? .completion("Hello.") : Self.refusal(Self.azure)
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      let exchange = try await Fixture.withClient(configuration) { await $0.probe() }
      #expect(exchange.answer.reply?.text == "Hello.")
      #expect(server.requests.count == 2)
    }
  }

  @Test func `probes with a second of speech and a plain instruction`() async throws {
    try await StubServer.with { _ in
      .completion("Hello, how are you?")
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      let exchange = try await Fixture.withClient(configuration) { await $0.probe() }
      #expect(exchange.answer.reply?.text == "Hello, how are you?")
      let body = String(decoding: try #require(server.requests.first).body, as: UTF8.self)
      #expect(body.contains("Transcribe the audio clip into text."))
      #expect(body.contains(Data(ProbeSpeech.wav).base64EncodedString()))
    }
  }

  // MARK: The audio part's shape

  private static func refusal(_ body: String) -> StubServer.Response {
    .json(body, status: .unprocessableEntity)
  }

  private static let azure =
    #"{"error":{"code":"Invalid input","status":422,"message":"invalid input error"}}"#

  @Test func `contract 2: changes to audio_url once when input_audio is refused, and remembers it`()
    async throws
  {
    try await StubServer.with { request in
      let isURL = String(decoding: request.body, as: UTF8.self).contains(#""type":"audio_url""#)
      return isURL ? .completion("Hola.") : Self.refusal(Self.azure)
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      let question = Fixture.question(configuration)
      try await Fixture.withClient(configuration) { client in
        #expect(await client.ask(question, audio: Fixture.wav).answer.refusal?.kind == .audioPart)
        #expect(await client.ask(question, audio: Fixture.wav).answer.reply?.text == "Hola.")
        #expect(await client.ask(question, audio: Fixture.wav).answer.reply?.text == "Hola.")
        // Another model may differ.
        var other = question
        other.model = "other"
        #expect(await client.ask(other, audio: Fixture.wav).answer.refusal?.kind == .audioPart)
      }
      #expect(server.requests.count == 4)
      let sent = String(decoding: server.requests[1].body, as: UTF8.self)
      #expect(sent.contains("data:audio/wav;base64,\(Data(Fixture.wav).base64EncodedString())"))
    }
  }

  @Test func `contract 2: takes a second refusal for final and goes back to input_audio`() async throws {
    try await StubServer.with { _ in
      Self.refusal(Self.azure)
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      let question = Fixture.question(configuration)
      try await Fixture.withClient(configuration) { client in
        let kinds = [
          await client.ask(question, audio: []).answer.refusal?.kind,
          await client.ask(question, audio: []).answer.refusal?.kind,
          await client.ask(question, audio: []).answer.refusal?.kind,
        ]
        #expect(kinds == [.audioPart, .permanent, .permanent])
      }
      let shapes = server.requests.map { String(decoding: $0.body, as: UTF8.self).contains("input_audio") }
      #expect(shapes == [true, false, true])
    }
  }

  @Test func `never changes a shape that worked or was chosen`() async throws {
    let count = Atomic(0)
    try await StubServer.with { _ in
      count.add(1, ordering: .relaxed).newValue == 1 ? .completion("a") : Self.refusal(Self.azure)
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      try await Fixture.withClient(configuration) { client in
        #expect(await client.ask(Fixture.question(configuration), audio: []).answer.reply != nil)
        #expect(
          await client.ask(Fixture.question(configuration), audio: []).answer.refusal?.kind == .permanent
        )
      }
      for part in [EndpointConfiguration.AudioPart.inputAudio, .audioURL] {
        let fixed = Fixture.configuration(url: server.url, audioPart: part)
        try await Fixture.withClient(fixed) { client in
          #expect(await client.ask(Fixture.question(fixed), audio: []).answer.refusal?.kind == .permanent)
          let body = try #require(server.requests.last).body
          #expect(String(decoding: body, as: UTF8.self).contains("\"type\":\"\(part.rawValue)\""))
        }
      }
    }
  }

  @Test func `sends every clip again at most once, in whatever order answers come`() {
    var random = SeededGenerator(state: 11)
    for _ in 0..<2000 {
      let shapes = AudioShapes(.automatic)
      let takesURL = Bool.random(using: &random)
      // Each clip: its shape while under way, and how often it was sent again.
      var flights: [(shape: ChatRequest.AudioShape, resends: Int)] = (0..<6).map { _ in
        (shapes.shape(model: nil), 0)
      }
      while !flights.isEmpty {
        let index = Int.random(in: 0..<flights.count, using: &random)
        let flight = flights[index]
        if takesURL, flight.shape == .audioURL {
          shapes.worked(.audioURL, model: nil)
          flights.remove(at: index)
        } else if shapes.failed(flight.shape, model: nil) {
          flights[index] = (shapes.shape(model: nil), flight.resends + 1)
          #expect(flights[index].resends == 1)
        } else {
          #expect(!takesURL, "a clip was given up though the other shape works")
          flights.remove(at: index)
        }
      }
      #expect(shapes.shape(model: nil) == (takesURL ? .audioURL : .inputAudio))
    }
  }

  // MARK: Secrets

  @Test func `contract 11: shows neither key nor payload in any answer or log line`() async throws {
    let lines = LogLines()
    let audio = Data(Fixture.wav).base64EncodedString()
    let echo: @Sendable (StubServer.Request) -> String = { request in
      request.headers.map { "\($0.name): \($0.value)" }.joined(separator: " ")
        + String(decoding: request.body, as: UTF8.self).replacing("\"", with: "'")
    }
    let ways: [@Sendable (StubServer.Request) -> StubServer.Response] = [
      { .json("{\"error\":{\"message\":\"\(echo($0))\"}}", status: .badRequest) },
      { .json("{\"error\":{\"message\":\"\(echo($0))\"}}") },
      { .init(.badGateway, body: .whole(Array("<html>\(echo($0))</html>".utf8))) },
      { .json(echo($0)) },
      {
        .init(
          .found,
          headers: ["location": "https://x.example/?\(Fixture.key)"],
          body: .whole(Array(echo($0).utf8))
        )
      },
      { _ in .init(body: .none(reset: true)) },
    ]
    for way in ways {
      try await StubServer.with {
        way($0)
      } body: { server in
        let configuration = Fixture.configuration(url: server.url + "/x?sig=\(Fixture.key)")
        let exchange = try await Fixture.withClient(
          configuration,
          logger: Logger(label: "test") { _ in lines.handler() }
        ) { client in
          await client.ask(Fixture.question(configuration), audio: Fixture.wav)
        }
        lines.add("\(exchange)")
      }
    }
    #expect(lines.all.count == 2 * ways.count)
    for line in lines.all {
      #expect(!line.contains(Fixture.key) && !line.contains(audio.prefix(24)), "\(line)")
    }
  }
}

/// Collects what is logged, metadata included.
private final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func add(_ line: String) { lines.withLock { $0.append(line) } }

  func handler() -> any LogHandler { Handler(lines: self) }

  private struct Handler: LogHandler {
    var lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.add("\(event.message) \(event.metadata ?? [:])")
    }
  }
}

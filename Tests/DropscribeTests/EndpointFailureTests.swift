import NIOHTTP1
import TestSupport
import Testing

@testable import Dropscribe

@Suite("An endpoint that fails", .timeLimit(.minutes(5)))
struct EndpointFailureTests {
  private typealias Fixture = EndpointFixture

  private func ask(_ url: String) async throws -> EndpointClient.Exchange {
    let configuration = Fixture.configuration(url: url)
    return try await Fixture.withClient(configuration) { client in
      await client.ask(Fixture.question(configuration), audio: Fixture.wav)
    }
  }

  // MARK: Nothing was sent

  @Test func `by refusing connections has cost nothing`() async throws {
    let port = try await StubServer.with { _ in
      .completion("a")
    } body: {
      $0.port
    }
    let exchange = try await ask("http://127.0.0.1:\(port)/x?sig=\(Fixture.key)")
    let reason = try #require(exchange.answer.unsent, "\(exchange)")
    #expect(reason == "cannot reach 127.0.0.1:\(port): connection refused: nothing listens there")
    #expect(exchange.status == nil)
  }

  @Test func `by having no address has cost nothing`() async throws {
    let exchange = try await ask("https://endpoint.invalid/v1/chat/completions")
    let reason = try #require(exchange.answer.unsent, "\(exchange)")
    #expect(reason.hasPrefix("cannot reach endpoint.invalid: no address"))
  }

  @Test func `by a certificate that nobody vouches for has cost nothing`() async throws {
    let exchange = try await SelfSignedServer.with { server, _ in
      try await ask("https://localhost:\(server.port)/v1")
    }
    let reason = try #require(exchange.answer.unsent, "\(exchange)")
    #expect(reason.contains("certificate cannot be verified"))
  }

  @Test func `by speaking no TLS has cost nothing`() async throws {
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      let exchange = try await ask("https://127.0.0.1:\(server.port)/v1")
      #expect(exchange.answer.unsent != nil, "\(exchange)")
      #expect(server.requests.isEmpty)
    }
  }

  @Test(arguments: ["", "nonsense", "ftp://example.com/", "https:///x"])
  func `by an address that is none has cost nothing`(url: String) async throws {
    #expect(try await ask(url).answer.unsent != nil)
  }

  // MARK: Sent, and no whole reply

  @Test(arguments: [true, false])
  func `by closing before its reply may have been paid`(reset: Bool) async throws {
    let exchange = try await Fixture.exchange { _ in .init(body: .none(reset: reset)) }
    #expect(exchange.answer.unknown != nil, "\(exchange)")
    #expect(exchange.status == nil)
  }

  @Test func `by a reset amid its reply may have been paid`() async throws {
    let exchange = try await Fixture.exchange { _ in .init(body: .cut(Array(#"{"choices":[{"#.utf8))) }
    #expect(exchange.answer.unknown != nil, "\(exchange)")
  }

  @Test(arguments: ["", "{\"choices\":[{", "<html>Sign in</html>"])
  func `by a reply that is no sound JSON may have been paid`(body: String) async throws {
    let exchange = try await Fixture.exchange { _ in .json(body) }
    #expect(exchange.answer.unknown == "the reply is not sound JSON")
    #expect(exchange.status == 200)
  }

  @Test func `by silence ends at the deadline`() async throws {
    let exchange = try await Fixture.exchange(timeoutSeconds: 0.5) { _ in .init(body: .silence) }
    #expect(exchange.answer.unknown == "nothing more within 0.5 s")
  }

  @Test func `by dripping its reply ends at the deadline`() async throws {
    let exchange = try await Fixture.exchange(timeoutSeconds: 5) { _ in
      .init(body: .drip([UInt8](repeating: UInt8(ascii: " "), count: 100_000), every: .milliseconds(20)))
    }
    #expect(exchange.answer.unknown == "nothing more within 5 s")
    #expect(exchange.status == 200)
  }

  @Test func `by a reply of gigabytes is cut off`() async throws {
    let piece = Array(" ".utf8)
    let exchange = try await Fixture.exchange { _ in .init(body: .flood(piece, bytes: 4 << 30)) }
    #expect(exchange.answer.unknown == "the reply is longer than 8388608 bytes")
  }

  @Test func `while its task is cancelled may have been paid`() async throws {
    try await StubServer.with { _ in
      .init(body: .silence)
    } body: { server in
      let configuration = Fixture.configuration(url: server.url)
      try await Fixture.withClient(configuration) { client in
        try await withThrowingTaskGroup(of: EndpointClient.Exchange.self) { group in
          group.addTask { await client.ask(Fixture.question(configuration), audio: Fixture.wav) }
          try await server.waitForRequests(1)
          group.cancelAll()
          let exchange = try await group.next()
          #expect(exchange?.answer.unknown == "cancelled", "\(String(describing: exchange))")
        }
      }
    }
  }

  @Test func `contract 8: sends exactly one request whatever happens`() async throws {
    for response in [
      StubServer.Response(body: .none(reset: true)), .init(body: .none(reset: false)), .init(body: .cut([])),
      .json("{}", status: .serviceUnavailable), .json("{}", status: .tooManyRequests), .json("{}"),
      .init(.temporaryRedirect, headers: ["location": "/other"], body: .whole([])),
    ] {
      try await StubServer.with { _ in
        response
      } body: { server in
        _ = try await ask(server.url)
        #expect(server.requests.count == 1)
      }
    }
  }

  // MARK: Whole refusals

  @Test func `contract 7: refuses with a status that is kept, its number and its wait with it`() async throws
  {
    let exchange = try await Fixture.exchange { _ in
      .json(
        #"{"error":{"message":"Slow down","code":"rate_limit"}}"#,
        status: .tooManyRequests,
        headers: ["retry-after": "600", "x-request-id": "r-1"]
      )
    }
    let refusal = try #require(exchange.answer.refusal, "\(exchange)")
    #expect(refusal.kind == .transient)
    #expect(refusal.status == 429)
    #expect(refusal.retryAfter == .seconds(600))
    #expect(refusal.message == "rate_limit: Slow down")
    #expect(exchange.status == 429)
    #expect(exchange.requestID == "r-1")
  }

  @Test func `contract 10: refuses under a success status`() async throws {
    let exchange = try await Fixture.exchange { _ in .json(#"{"error":{"code":402,"message":"No credit"}}"#) }
    #expect(exchange.answer.refusal?.kind == .unpaid)
    #expect(exchange.status == 200)
  }

  @Test func `refuses for good when it answers something else`() async throws {
    let foreign = try await Fixture.exchange { _ in .json(#"{"status":"ok"}"#) }
    #expect(foreign.answer.refusal?.kind == .permanent)
    let stream = try await Fixture.exchange { _ in
      .init(headers: ["content-type": "text/event-stream"], body: .whole(Array("data: {}\n\n".utf8)))
    }
    #expect(stream.answer.refusal?.message.contains("stream") == true)
  }

  @Test func `is refused when the error's body is cut, too long or never ends`() async throws {
    let cut = try await Fixture.exchange { _ in
      .init(.badRequest, body: .flood(Array("long ".utf8), bytes: 1 << 20))
    }
    #expect(cut.answer.refusal?.kind == .permanent, "\(cut)")
    let drip = try await Fixture.exchange(timeoutSeconds: 5) { _ in
      .init(.badGateway, body: .drip([UInt8](repeating: 65, count: 100_000), every: .milliseconds(50)))
    }
    #expect(drip.answer.refusal?.kind == .transient, "\(drip)")
  }

  @Test(arguments: [
    #"{"loc":["body","seed"],"input":1}"#, #"[{"loc":["body","seed"],"msg":"extra"}]"#,
  ])
  func `contract 5: names the parameter that is not supported, and that is final`(detail: String) async throws
  {
    let exchange = try await Fixture.exchange { _ in
      .json(
        #"{"status":422,"code":"parameter_not_supported","detail":\#(detail),"message":"No"}"#,
        status: .unprocessableEntity
      )
    }
    let refusal = try #require(exchange.answer.refusal, "\(exchange)")
    #expect(refusal.kind == .permanent)
    #expect(refusal.message.contains("body.seed"))
    var random = SeededGenerator(state: 1)
    let verdict = RetryPolicy().verdict(on: exchange.answer, history: .init(), random: &random)
    guard case .giveUp(.failed, _)? = verdict else {
      Issue.record("\(String(describing: verdict))")
      return
    }
  }

  @Test(arguments: [
    HTTPResponseStatus.movedPermanently, .found, .seeOther, .temporaryRedirect, .permanentRedirect,
  ])
  func `is never followed to another address`(status: HTTPResponseStatus) async throws {
    try await StubServer.with { _ in
      .completion("stolen")
    } body: { other in
      let exchange = try await Fixture.exchange { _ in
        .init(status, headers: ["location": other.url + "/v2?token=t"], body: .whole([]))
      }
      #expect(exchange.answer.refusal?.kind == .permanent)
      #expect(exchange.answer.refusal?.message.contains(other.url + "/v2:") == true)
      #expect(exchange.answer.refusal?.message.contains("token") == false)
      #expect(other.requests.isEmpty)
    }
  }
}

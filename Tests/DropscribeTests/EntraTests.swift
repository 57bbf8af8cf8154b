import FoundationEssentials
import NIOHTTP1
import SystemPackage
import TestSupport
import Testing

@testable import Dropscribe

@Suite("A token of Entra ID", .timeLimit(.minutes(5)))
struct EntraTests {
  private typealias Fixture = EntraFixture

  private func body(_ request: StubServer.Request?) -> String {
    String(decoding: request?.body ?? [], as: UTF8.self)
  }

  // MARK: Asking

  @Test func `is had with a client secret, and goes as Bearer alone`() async throws {
    try await Fixture.with { fixture in
      let exchange = try await fixture.ask(fixture.configuration())
      #expect(exchange.answer.reply?.text == "Hello.")
      let asked = try #require(fixture.authority.requests.first)
      #expect(asked.method == .POST)
      #expect(asked.uri == "/t.example/oauth2/v2.0/token")
      #expect(asked.headers["content-type"] == ["application/x-www-form-urlencoded"])
      #expect(
        body(asked)
          == "client_id=app-1&grant_type=client_credentials"
          + "&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"
          + "&client_secret=cl13nt~SE%2BCRET%2Fof%2Bthe%2Fappl%2Bication"
      )
      let sent = try #require(fixture.endpoint.requests.first)
      #expect(sent.headers["authorization"] == ["Bearer " + Fixture.text(1)])
      #expect(sent.headers["api-key"] == [])
    }
  }

  @Test func `is had with a federated token, whose file is read anew`() async throws {
    try await Fixture.with { fixture in
      try await TemporaryFolder.with { folder in
        let file = folder.appending("azure-identity-token")
        try TemporaryFolder.write("first.federated.token\n", to: file)
        // What AKS gives a pod.
        let configuration = try fixture.configuration(
          "{}",
          environment: [
            "AZURE_FEDERATED_TOKEN_FILE": file.string, "AZURE_TENANT_ID": "t.example",
            "AZURE_CLIENT_ID": "app-1",
            "AZURE_AUTHORITY_HOST": fixture.authority.url + "/",
          ]
        )
        _ = try await fixture.ask(configuration, environment: [:])
        try TemporaryFolder.write("second.federated.token\n", to: file)
        _ = try await fixture.ask(configuration, environment: [:])
        let bodies = fixture.authority.requests.map { body($0) }
        #expect(
          fixture.authority.requests.map(\.uri) == Array(repeating: "/t.example/oauth2/v2.0/token", count: 2)
        )
        #expect(
          bodies.first?.hasSuffix(
            "&client_assertion=first.federated.token"
              + "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
          ) == true
        )
        #expect(bodies.last?.contains("&client_assertion=second.federated.token&") == true)
        #expect(bodies.allSatisfy { !$0.contains("client_secret") })
      }
    }
  }

  @Test func `is had by the identity of a virtual machine, with its odd lifetimes`() async throws {
    let expires =
      #""expires_in":"86399","expires_on":"\#(Int(Date().timeIntervalSince1970) + 86_399)","resource":"x""#
    try await Fixture.with(answer: { Fixture.token($0, expires: expires) }) { fixture in
      let configuration = try fixture.configuration(
        "{ managed_identity = true, client_id = \"mine\" }",
        // A proxy has no business between a machine and its own metadata.
        environment: [
          "AZURE_POD_IDENTITY_AUTHORITY_HOST": fixture.authority.url, "http_proxy": "http://127.0.0.1:1",
        ]
      )
      let exchange = try await fixture.ask(configuration, environment: [:])
      #expect(exchange.answer.reply != nil, "\(exchange)")
      let asked = try #require(fixture.authority.requests.first)
      #expect(asked.method == .GET)
      #expect(
        asked.uri
          == "/metadata/identity/oauth2/token?resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=mine"
          + "&api-version=2018-02-01"
      )
      #expect(asked.headers["metadata"] == ["true"])
      #expect(asked.body.isEmpty)
    }
  }

  @Test func `is had by the identity of an App Service`() async throws {
    try await Fixture.with { fixture in
      let environment = [
        "IDENTITY_ENDPOINT": fixture.authority.url + "/msi/token", "IDENTITY_HEADER": "h34der",
      ]
      let configuration = try fixture.configuration("{ managed_identity = true }", environment: environment)
      let exchange = try await fixture.ask(configuration, environment: environment)
      #expect(exchange.answer.reply != nil, "\(exchange)")
      let asked = try #require(fixture.authority.requests.first)
      #expect(
        asked.uri == "/msi/token?resource=https%3A%2F%2Fcognitiveservices.azure.com&api-version=2019-08-01"
      )
      #expect(asked.headers["x-identity-header"] == ["h34der"])
      #expect(asked.headers["metadata"] == [])
    }
  }

  @Test(
    "lives as long as it says, however it says it",
    arguments: [
      (#","expires_in":3599"#, 3599), (#","expires_in":"3599""#, 3599), (#","expires_on":1000060"#, 60),
      (#","expires_on":"1000060""#, 60), (#","expires_on":"999999""#, 0), (#","expires_in":"soon""#, 300),
      ("", 300), (#","expires_in":1e300"#, 604_800), (#","expires_in":"60","expires_on":"1003600""#, 60),
    ]
  )
  func lifetimes(fields: String, seconds: Int) throws {
    let text = #"{"access_token":"t"\#(fields)}"#
    let reply = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    let token = try #require(EntraToken(reply, now: Date(timeIntervalSince1970: 1_000_000)))
    #expect(token.lifetime == .seconds(seconds))
  }

  // MARK: 401

  @Test func `contract 9: is fetched once for many requests, and renewed and shown again once after a 401`()
    async throws
  {
    try await Fixture.with(
      answer: { Fixture.token($0, expires: #""expires_on":"4102444800""#) },
      accepts: { $0 != "Bearer " + Fixture.text(1) }
    ) { fixture in
      let configuration = try fixture.configuration()
      let question = EndpointFixture.question(configuration)
      try await fixture.withClient(configuration) { client in
        let kinds = await withTaskGroup(of: Refusal.Kind?.self) { group in
          for _ in 0..<12 {
            group.addTask { await client.ask(question, audio: EndpointFixture.wav).answer.refusal?.kind }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        // Whoever asked with the old one is told to ask again.
        #expect(Set(kinds.compactMap(\.self)) == [.staleToken])
        #expect(await client.ask(question, audio: []).answer.reply?.text == "Hello.")
        #expect(await client.ask(question, audio: []).answer.reply?.text == "Hello.")
      }
      #expect(fixture.authority.requests.count == 2)
    }
  }

  @Test func `contract 9: that is refused again after it was renewed is final`() async throws {
    try await Fixture.with(accepts: { _ in false }) { fixture in
      let configuration = try fixture.configuration()
      try await fixture.withClient(configuration) { client in
        let question = EndpointFixture.question(configuration)
        #expect(await client.ask(question, audio: []).answer.refusal?.kind == .staleToken)
        #expect(await client.ask(question, audio: []).answer.refusal?.kind == .unauthorised)
        // The next probe begins with a new token, and is not doubled.
        #expect(await client.ask(question, audio: []).answer.refusal?.kind == .unauthorised)
      }
      #expect(fixture.authority.requests.count == 3)
      #expect(fixture.endpoint.requests.count == 3)
    }
  }

  @Test func `is shown again by a probe`() async throws {
    try await Fixture.with(accepts: { $0 != "Bearer " + Fixture.text(1) }) { fixture in
      let exchange = try await fixture.withClient(fixture.configuration()) { await $0.probe() }
      #expect(exchange.answer.reply?.text == "Hello.")
      #expect(fixture.endpoint.requests.count == 2)
    }
  }

  @Test func `that was refused is sent again at once by whoever sends clips`() {
    var random = SeededGenerator(state: 1)
    let refusal = Refusal(kind: .staleToken, status: 401, message: "old", retryAfter: nil)
    #expect(
      RetryPolicy().verdict(on: .refused(refusal), history: .init(transient: 1), random: &random)
        == .again(after: .zero)
    )
  }

  // MARK: Failures

  /// As Entra ID says it.
  static func failure(_ error: String, _ words: String, status: HTTPResponseStatus = .unauthorized)
    -> StubServer.Response
  {
    let tail =
      #" Trace ID: 5b2f8a66-0000-4a2e-8d57-3d7c1f5a1a00 Correlation ID: 7d1e9c11-0000-4f3b-9a8e-2a6d0c2b5f00"#
      + " Timestamp: 2026-11-01 10:00:00Z"
    return .json(
      #"{"error":"\#(error)","error_description":"\#(words)\#(tail)","error_codes":[1],"trace_id":"x"}"#,
      status: status
    )
  }

  @Test(
    "that is not given says why in Azure's own words, and what to do",
    arguments: [
      (
        failure("invalid_client", "AADSTS7000215: Invalid client secret provided."),
        "HTTP 401: invalid_client: AADSTS7000215: Invalid client secret provided; client_secret must hold"
      ),
      (
        failure("invalid_request", "AADSTS90002: Tenant 't' not found.", status: .badRequest),
        "HTTP 400: invalid_request: AADSTS90002: Tenant 't' not found; check tenant"
      ),
      (
        failure(
          "invalid_client",
          "AADSTS700213: No matching federated identity record.",
          status: .badRequest
        ),
        "federated credential must name this token's subject"
      ),
      (
        failure("x", "Your secret \(EntraFixture.secret) is bad."),
        "HTTP 401: x: Your secret [redacted] is bad."
      ),
      (
        failure("y", "Form was secret=\(ChatAddress.escaped(EntraFixture.secret))"),
        "HTTP 401: y: Form was [redacted]"
      ),
      (
        .json(#"{"error":"invalid_request","error_description":"Identity not found"}"#, status: .badRequest),
        "give the machine an identity"
      ),
      (.json("<html>gone</html>", status: .badGateway), "HTTP 502: gone"),
      (.json(#"{"token_type":"Bearer"}"#), "without a token"),
      (.json(#"{"access_token":"to ken"}"#), "without a token"),
      (.json("nonsense"), "without a token"),
      (.init(body: .none(reset: true)), "cannot be reached"),
      (.init(.found, headers: ["location": "http://elsewhere.example/"], body: .whole([])), "HTTP 302"),
    ] as [(StubServer.Response, String)]
  )
  func failures(response: StubServer.Response, words: String) async throws {
    try await Fixture.with(answer: { _ in response }) { fixture in
      let exchange = try await fixture.ask(fixture.configuration())
      let reason = try #require(exchange.answer.unsent, "\(exchange)")
      #expect(reason.contains(words), "\(reason)")
      #expect(!reason.contains("Trace") && !reason.contains(Fixture.secret), "\(reason)")
      #expect(fixture.endpoint.requests.isEmpty)
    }
  }

  @Test func `cannot be asked for without its secret`() async throws {
    try await Fixture.with { fixture in
      let exchange = try await fixture.ask(fixture.configuration(), environment: [:])
      #expect(
        exchange.answer.unsent?.contains("the environment variable SECRET is not set") == true,
        "\(exchange)"
      )
      #expect(fixture.authority.requests.isEmpty)
    }
  }

  @Test func `stands in no answer, though the endpoint echoes it`() async throws {
    try await Fixture.with(accepts: { _ in false }) { fixture in
      let exchange = try await fixture.ask(fixture.configuration())
      let refusal = try #require(exchange.answer.refusal)
      #expect(refusal.message.contains("Access token"))
      #expect(!"\(exchange)".contains("t0k3n-1"), "\(exchange)")
    }
  }
}

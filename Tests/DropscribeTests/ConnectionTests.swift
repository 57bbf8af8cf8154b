import NIOHTTP1
import TestSupport
import Testing

@testable import Dropscribe

@Suite("A connection", .timeLimit(.minutes(5)))
struct ConnectionTests {
  /// Asks an endpoint with these further lines once.
  private func ask(
    _ url: String,
    _ lines: String = "",
    environment: [String: String] = [:]
  ) async throws -> EndpointClient.Exchange {
    let configuration = try ConfigurationFixture.read(
      "[endpoint.a]\npreset = \"vllm\"\nurl = \"\(url)\"\nallow_http = true\n\(lines)\n"
        + ConfigurationFixture.folder,
      environment: environment.merging(ConfigurationFixture.environment) { given, _ in given }
    )
    let endpoint = try #require(configuration.endpoints["a"])
    return try await EndpointFixture.withClient(endpoint, key: nil) { client in
      await client.ask(EndpointFixture.question(endpoint), audio: EndpointFixture.wav)
    }
  }

  // MARK: Authorities

  @Test func `trusts the authority in ca_file, and it alone beside the machine's`() async throws {
    try await SelfSignedServer.with { server, certificate in
      let good = try await ask("https://localhost:\(server.port)/v1", "ca_file = \"\(certificate)\"")
      #expect(good.answer.reply?.text == "a", "\(good)")
      try await SelfSignedServer.with { _, other in
        let bad = try await ask("https://localhost:\(server.port)/v1", "ca_file = \"\(other)\"")
        #expect(bad.answer.unsent?.contains("cannot be verified") == true, "\(bad)")
      }
      #expect(server.requests.count == 1)
    }
  }

  @Test func `is shared by endpoints that are reached alike, and by no others`() async throws {
    try await Connections.with(requestsAtATime: 1) { connections in
      var proxied = ConnectionSettings.direct
      proxied.proxy = try Proxy("p:1", source: "proxy", mayHoldPassword: false)
      #expect(connections.client(for: .direct) === connections.client(for: .direct))
      #expect(connections.client(for: proxied) === connections.client(for: proxied))
      #expect(connections.client(for: proxied) !== connections.client(for: .direct))
    }
  }

  // MARK: Proxies

  @Test func `goes through the proxy that the environment names, with its password`() async throws {
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      try await StubProxy.with(to: server.port) { proxy in
        let exchange = try await ask(
          "http://speech.example:8000/v1",
          environment: ["http_proxy": "http://ada:sesame@127.0.0.1:\(proxy.port)"]
        )
        #expect(exchange.answer.reply?.text == "a", "\(exchange)")
        // Basic, of "ada:sesame".
        #expect(proxy.tunnels.map(\.target) == ["speech.example:8000"])
        #expect(proxy.tunnels.map(\.authorization) == ["Basic YWRhOnNlc2FtZQ=="])
        // The proxy's password is the proxy's alone.
        #expect(server.requests.first?.headers.contains(name: "proxy-authorization") == false)
      }
    }
  }

  @Test func `speaks TLS with the endpoint behind the proxy`() async throws {
    try await SelfSignedServer.with { server, certificate in
      try await StubProxy.with(to: server.port) { proxy in
        let exchange = try await ask(
          "https://localhost:\(server.port)/v1",
          "proxy = \"127.0.0.1:\(proxy.port)\"\nca_file = \"\(certificate)\""
        )
        #expect(exchange.answer.reply?.text == "a", "\(exchange)")
        #expect(proxy.tunnels.map(\.target) == ["localhost:\(server.port)"])
      }
    }
  }

  @Test(arguments: [
    ("407", "wants a user name"), ("403", "refuses to connect"), ("502", "refuses to connect"),
  ])
  func `that the proxy refuses has cost nothing and names the proxy`(status: String, words: String)
    async throws
  {
    try await StubServer.with { _ in
      .completion("a")
    } body: { server in
      try await StubProxy.with(to: server.port, status: status) { proxy in
        let exchange = try await ask("http://speech.example/v1", "proxy = \"127.0.0.1:\(proxy.port)\"")
        let reason = try #require(exchange.answer.unsent, "\(exchange)")
        #expect(
          reason.hasPrefix("cannot reach speech.example through the proxy http://127.0.0.1:\(proxy.port): ")
        )
        #expect(reason.contains(words), "\(reason)")
        #expect(server.requests.isEmpty)
      }
    }
  }

  @Test func `that no proxy answers has cost nothing`() async throws {
    let port = try ReservedPort()
    let exchange = try await ask("http://speech.example/v1", "proxy = \"127.0.0.1:\(port.number)\"")
    #expect(exchange.answer.unsent?.contains("connection refused") == true, "\(exchange)")
  }
}

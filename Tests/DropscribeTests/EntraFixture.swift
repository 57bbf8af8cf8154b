import Logging
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Dropscribe

/// An authority and an endpoint on loopback that believe only each other.
struct EntraFixture {
  static let secret = "cl13nt~SE+CRET/of+the/appl+ication"

  /// What the authority was asked, and what it answers: tokens by number, unless told otherwise.
  let authority: StubServer
  let endpoint: StubServer

  /// - Parameters:
  ///   - answer: What the authority says to its request with that number, from 1; nil for a token.
  ///   - accepts: Whether the endpoint takes that `Authorization` header.
  static func with(
    answer: @escaping @Sendable (Int) -> StubServer.Response? = { _ in nil },
    accepts: @escaping @Sendable (String) -> Bool = { _ in true },
    body: (EntraFixture) async throws -> Void
  ) async throws {
    let count = Atomic(0)
    try await StubServer.with { _ in
      let number = count.add(1, ordering: .relaxed).newValue
      return answer(number) ?? token(number)
    } body: { authority in
      try await StubServer.with { request in
        accepts(request.headers.first(name: "authorization") ?? "")
          ? .completion("Hello.")
          : .json(
            #"{"error":{"code":"Unauthorized","message":"Access token \#(request.headers["authorization"]) is bad."}}"#
              .replacing("[\"", with: "").replacing("\"]", with: ""),
            status: .unauthorized
          )
      } body: { endpoint in
        try await body(EntraFixture(authority: authority, endpoint: endpoint))
      }
    }
  }

  /// What goes into the header for the authority's token of that number.
  static func text(_ number: Int) -> String { "eyJ0eXAiOiJKV1Qi.t0k3n-\(number).s1gnature-0f-it" }

  /// The reply of Microsoft's v2.0 endpoint.
  static func token(_ number: Int, expires: String = #""expires_in":3599,"ext_expires_in":3599"#)
    -> StubServer.Response
  {
    .json(#"{"token_type":"Bearer",\#(expires),"access_token":"\#(text(number))"}"#)
  }

  /// The configuration with these lines as `entra`.
  func configuration(
    _ entra: String? = nil,
    environment: [String: String] = [:]
  ) throws -> EndpointConfiguration {
    let entra =
      entra
      ?? #"{ tenant = "t.example", client_id = "app-1", client_secret = { env = "SECRET" }, authority = "\#(authority.url)" }"#
    let configuration = try ConfigurationFixture.read(
      "[endpoint.a]\npreset = \"azure-ai\"\nmodel = \"m\"\nurl = \"\(endpoint.url)/models\"\nentra = \(entra)\n"
        + ConfigurationFixture.folder,
      environment: environment.merging(ConfigurationFixture.environment) { given, _ in given }
    )
    return try #require(configuration.endpoints["a"])
  }

  /// Runs `body` with a client that asks for tokens as configured.
  func withClient<Result: Sendable>(
    _ configuration: EndpointConfiguration,
    environment: [String: String] = ["SECRET": secret],
    body: (EndpointClient) async throws -> Result
  ) async throws -> Result {
    try await Connections.with(requestsAtATime: 16) { connections in
      let client = EndpointClient(
        configuration: configuration,
        admission: Admission(configuration, environment: environment, connections: connections),
        connections: connections,
        logger: .init(label: "test")
      )
      return try await body(client)
    }
  }

  /// Asks once.
  func ask(
    _ configuration: EndpointConfiguration,
    environment: [String: String] = ["SECRET": secret]
  ) async throws -> EndpointClient.Exchange {
    try await withClient(configuration, environment: environment) { client in
      await client.ask(EndpointFixture.question(configuration), audio: EndpointFixture.wav)
    }
  }
}

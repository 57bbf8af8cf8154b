import Logging
import TestSupport

@testable import Dropscribe

/// What the endpoint's tests share.
enum EndpointFixture {
  /// Looks like a key, and must never show anywhere.
  static let key = "k3y-0123456789abcdefSECRET"
  /// Not a WAV, and long enough to be recognised when it leaks.
  static let wav: [UInt8] = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }

  static func configuration(
    url: String,
    authentication: EndpointConfiguration.Authentication = .both,
    audioPart: EndpointConfiguration.AudioPart = .automatic,
    timeoutSeconds: Double = 60
  ) -> EndpointConfiguration {
    EndpointConfiguration(
      name: "azure",
      preset: "azure-ai",
      url: url,
      model: "Phi-4-multimodal-instruct",
      key: .environment("KEY"),
      authentication: authentication,
      audioPart: audioPart,
      timeoutSeconds: timeoutSeconds,
      isLoopback: true
    )
  }

  static func question(
    _ endpoint: EndpointConfiguration,
    instruction: String = "Please translate this audio snippet to spanish.",
    system: String? = "You are an AI assistant for translating and transcribing audio clips."
  ) -> Question {
    Question(
      task: TaskConfiguration(
        name: "spanish",
        endpoint: endpoint.name,
        instruction: instruction,
        system: system,
        suffix: ".es",
        clip: ClipSettings()
      ),
      endpoint: endpoint
    )
  }

  /// A client for one endpoint that ends with `body`.
  static func withClient<Result: Sendable>(
    _ configuration: EndpointConfiguration,
    key: String? = EndpointFixture.key,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    body: (EndpointClient) async throws -> Result
  ) async throws -> Result {
    try await Connections.with(requestsAtATime: configuration.concurrency) { connections in
      let client = EndpointClient(
        configuration: configuration,
        admission: key.map { key in .key { Secret(key) } } ?? .open,
        connections: connections,
        logger: logger
      )
      return try await body(client)
    }
  }

  /// Asks once against a server that always answers alike, and says what came of it.
  static func exchange(
    path: String = "/v1/chat/completions",
    audioPart: EndpointConfiguration.AudioPart = .automatic,
    timeoutSeconds: Double = 60,
    _ handler: @escaping StubServer.Handler
  ) async throws -> EndpointClient.Exchange {
    try await StubServer.with(handler) { server in
      let configuration = configuration(
        url: server.url + path,
        audioPart: audioPart,
        timeoutSeconds: timeoutSeconds
      )
      return try await withClient(configuration) { client in
        await client.ask(question(configuration), audio: wav)
      }
    }
  }
}

extension Answer {
  var reply: Reply? { if case .reply(let reply) = self { reply } else { nil } }
  var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
  var unknown: String? { if case .unknown(let reason) = self { reason } else { nil } }
  var unsent: String? { if case .unsent(let reason) = self { reason } else { nil } }
}

/// A small generator whose run can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

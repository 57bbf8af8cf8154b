import Logging
import NIOPosix

/// `dropscribe check --online`: asks an endpoint about one second of built-in speech.
public enum EndpointProbe {
  /// What an endpoint said; for a person.
  public struct Finding: Sendable {
    /// The endpoint's name in the configuration.
    public var endpoint: String
    /// Whether it answered with a transcript.
    public var isGood: Bool
    /// What it answered, or why it did not and what to do.
    public var text: String
  }

  /// Asks every endpoint, one after the other.
  public static func run(
    _ configuration: Configuration,
    environment: [String: String]
  ) async throws -> [Finding] {
    try await Connections.with(requestsAtATime: 1) { connections in
      var findings: [Finding] = []
      for (name, endpoint) in configuration.endpoints.sorted(by: { $0.key < $1.key }) {
        let client = EndpointClient(
          configuration: endpoint,
          admission: Admission(endpoint, environment: environment, connections: connections),
          connections: connections,
          logger: Logger(label: "check", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        findings.append(finding(name, await client.probe()))
      }
      return findings
    }
  }

  private static func finding(_ name: String, _ exchange: EndpointClient.Exchange) -> Finding {
    switch exchange.answer {
    case .reply(let reply):
      let verdict = reply.verdict(hasSpeech: true)
      let model = reply.model.map { " (\($0))" } ?? ""
      let tokens = reply.usage.map { ", \($0.totalTokens) tokens" } ?? ""
      let said =
        verdict.state == .done
        ? "“\(PlainText.cleaned(reply.text))”" : "no transcript: \(verdict.gap?.rawValue ?? "empty reply")"
      return Finding(
        endpoint: name,
        isGood: verdict.state == .done,
        text: "\(said)\(model) after \(exchange.milliseconds) ms\(tokens)"
      )
    case .refused(let refusal):
      return Finding(
        endpoint: name,
        isGood: false,
        text: "refused with HTTP \(refusal.status): \(refusal.message)"
      )
    case .unsent(let reason): return Finding(endpoint: name, isGood: false, text: "not reached: \(reason)")
    case .unknown(let reason): return Finding(endpoint: name, isGood: false, text: "no reply: \(reason)")
    }
  }
}

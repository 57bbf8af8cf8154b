internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOHTTP1

/// Fetches tokens of Entra ID. One call is one request; who keeps the token and when it is renewed is
/// ``TokenCache``'s business.
struct EntraAuthority: Sendable {
  /// Why there is no token; for a person, without secrets, and the same words for the same reason.
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// An authority answers within a second; this is for bad days.
  private static let timeout = Duration.seconds(20)

  let configuration: EntraConfiguration
  let environment: [String: String]
  let connections: Connections

  /// - Throws: ``Problem``, or `CancellationError`.
  func token() async throws -> EntraToken {
    let request: EntraTokenRequest
    do throws(SecretProblem) {
      request = try EntraTokenRequest(configuration) { source throws(SecretProblem) in
        try source.secret(environment: environment).secret
      }
    } catch {
      throw Problem(description: "no token of Entra ID can be asked for: \(error)")
    }
    let transport = Transport(client: connections.client(for: request.connection), timeout: Self.timeout)
    let delivery =
      if let form = request.form {
        await transport.post(
          request.url,
          headers: request.headers,
          body: RequestBody(head: ArraySlice(form.utf8), audio: [], tail: [])
        )
      } else {
        await transport.get(request.url, headers: request.headers)
      }
    try Task.checkCancellation()
    let redaction = Redaction(secrets: request.secrets)
    switch delivery {
    case .failed(let reason, _):
      throw Problem(description: "\(place) cannot be reached: \(redaction.clean(reason))")
    case .answered(let head, let body, let isWhole, let reason):
      guard (200..<300).contains(head.status) else {
        throw Problem(description: refusal(status: head.status, body: body, redaction))
      }
      guard isWhole else {
        throw Problem(description: "\(place) did not answer whole: \(redaction.clean(reason))")
      }
      guard JSONBounds.hold(body), let reply = try? JSONDecoder().decode(JSONValue.self, from: Data(body)),
        let token = EntraToken(reply, now: Date())
      else { throw Problem(description: "\(place) answered without a token") }
      return token
    }
  }

  private var place: String {
    switch configuration.identity {
    case .application(let application): "Entra ID (\(application.authority))"
    case .managed(let identity) where identity.header != nil: "the App Service's managed identity"
    case .managed: "this machine's managed identity, which only machines in Azure have,"
    }
  }

  /// What a refusal says: Azure's own code and sentence, and what to do about it.
  private func refusal(status: Int, body: [UInt8], _ redaction: Redaction) -> String {
    var envelope = ErrorEnvelope(body: body)
    if JSONBounds.hold(body),
      case .object(let fields)? = try? JSONDecoder().decode(JSONValue.self, from: Data(body)),
      case .string(let text)? = fields["error_description"]
    {
      envelope.message = text
      if case .string(let code)? = fields["error"] { envelope.codes = [code] }
    }
    // Numbers and times of the request follow, which differ each time and would make old news new.
    for end in [" Trace ID:", "\r\nTrace ID:", "\nTrace ID:"] {
      if let range = envelope.message.firstRange(of: end) {
        envelope.message.removeSubrange(range.lowerBound...)
      }
    }
    var words = redaction.clean(envelope.summary)
    if let hint = Self.hints.first(where: { words.contains($0.words) })?.hint {
      if words.hasSuffix(".") { words.removeLast() }
      words += "; " + hint
    }
    return "\(place) gives no token: HTTP \(status)" + (words.isEmpty ? "" : ": " + words)
  }

  /// What to do about Entra ID's codes and a managed identity's words. The first that stands in an answer counts.
  private static let hints = [
    (words: "AADSTS7000215:", hint: "client_secret must hold the secret's value, not its ID"),
    (words: "AADSTS7000222:", hint: "the client secret has expired: make a new one in the app registration"),
    (words: "AADSTS700016:", hint: "check client_id and tenant"),
    (words: "AADSTS7000112:", hint: "the application is disabled in its tenant"),
    (words: "AADSTS90002:", hint: "check tenant, and authority for other clouds"),
    (words: "AADSTS900023:", hint: "check tenant: its ID, or one of its domains"),
    (words: "AADSTS900021:", hint: "check tenant: its ID, or one of its domains"),
    (words: "AADSTS70011:", hint: "check scope"),
    (words: "AADSTS1002012:", hint: "check scope"),
    (words: "AADSTS500011:", hint: "check scope: the tenant knows no such resource"),
    (
      words: "AADSTS700024:",
      hint: "the federated token is too old, or a clock is wrong: is its file kept fresh?"
    ),
    (
      words: "AADSTS70021:",
      hint: "the application's federated credential must name this token's issuer, subject and audience"
    ),
    (words: "AADSTS700211:", hint: "the application's federated credential must name this token's issuer"),
    (words: "AADSTS700212:", hint: "the application's federated credential must name this token's audience"),
    (words: "AADSTS700213:", hint: "the application's federated credential must name this token's subject"),
    (words: "AADSTS53003:", hint: "a Conditional Access policy of the tenant forbids it"),
    (
      words: "Identity not found",
      hint: "give the machine an identity in the portal, or name the right client_id"
    ),
    (
      words: "No User Assigned",
      hint: "give the machine that identity in the portal, or name the right client_id"
    ),
  ]
}

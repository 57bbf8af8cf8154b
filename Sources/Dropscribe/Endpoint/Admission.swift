/// What lets requests in at an endpoint: nothing, a key, or a token that is renewed.
enum Admission: Sendable {
  /// What one request shows.
  struct Pass: Sendable {
    var secret: Secret
    /// Which token it is; nil for a key.
    var number: Int?
  }

  case open
  /// Reads the key as it is now.
  case key(@Sendable () throws -> Secret)
  case token(TokenCache)

  /// What an endpoint's configuration says.
  init(_ endpoint: EndpointConfiguration, environment: [String: String], connections: Connections) {
    if let source = endpoint.key {
      self = .key { try source.secret(environment: environment).secret }
    } else if let entra = endpoint.entra {
      let authority = EntraAuthority(configuration: entra, environment: environment, connections: connections)
      self = .token(TokenCache { try await authority.token() })
    } else {
      self = .open
    }
  }

  /// What the next request shows; nil where nothing is asked for.
  ///
  /// - Throws: Why it cannot be had, for a person and without a secret.
  func pass() async throws -> Pass? {
    switch self {
    case .open: return nil
    case .key(let read): return Pass(secret: try read())
    case .token(let cache):
      let pass = try await cache.pass()
      return Pass(secret: pass.secret, number: pass.number)
    }
  }

  /// The endpoint answered 401.
  ///
  /// - Returns: whether the next pass is another one, so that the same request is worth sending again.
  func wasRefused(_ pass: Pass?) async -> Bool {
    guard case .token(let cache) = self, let number = pass?.number else { return false }
    return await cache.wasRefused(number)
  }

  /// The endpoint answered anything else.
  func wasAccepted(_ pass: Pass?) async {
    guard case .token(let cache) = self, let number = pass?.number else { return }
    await cache.wasAccepted(number)
  }
}

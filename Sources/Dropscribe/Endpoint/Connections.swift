internal import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The HTTP clients that all endpoints share: one for each way of connecting, made when it is first needed. Few
/// settings differ, so one that a reload left behind is kept until the end.
final class Connections: Sendable {
  private let requestsAtATime: Int
  private let clients = Mutex<[ConnectionSettings: HTTPClient]>([:])

  private init(requestsAtATime: Int) {
    self.requestsAtATime = requestsAtATime
  }

  /// Runs `body` with connections that are shut down when it has ended.
  ///
  /// - Parameter requestsAtATime: The sum of all endpoints' `concurrency`, since several may be one host: so many
  ///   connections to a host are made as they are needed and kept, so that a request that follows another needs
  ///   no new handshake. A request beyond would wait for a connection and be unsent after ten seconds.
  static func with<Result: Sendable>(
    requestsAtATime: Int,
    body: (Connections) async throws -> Result
  ) async throws -> Result {
    let connections = Connections(requestsAtATime: requestsAtATime)
    do {
      let result = try await body(connections)
      try await connections.shutdown()
      return result
    } catch {
      try? await connections.shutdown()
      throw error
    }
  }

  /// The client for these settings.
  func client(for settings: ConnectionSettings) -> HTTPClient {
    clients.withLock { clients in
      if let client = clients[settings] { return client }
      let client = HTTPClient(
        eventLoopGroup: HTTPClient.defaultEventLoopGroup,
        configuration: configuration(settings)
      )
      clients[settings] = client
      return client
    }
  }

  private func shutdown() async throws {
    let all = clients.withLock { clients in
      defer { clients = [:] }
      return Array(clients.values)
    }
    for client in all { try await client.shutdown() }
  }

  private func configuration(_ settings: ConnectionSettings) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    // A connection that its server or a balancer forgot would cost an unknown; most keep theirs a minute or more.
    configuration.connectionPool.idleTimeout = .seconds(60)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, requestsAtATime)
    // Else refused connections and bad certificates are tried again inside, and never reported as what they are.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.timeout.connect = .seconds(10)
    // A megabyte upwards through HTTP/2's 64 kB windows takes many round trips; TCP's own windows grow.
    configuration.httpVersion = .http1Only
    configuration.proxy = settings.proxy.map { proxy in
      .server(
        host: proxy.host,
        port: proxy.port,
        authorization: proxy.user.map { .basic(username: $0, password: proxy.password?.revealed ?? "") }
      )
    }
    if let authorities = settings.authorities {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.additionalTrustRoots = [.certificates(authorities.certificates)]
      configuration.tlsConfiguration = tls
    }
    return configuration
  }
}

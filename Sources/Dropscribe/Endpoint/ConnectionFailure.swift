internal import Glibc
internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix

/// The words for a connection that could not be had or did not last: what happened, and what a person can do.
enum ConnectionFailure {
  static func words(for error: any Error) -> String {
    switch error {
    case is CancellationError:
      return "cancelled"
    case let error as HTTPClientError:
      return words(for: error)
    case let error as NIOConnectionError:
      return words(for: error)
    case let error as IOError:
      return words(errno: error.errnoCode) ?? Redaction().clean(String(describing: error))
    default:
      return tls(String(describing: error))
    }
  }

  private static func words(for error: HTTPClientError) -> String {
    switch error {
    case .connectTimeout, .getConnectionFromPoolTimeout: "no connection in time: is the address reachable?"
    case .tlsHandshakeTimeout: "the TLS handshake did not end in time"
    case .remoteConnectionClosed: "the server closed the connection"
    case .uncleanShutdown: "the server closed the connection without TLS's goodbye"
    case .cancelled: "cancelled"
    case .proxyAuthenticationRequired:
      "the proxy wants a user name and a password; HTTPS_PROXY can hold them: http://USER:PASSWORD@HOST:PORT"
    case .invalidProxyResponse: "the proxy refuses to connect to it"
    case .httpProxyHandshakeTimeout: "the proxy did not answer in time"
    case .invalidURL, .emptyHost, .emptyScheme: "url is no web address: write it as https://host/path"
    default: Redaction().clean(error.shortDescription.lowercased())
    }
  }

  private static func words(for error: NIOConnectionError) -> String {
    if error.connectionErrors.isEmpty {
      return "no address for that name: check the host in url, and this machine's DNS"
    }
    let reasons = error.connectionErrors.compactMap { single -> String? in
      if let error = single.error as? IOError { return words(errno: error.errnoCode) }
      if case ChannelError.connectTimeout = single.error { return "no answer in time" }
      return nil
    }
    // IPv6 and IPv4 usually fail alike.
    return reasons.last ?? "no connection"
  }

  private static func words(errno: CInt) -> String? {
    switch errno {
    case ECONNREFUSED: "connection refused: nothing listens there"
    case ECONNRESET: "connection reset by the server"
    case EPIPE: "the server closed the connection while the request was on its way"
    case ENETUNREACH, EHOSTUNREACH: "no route to it"
    case ETIMEDOUT: "no answer in time"
    default: nil
    }
  }

  /// BoringSSL's errors have no public types of their own.
  private static func tls(_ description: String) -> String {
    if description.contains("CERTIFICATE_VERIFY_FAILED")
      || description.contains("unableToValidateCertificate")
    {
      return
        "the server's certificate cannot be verified: it has expired, is for another name, or its authority"
        + " is not among this machine's (ca_file names others)"
    }
    if description.contains("WRONG_VERSION_NUMBER") || description.contains("HTTP_REQUEST") {
      return "the server does not speak TLS on that port: is https in url right?"
    }
    return Redaction().clean(description)
  }
}

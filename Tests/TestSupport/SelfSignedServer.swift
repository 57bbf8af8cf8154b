import FoundationEssentials
import Subprocess

/// A TLS server on loopback whose certificate nobody vouches for: `openssl s_server` with one made for the occasion.
public enum SelfSignedServer {
  /// What went wrong with openssl.
  public struct Failure: Error {
    /// The command.
    public var command: String
  }

  /// Runs it for as long as `body` takes, which gets its port.
  public static func with<Result: Sendable>(
    body: @escaping @Sendable (_ port: Int) async throws -> Result
  ) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(component: "tls-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let key = folder.appending(component: "key.pem").path
    let certificate = folder.appending(component: "certificate.pem").path
    let made = try await run(
      .name("openssl"),
      arguments: [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout", key, "-out", certificate,
      ],
      output: .discarded
    )
    guard made.terminationStatus.isSuccess else { throw Failure(command: "openssl req") }
    let served = try await run(
      .name("openssl"),
      arguments: ["s_server", "-www", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate],
      input: .none,
      output: .sequence,
      error: .discarded
    ) { server in
      defer { try? server.send(signal: .kill) }
      for try await line in server.standardOutput.strings() where line.hasPrefix("ACCEPT ") {
        guard let port = line.split(separator: ":").last.flatMap({ Int($0) }) else { break }
        return try await body(port)
      }
      throw Failure(command: "openssl s_server")
    }
    return served.closureResult
  }
}

import FoundationEssentials
import NIOSSL
import Subprocess
public import SystemPackage

/// A ``StubServer`` with TLS whose certificate nobody vouches for: one for `localhost` and 127.0.0.1, made for the
/// occasion.
public enum SelfSignedServer {
  /// What went wrong with openssl.
  public struct Failure: Error {
    /// The command.
    public var command: String
  }

  /// Runs it for as long as `body` takes, which also gets the certificate's file (PEM).
  public static func with<Result: Sendable>(
    _ handler: @escaping StubServer.Handler = { _ in .completion("a") },
    body: (_ server: StubServer, _ certificate: FilePath) async throws -> Result
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
    let tls = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
        privateKey: .privateKey(NIOSSLPrivateKey(file: key, format: .pem))
      )
    )
    return try await StubServer.with(tls: tls, handler) { try await body($0, FilePath(certificate)) }
  }
}

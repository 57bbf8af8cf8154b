internal import NIOSSL
public import SystemPackage

/// How connections to an address are made. Addresses with equal settings share their connections.
public struct ConnectionSettings: Hashable, Sendable {
  /// Authorities whose certificates are taken beside those that this machine trusts.
  public struct Authorities: Hashable, Sendable {
    /// Where they stand.
    public var path: FilePath
    /// As they stood there when the configuration was read.
    var certificates: [NIOSSLCertificate]
  }

  /// Without a proxy, and with this machine's authorities.
  public static let direct = ConnectionSettings()

  /// Through which proxy; nil for none.
  public var proxy: Proxy?
  /// Whom to trust beside this machine's authorities.
  public var authorities: Authorities?
}

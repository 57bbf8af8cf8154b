/// `entra = { … }` in `[endpoint.NAME]`: whose token of Microsoft Entra ID goes with requests, in a key's place.
public struct EntraConfiguration: Equatable, Sendable {
  /// Who asks for the token.
  public enum Identity: Equatable, Sendable {
    /// An application of a tenant, and what proves that it is the one.
    case application(Application)
    /// What Azure knows this machine as.
    case managed(ManagedIdentity)
  }

  /// An application that is registered in a tenant.
  public struct Application: Equatable, Sendable {
    /// What proves who asks.
    public enum Proof: Equatable, Sendable {
      /// The application's own secret.
      case secret(KeySource)
      /// A token that another authority keeps fresh in a file: workload identity.
      case federatedToken(KeySource)
    }

    /// The tenant's ID, or one of its domains.
    public var tenant: String
    /// The application's ID.
    public var clientID: String
    /// What proves who asks.
    public var proof: Proof
    /// Where tokens are had, without a slash at its end.
    public var authority: String
    /// How ``authority`` is reached.
    public var connection: ConnectionSettings
  }

  /// A machine or a web app in Azure, which needs no secret of its own.
  public struct ManagedIdentity: Equatable, Sendable {
    /// Of several identities, which; nil for the only one, or the machine's own.
    public var clientID: String?
    /// The address on the machine that gives tokens.
    public var address: String
    /// App Service wants this in a header; nil on a virtual machine.
    public var header: KeySource?
  }

  /// Who asks for the token.
  public var identity: Identity
  /// What the token is for; ends in `/.default`.
  public var scope: String

  /// The secret that somebody had to put somewhere; nil where there is none.
  public var clientSecret: KeySource? {
    if case .application(let application) = identity, case .secret(let source) = application.proof {
      source
    } else {
      nil
    }
  }
}

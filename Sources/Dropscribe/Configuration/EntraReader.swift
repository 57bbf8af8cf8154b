import SystemPackage

/// Reads `entra = { … }` of an endpoint.
struct EntraReader {
  let section: SectionReader
  let places: ConfigurationPlaces
  /// How an address is reached, as the endpoint's keys and the environment say.
  let connection: (ChatAddress.Parts) -> ConnectionSettings

  /// The address at which Azure's virtual machines are given tokens.
  private static let machineAddress = "http://169.254.169.254"
  private static let publicAuthority = "https://login.microsoftonline.com"

  /// nil when it is too broken to be used, which has then been reported.
  func read() -> EntraConfiguration? {
    guard let scope = scope() else { return nil }
    let ways =
      ["client_secret", "federated_token_file"].filter(section.mentions)
      + (section.flag("managed_identity") == true ? ["managed_identity"] : [])
    guard ways.count < 2 else {
      section.report("\(section.title) has \(ways.joined(separator: " and ")); keep one")
      return nil
    }
    if ways == ["managed_identity"] {
      return EntraConfiguration(identity: .managed(managed()), scope: scope)
    }
    guard let proof = proof(), let application = application(proof) else { return nil }
    return EntraConfiguration(identity: .application(application), scope: scope)
  }

  private func scope() -> String? {
    guard let scope = section.text("scope") else { return nil }
    guard scope.hasSuffix("/.default"), scope.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      section.report(
        "scope in \(section.title) is \(TOMLNode.quoted(scope)), which does not end in /.default, such as "
          + TOMLNode.quoted(ConfigurationKeys.entraScope),
        at: "scope"
      )
      return nil
    }
    return scope
  }

  private func managed() -> EntraConfiguration.ManagedIdentity {
    for name in ["tenant", "authority"] where section.mentions(name) {
      section.report(
        "\(name) in \(section.title) means nothing with managed_identity; leave it out",
        at: name
      )
    }
    let clientID = identifier("client_id")
    if let address = places.variable("IDENTITY_ENDPOINT"), places.variable("IDENTITY_HEADER") != nil {
      return .init(clientID: clientID, address: address, header: .environment("IDENTITY_HEADER"))
    }
    let host = places.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? Self.machineAddress
    return .init(clientID: clientID, address: trimmed(host) + "/metadata/identity/oauth2/token")
  }

  private func proof() -> EntraConfiguration.Application.Proof? {
    if section.mentions("client_secret") {
      return section.section("client_secret").flatMap { KeyReader(section: $0, places: places).read() }
        .map { .secret($0) }
    }
    if section.mentions("federated_token_file") {
      return places.path(of: "federated_token_file", in: section).map { .federatedToken(.file($0)) }
    }
    if let path = places.variable("AZURE_FEDERATED_TOKEN_FILE") {
      return .federatedToken(.file(FilePath(path)))
    }
    section.report(
      "\(section.title) does not say what proves who asks; add client_secret = { credential = … }, "
        + "federated_token_file = …, or managed_identity = true"
    )
    return nil
  }

  private func application(_ proof: EntraConfiguration.Application.Proof) -> EntraConfiguration.Application? {
    let tenant = needed("tenant", orVariable: "AZURE_TENANT_ID")
    let clientID = needed("client_id", orVariable: "AZURE_CLIENT_ID")
    guard let authority = authority(), let tenant, let clientID else { return nil }
    return .init(
      tenant: tenant,
      clientID: clientID,
      proof: proof,
      authority: authority.address,
      connection: authority.connection
    )
  }

  /// The value of a key that holds an ID or a domain, or of the variable that stands for it; nil where there is
  /// none.
  private func identifier(_ name: String, orVariable variable: String? = nil) -> String? {
    guard let text = section.text(name) ?? variable.flatMap(places.variable) else { return nil }
    if !text.utf8.allSatisfy(Self.isOfIdentifier) {
      section.report(
        "\(name) in \(section.title) is no ID: it holds other characters than letters, digits, . and -",
        at: name
      )
    }
    return text
  }

  private func needed(_ name: String, orVariable variable: String) -> String? {
    let text = identifier(name, orVariable: variable)
    if text == nil, !section.mentions(name) {
      section.report("\(section.title) has no \(name), and $\(variable) is not set")
    }
    return text
  }

  private static func isOfIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private func authority() -> (address: String, connection: ConnectionSettings)? {
    if section.mentions("authority"), section.text("authority") == nil { return nil }
    let text = section.text("authority") ?? places.variable("AZURE_AUTHORITY_HOST") ?? Self.publicAuthority
    // The variable has been seen without a scheme.
    let url = text.contains("://") ? text : "https://" + text
    do throws(ChatAddress.Problem) {
      let parts = try ChatAddress.parts(url)
      guard parts.scheme == "https" || parts.isLoopback, parts.query == nil else {
        throw ChatAddress.Problem(
          message: "is \(TOMLNode.quoted(url)); it must begin with https:// and have no ?"
        )
      }
      return (trimmed(parts.base), connection(parts))
    } catch {
      section.report("authority in \(section.title) \(error.message)", at: "authority")
      return nil
    }
  }

  private func trimmed(_ url: String) -> String {
    var url = url[...]
    while url.last == "/" { url.removeLast() }
    return String(url)
  }
}

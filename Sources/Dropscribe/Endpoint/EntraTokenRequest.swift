internal import FoundationEssentials
internal import NIOHTTP1

/// One request for a token, after the protocols of Microsoft's identity platform ("OAuth 2.0 client credentials") and
/// of managed identities ("Acquire an access token", "App Service REST endpoint").
struct EntraTokenRequest: Sendable {
  var url: String
  var headers: HTTPHeaders = ["accept": "application/json", "user-agent": "dropscribe"]
  /// What is posted; nil for a GET.
  var form: String?
  var connection = ConnectionSettings.direct
  /// What must never show.
  var secrets: [String]

  /// - Parameter read: Reads a secret as it is now.
  /// - Throws: What `read` throws.
  init(_ configuration: EntraConfiguration, read: (KeySource) throws(SecretProblem) -> Secret)
    throws(SecretProblem)
  {
    switch configuration.identity {
    case .application(let application):
      url = "\(application.authority)/\(application.tenant)/oauth2/v2.0/token"
      connection = application.connection
      headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
      var fields = [
        ("client_id", application.clientID), ("grant_type", "client_credentials"),
        ("scope", configuration.scope),
      ]
      switch application.proof {
      case .secret(let source):
        let secret = try read(source).revealed
        secrets = Self.shapes(of: secret)
        fields.append(("client_secret", secret))
      case .federatedToken(let source):
        let token = try read(source).revealed
        secrets = Self.shapes(of: token)
        fields.append(("client_assertion", token))
        fields.append(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"))
      }
      form = Self.encoded(fields)
    case .managed(let identity):
      // What the scope says, in the older words of this protocol.
      var fields = [("resource", String(configuration.scope.dropLast("/.default".count)))]
      if let clientID = identity.clientID { fields.append(("client_id", clientID)) }
      if let source = identity.header {
        let header = try read(source).revealed
        secrets = Self.shapes(of: header)
        headers.add(name: "x-identity-header", value: header)
        fields.append(("api-version", "2019-08-01"))
      } else {
        secrets = []
        headers.add(name: "metadata", value: "true")
        fields.append(("api-version", "2018-02-01"))
      }
      url = identity.address + "?" + Self.encoded(fields)
    }
  }

  /// A secret as it is and as it goes into a form, which a server may repeat.
  private static func shapes(of secret: String) -> [String] { [secret, ChatAddress.escaped(secret)] }

  private static func encoded(_ fields: [(String, String)]) -> String {
    fields.map { ChatAddress.escaped($0.0) + "=" + ChatAddress.escaped($0.1) }.joined(separator: "&")
  }
}

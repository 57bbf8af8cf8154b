import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct EntraReaderTests {
  private let start =
    "[endpoint.a]\npreset = \"azure-ai\"\nurl = \"https://r.example/models\"\nmodel = \"m\"\n"

  private func read(_ entra: String, environment: [String: String] = [:]) throws -> (
    EntraConfiguration, String
  ) {
    let configuration = try ConfigurationFixture.read(
      start + "entra = \(entra)\n" + ConfigurationFixture.folder,
      environment: environment.merging(ConfigurationFixture.environment) { given, _ in given }
    )
    let endpoint = try #require(configuration.endpoints["a"])
    #expect(endpoint.authentication == .bearer)
    #expect(endpoint.key == nil)
    return (try #require(endpoint.entra), configuration.explanation())
  }

  private func application(_ entra: EntraConfiguration) throws -> EntraConfiguration.Application {
    guard case .application(let application) = entra.identity else {
      throw ConfigurationErrors(file: "/x", "it is a managed identity")
    }
    return application
  }

  @Test func anApplicationHasASecret() throws {
    let (entra, words) = try read(
      "{ tenant = \"t\", client_id = \"c\", client_secret = { credential = \"entra\" } }",
      environment: ["AZURE_TENANT_ID": "other", "https_proxy": "p:1", "no_proxy": "r.example"]
    )
    let application = try application(entra)
    #expect(application.tenant == "t")
    #expect(application.clientID == "c")
    #expect(application.proof == .secret(.credential("entra")))
    #expect(application.authority == "https://login.microsoftonline.com")
    // The proxy is for the authority, and not for the endpoint, which no_proxy names.
    #expect(application.connection.proxy?.address == "http://p:1")
    #expect(entra.scope == "https://cognitiveservices.azure.com/.default")
    #expect(entra.clientSecret == .credential("entra"))
    #expect(
      words.contains(
        "4 requests at a time, a token of Entra ID as Bearer, of the application c in the tenant t, with the secret from "
          + "the credential \"entra\"."
      ),
      "\(words)"
    )
  }

  @Test func workloadIdentityComesFromTheEnvironment() throws {
    let environment = [
      "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "/var/run/token",
      "AZURE_AUTHORITY_HOST": "https://login.chinacloudapi.cn/",
    ]
    let application = try application(read("{}", environment: environment).0)
    #expect(application.proof == .federatedToken(.file("/var/run/token")))
    #expect(application.authority == "https://login.chinacloudapi.cn")
    let own = try self.application(
      read(
        "{ client_id = \"d\", federated_token_file = \"~/token\", authority = \"https://a.example\" }",
        environment: environment
      ).0
    )
    #expect(own.clientID == "d")
    #expect(own.proof == .federatedToken(.file("/home/ada/token")))
    #expect(own.authority == "https://a.example")
  }

  @Test func aMachineHasAnIdentityOfItsOwn() throws {
    let (machine, words) = try read("{ managed_identity = true }", environment: ["AZURE_CLIENT_ID": "other"])
    #expect(
      machine.identity
        == .managed(
          .init(clientID: nil, address: "http://169.254.169.254/metadata/identity/oauth2/token", header: nil)
        )
    )
    #expect(words.contains("a token of Entra ID as Bearer, of this machine's managed identity."), "\(words)")
    let (service, more) = try read(
      "{ managed_identity = true, client_id = \"c\", scope = \"https://ai.azure.com/.default\" }",
      environment: ["IDENTITY_ENDPOINT": "http://127.0.0.1:41/msi", "IDENTITY_HEADER": "sesame"]
    )
    #expect(
      service.identity
        == .managed(
          .init(clientID: "c", address: "http://127.0.0.1:41/msi", header: .environment("IDENTITY_HEADER"))
        )
    )
    #expect(service.scope == "https://ai.azure.com/.default")
    #expect(more.contains("of the App Service's managed identity c."), "\(more)")
    #expect(!more.contains("sesame"))
  }

  @Test(arguments: [
    ("entra = {}", "5: [endpoint.a.entra] does not say what proves who asks"),
    ("entra = { managed_identity = false }", "5: [endpoint.a.entra] does not say what proves who asks"),
    ("entra = true", "5: entra in [endpoint.a] must be a table with"),
    (
      "entra = { managed_identity = true, client_secret = { env = \"S\" } }",
      "5: [endpoint.a.entra] has client_secret and managed_identity; keep one"
    ),
    (
      "entra = { managed_identity = true, tenant = \"t\" }",
      "5: tenant in [endpoint.a.entra] means nothing with managed_identity"
    ),
    (
      "entra = { client_id = \"c\", client_secret = { env = \"S\" } }",
      "5: [endpoint.a.entra] has no tenant, and $AZURE_TENANT_ID is not set"
    ),
    (
      "entra = { tenant = \"t\", client_secret = { env = \"S\" } }",
      "5: [endpoint.a.entra] has no client_id, and $AZURE_CLIENT_ID is not set"
    ),
    (
      "entra = { tenant = \"t/../x\", client_id = \"c\", client_secret = { env = \"S\" } }",
      "5: tenant in [endpoint.a.entra] is no ID"
    ),
    (
      "entra = { tenant = \"t\", client_id = \"c\", client_secret = {} }",
      "5: [endpoint.a.entra.client_secret] names no source"
    ),
    (
      "entra = { tenant = \"t\", client_id = \"c\", client_secret = \"sesame\" }",
      "5: client_secret in [endpoint.a.entra] must be a table with `credential`, `env` and `file`; a key does not stand"
    ),
    (
      "entra = { managed_identity = true, scope = \"https://a\" }",
      "5: scope in [endpoint.a.entra] is \"https://a\", which does not end in /.default"
    ),
    (
      "entra = { tenant = \"t\", client_id = \"c\", client_secret = { env = \"S\" }, authority = \"http://a.example\" }",
      "5: authority in [endpoint.a.entra] is \"http://a.example\"; it must begin with https://"
    ),
    ("key = { env = \"K\" }\nentra = { managed_identity = true }", "6: [endpoint.a] has both key and entra"),
    (
      "authentication = \"api-key\"\nentra = { managed_identity = true }",
      "5: authentication in [endpoint.a] is \"api-key\", but a token of entra goes as Bearer"
    ),
    ("key = { env = \"K\" }\nca_file = \"/nowhere\"", "6: ca_file in [endpoint.a]: /nowhere does not exist"),
    (
      "key = { env = \"K\" }\nca_file = \"/etc/passwd\"",
      "6: ca_file in [endpoint.a]: /etc/passwd holds no certificate"
    ),
    ("key = { env = \"K\" }\nproxy = \"socks5://p:1\"", "6: proxy in [endpoint.a] begins with \"socks5://\""),
    (
      "key = { env = \"K\" }\nproxy = \"http://ada:sesame@p:1\"", "6: proxy in [endpoint.a] holds a user name"
    ),
    ("key = { env = \"K\" }\nproxy = true", "6: proxy in [endpoint.a] must be a text or false"),
  ])
  func aMistakeIsNamedWithItsLine(lines: String, expected: String) {
    let problems = ConfigurationFixture.problems(start + lines + "\n" + ConfigurationFixture.folder)
    #expect(problems.count == 1, "\(problems)")
    #expect(problems.first?.hasPrefix(expected) == true, "\(problems)")
    #expect(!problems.contains { $0.contains("sesame") })
  }
}

import Testing

@testable import Dropscribe

@Suite("Which proxy") struct ProxyTests {
  private func proxy(_ url: String, _ environment: [String: String]) throws -> Proxy? {
    try ProxyVariables(environment: environment).proxy(for: ChatAddress.parts(url))
  }

  @Test func `is named by the variable of the address's scheme, small letters first`() throws {
    let all = ["HTTPS_PROXY": "http://big:1", "https_proxy": "small:2", "HTTP_PROXY": "plain.example:3/"]
    #expect(try proxy("https://a.example/v1", all)?.address == "http://small:2")
    #expect(try proxy("https://a.example/v1", all)?.source == "https_proxy")
    #expect(try proxy("http://a.example/v1", all)?.address == "http://plain.example:3")
    #expect(try proxy("http://a.example/v1", ["HTTPS_PROXY": "big:1"]) == nil)
    #expect(
      try proxy("https://a.example/v1", ["https_proxy": "", "HTTPS_PROXY": "[::1]:9"])?.address
        == "http://[::1]:9"
    )
    #expect(try proxy("https://a.example/v1", [:]) == nil)
  }

  @Test func `is none on this machine`() throws {
    for host in ["localhost", "127.0.0.1", "[::1]"] {
      #expect(try proxy("https://\(host)/v1", ["https_proxy": "p:1"]) == nil)
    }
  }

  @Test(
    "is none where no_proxy names the address",
    arguments: [
      ("*", true), ("example.org", true), (".example.org", true), ("*.example.org", true),
      ("other.org, EXAMPLE.org", true), ("api.example.org:443", true), ("api.example.org:80", false),
      ("ample.org", false), ("i.example.org", false), ("", false), (",.,", false), ("10.0.0.0/8", false),
    ]
  )
  func exceptions(list: String, isDirect: Bool) throws {
    let proxy = try proxy("https://api.example.org/v1", ["https_proxy": "p:1", "NO_PROXY": list])
    #expect((proxy == nil) == isDirect)
  }

  @Test(
    "knows networks in no_proxy",
    arguments: [
      ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.0.0.0/8", true), ("10.1.2.3", "10.1.2.0/23", true),
      ("10.1.2.3", "10.1.4.0/23", false), ("10.1.2.3", "0.0.0.0/0", true),
      ("10.1.2.3", "10.1.2.3:8443", false),
      ("[2001:db8::7]", "2001:db8::/32", true), ("[2001:db8::7]", "2001:db9::/32", false),
      ("[2001:db8::7]", "[2001:db8::7]:443", true), ("[2001:db8::7]", "10.0.0.0/0", false),
    ]
  )
  func networks(host: String, list: String, isDirect: Bool) throws {
    let proxy = try proxy("https://\(host)/v1", ["https_proxy": "p:1", "no_proxy": list])
    #expect((proxy == nil) == isDirect)
  }

  @Test func `may want a password, which is never shown`() throws {
    let proxy = try #require(
      try proxy("https://a.example", ["https_proxy": "http://ada:s%40same%3A@p.example:3128"])
    )
    #expect(proxy.user == "ada")
    #expect(proxy.password?.revealed == "s@same:")
    #expect(proxy.address == "http://p.example:3128")
    #expect(!"\(proxy)".contains("same"))
  }

  @Test(arguments: [
    "socks5://p:1", "https://p:1", "http://ada:sesame@", "http://ada:ses%zzame@p:1",
    "http://ada:sesame@p:99999",
    "p:1/path", "http://", "a b:1",
  ])
  func `that is none is refused without its password`(text: String) {
    let problem = #expect(throws: ChatAddress.Problem.self) {
      try proxy("https://a.example", ["https_proxy": text])
    }
    #expect(problem?.message.hasPrefix("the environment variable https_proxy ") == true)
    #expect(problem?.message.contains("same") == false)
  }

  @Test func `is said by the key before the environment`() throws {
    func endpoint(_ lines: String) throws -> EndpointConfiguration {
      let configuration = try ConfigurationFixture.read(
        "[endpoint.a]\npreset = \"openai\"\nmodel = \"m\"\nkey = { env = \"K\" }\n" + lines
          + ConfigurationFixture.folder,
        environment: ["HOME": "/home/ada", "HTTPS_PROXY": "http://ada:sesame@env:1"]
      )
      let explanation = configuration.explanation()
      #expect(!explanation.contains("sesame"))
      let endpoint = try #require(configuration.endpoints["a"])
      #expect(explanation.contains("through the proxy") == (endpoint.connection.proxy != nil))
      return endpoint
    }
    #expect(try endpoint("").connection.proxy?.address == "http://env:1")
    #expect(try endpoint("proxy = \"http://key:2\"\n").connection.proxy?.address == "http://key:2")
    #expect(try endpoint("proxy = false\n").connection == .direct)
  }
}

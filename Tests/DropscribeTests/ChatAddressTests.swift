import Testing

@testable import Dropscribe

@Suite struct ChatAddressTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var preset: String
    var url: String
    var query: [String: String] = [:]
    var whole: String

    var testDescription: String { "\(preset) \(url)" }
  }

  static let azure = "https://r.services.ai.azure.com"

  @Test(arguments: [
    Case(
      preset: "azure-ai",
      url: "\(azure)/models",
      whole: "\(azure)/models/chat/completions?api-version=2024-05-01-preview"
    ),
    Case(
      preset: "azure-ai",
      url: "\(azure)/models//",
      whole: "\(azure)/models/chat/completions?api-version=2024-05-01-preview"
    ),
    Case(
      preset: "azure-ai",
      url: "\(azure)/models?api-version=2025-01-01",
      whole: "\(azure)/models/chat/completions?api-version=2025-01-01"
    ),
    Case(
      preset: "azure-ai",
      url: "\(azure)/models",
      query: ["api-version": "new", "x": "ä&"],
      whole: "\(azure)/models/chat/completions?api-version=new&x=%C3%A4%26"
    ),
    Case(
      preset: "azure-ai",
      url: "\(azure)/models/chat/completions?api-version=1&b=2",
      whole: "\(azure)/models/chat/completions?api-version=1&b=2"
    ),
    Case(
      preset: "azure-ai",
      url: "\(azure)/models/chat/completions",
      whole: "\(azure)/models/chat/completions"
    ),
    Case(
      preset: "azure-ai",
      url: "\(azure)/models/chat/completions?a=1",
      query: ["b": "2"],
      whole: "\(azure)/models/chat/completions?a=1&b=2"
    ),
    Case(
      preset: "azure-ai",
      url: "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01-preview",
      whole: "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01-preview"
    ),
    Case(
      preset: "azure-ai",
      url: "https://r.openai.azure.com/openai/v1/",
      whole: "https://r.openai.azure.com/openai/v1/chat/completions"
    ),
    Case(
      preset: "azure-ai",
      url: "https://phi.eastus.models.ai.azure.com",
      whole: "https://phi.eastus.models.ai.azure.com/chat/completions?api-version=2024-05-01-preview"
    ),
    Case(
      preset: "openai",
      url: "https://api.openai.com/v1",
      whole: "https://api.openai.com/v1/chat/completions"
    ),
    Case(preset: "openai", url: "http://[::1]:8000/v1/", whole: "http://[::1]:8000/v1/chat/completions"),
    Case(
      preset: "local",
      url: "http://127.0.0.1:8765/v1",
      whole: "http://127.0.0.1:8765/v1/chat/completions"
    ),
  ])
  func aConfiguredAddressBecomesTheRoute(_ given: Case) throws {
    let preset = try #require(Preset.named(given.preset))
    let whole = try ChatAddress.complete(ChatAddress.parts(given.url), preset: preset, query: given.query)
    #expect(whole == given.whole)
  }

  @Test(arguments: [
    "", "https://", "https:///v1", "example.org/v1", "file:///etc/passwd", "https://a b/",
    "https://ü.example/",
    "https://user@example.org/", "https://example.org:0/", "https://example.org:99999/",
    "https://example.org:x/",
    "https://[::1/", "https://[zz]/", "https://[::1]x/", "https://example.org/#part", "https://exa%mple.org/",
  ])
  func anAddressThatLeadsNowhereIsRefused(_ url: String) {
    #expect(throws: ChatAddress.Problem.self) { try ChatAddress.parts(url) }
  }

  @Test func aBareAzureHostIsAskedForItsPath() throws {
    let preset = try #require(Preset.named("azure-ai"))
    let problem = #expect(throws: ChatAddress.Problem.self) {
      try ChatAddress.complete(ChatAddress.parts(Self.azure + "/"), preset: preset, query: [:])
    }
    #expect(problem?.message == "has no path; did you mean \"\(Self.azure)/models\"?")
  }

  @Test func aQueryIsNamedInOnePlaceOnly() throws {
    let preset = try #require(Preset.named("azure-ai"))
    #expect(throws: ChatAddress.Problem.self) {
      try ChatAddress.complete(
        ChatAddress.parts("\(Self.azure)/models?api-version=1"),
        preset: preset,
        query: ["api-version": "2"]
      )
    }
  }

  @Test func onlyThisMachineIsLoopback() {
    for host in ["localhost", "a.localhost", "127.0.0.1", "127.9.8.7", "::1"] {
      #expect(ChatAddress.isLoopback(host: host), "\(host)")
    }
    for host in [
      "localhost.example.org", "128.0.0.1", "127.0.0.1.example.org", "127.0.0", "127.0.0.256", "::2", "",
    ] {
      #expect(!ChatAddress.isLoopback(host: host), "\(host)")
    }
  }

  @Test func aPrintedAddressHidesItsQuery() {
    #expect(
      ChatAddress.redacted("https://h/p?api-version=1&key=sesame&flag")
        == "https://h/p?api-version=1&key=…&flag=…"
    )
    #expect(ChatAddress.redacted("https://h/p") == "https://h/p")
  }
}

import FoundationEssentials
import NIOHTTP1
import TestSupport
import Testing

@testable import Dropscribe

/// What each preset makes of one and the same task, from the file to the bytes on the wire.
@Suite("A dialect", .timeLimit(.minutes(5)))
struct EndpointDialectTests {
  struct Dialect: Sendable, CustomTestStringConvertible {
    var preset: String
    /// After the server's address, in `url`.
    var path: String
    var model = "m"
    var more = ""
    var uri: String
    var apiKey = false
    var bearer = true
    var part = #"{"input_audio":{"data":"AQID","format":"wav"},"type":"input_audio"}"#
    var audioFirst = false
    var foldsSystem = false
    var tokens = "max_tokens"

    var testDescription: String { preset + path }
  }

  static let azure = "/models/chat/completions?api-version=2024-05-01-preview"

  static let dialects = [
    Dialect(preset: "azure-ai", path: "/models", uri: azure, apiKey: true),
    Dialect(
      preset: "azure-ai",
      path: "/models/?a=b",
      uri: "/models/chat/completions?a=b&" + azure.dropFirst(25),
      apiKey: true
    ),
    Dialect(
      preset: "azure-openai",
      path: "/openai/deployments/speech",
      uri: "/openai/deployments/speech/chat/completions?api-version=2025-01-01-preview",
      apiKey: true,
      bearer: false,
      tokens: "max_completion_tokens"
    ),
    Dialect(
      preset: "azure-openai",
      path: "/openai/deployments/speech/chat/completions?api-version=2026-01-01",
      uri: "/openai/deployments/speech/chat/completions?api-version=2026-01-01",
      apiKey: true,
      bearer: false,
      tokens: "max_completion_tokens"
    ),
    Dialect(
      preset: "azure-openai",
      path: "/openai/v1/",
      uri: "/openai/v1/chat/completions",
      apiKey: true,
      bearer: false,
      tokens: "max_completion_tokens"
    ),
    Dialect(
      preset: "openai",
      path: "/v1",
      uri: "/v1/chat/completions",
      tokens: "max_completion_tokens"
    ),
    Dialect(preset: "openrouter", path: "/api/v1", uri: "/api/v1/chat/completions"),
    Dialect(preset: "gemini", path: "/v1beta/openai/", uri: "/v1beta/openai/chat/completions"),
    Dialect(
      preset: "mistral",
      path: "/v1",
      model: "voxtral-small-latest",
      uri: "/v1/chat/completions",
      part: #"{"input_audio":"AQID","type":"input_audio"}"#,
      audioFirst: true,
      foldsSystem: true
    ),
    Dialect(preset: "litellm", path: "/v1", uri: "/v1/chat/completions"),
    Dialect(
      preset: "vllm",
      path: "/v1",
      model: "mistralai/Voxtral-Mini-3B-2507",
      uri: "/v1/chat/completions",
      foldsSystem: true
    ),
    Dialect(preset: "llama-server", path: "/v1", uri: "/v1/chat/completions"),
    Dialect(preset: "local", path: "/v1", uri: "/v1/chat/completions"),
    // Everything can be overridden.
    Dialect(
      preset: "mistral",
      path: "/v1",
      model: "voxtral-small-latest",
      more: """
        audio_part = "audio_url"
        audio_first = false
        fold_system = false
        max_tokens_field = "max_completion_tokens"
        authentication = "both"
        query = { trace = "1" }
        """,
      uri: "/v1/chat/completions?trace=1",
      apiKey: true,
      part: #"{"audio_url":{"url":"data:audio/wav;base64,AQID"},"type":"audio_url"}"#,
      tokens: "max_completion_tokens"
    ),
  ]

  private func configuration(_ dialect: Dialect, _ server: StubServer) throws -> Configuration {
    try ConfigurationFixture.read(
      """
      [endpoint.one]
      preset = "\(dialect.preset)"
      url = "\(server.url)\(dialect.path)"
      model = "\(dialect.model)"
      key = { env = "KEY" }
      temperature = 0
      max_tokens = 99
      \(dialect.more)
      [task.spanish]
      instruction = "Translate."
      system = "You translate."
      [folder.in]
      path = "/in"
      """
    )
  }

  /// Asks as configured, and returns the one request that came of it.
  private func request(_ dialect: Dialect, answer: StubServer.Response = .completion("Hola.")) async throws
    -> (StubServer.Request, EndpointClient.Exchange)
  {
    try await StubServer.with { _ in
      answer
    } body: { server in
      let configuration = try configuration(dialect, server)
      let endpoint = try #require(configuration.endpoints["one"])
      let question = Question(task: try #require(configuration.tasks["spanish"]), endpoint: endpoint)
      let exchange = try await EndpointFixture.withClient(endpoint) { client in
        await client.ask(question, audio: [1, 2, 3])
      }
      #expect(server.requests.count == 1)
      return (try #require(server.requests.first), exchange)
    }
  }

  @Test(
    "contracts 3 and 4: goes to its address, with its headers and nothing else in the body",
    arguments: dialects
  )
  func asConfigured(_ dialect: Dialect) async throws {
    let (request, exchange) = try await request(dialect)
    #expect(exchange.answer.reply?.text == "Hola.")
    #expect(request.uri == dialect.uri)
    #expect(request.headers["api-key"] == (dialect.apiKey ? [EndpointFixture.key] : []))
    #expect(request.headers["authorization"] == (dialect.bearer ? ["Bearer " + EndpointFixture.key] : []))
    let text = dialect.foldsSystem ? "You translate.\\n\\nTranslate." : "Translate."
    let words = #"{"text":"\#(text)","type":"text"}"#
    let parts = dialect.audioFirst ? [dialect.part, words] : [words, dialect.part]
    let system = dialect.foldsSystem ? "" : #"{"content":"You translate.","role":"system"},"#
    let fields = [
      #""messages":[\#(system){"content":[\#(parts.joined(separator: ","))],"role":"user"}]"#,
      #""model":"\#(dialect.model)""#, #""temperature":0"#, #""\#(dialect.tokens)":99"#,
    ]
    // Swift's encoder sorts keys as a person would, which is none of this test's business.
    let body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body))
    let expected = try JSONDecoder().decode(
      JSONValue.self,
      from: Data("{\(fields.joined(separator: ","))}".utf8)
    )
    #expect(body == expected)
  }

  @Test func `contract 3: keeps what Mistral counts in seconds`() async throws {
    let mistral = try #require(Self.dialects.first { $0.preset == "mistral" })
    let (_, exchange) = try await request(
      mistral,
      answer: .json(
        """
        {"id":"1","object":"chat.completion","model":"voxtral-small-latest","choices":[{"index":0,
        "message":{"role":"assistant","tool_calls":null,"content":"Hola."},"finish_reason":"stop"}],
        "usage":{"prompt_audio_seconds":4,"prompt_tokens":30,"total_tokens":34,"completion_tokens":4}}
        """
      )
    )
    let usage = try #require(exchange.answer.reply?.usage)
    #expect(usage.details == ["prompt_audio_seconds": .integer(4)])
    #expect(usage.totalTokens == 34)
  }

  @Test func `is whole without a model only where none is needed`() throws {
    for preset in Preset.all {
      let url = preset.url ?? "https://r.openai.azure.com/openai/v1"
      let problems = ConfigurationFixture.problems(
        "[endpoint.a]\npreset = \"\(preset.name)\"\nurl = \"\(url)\"\nkey = { env = \"K\" }\n"
          + ConfigurationFixture.folder
      )
      #expect(problems.isEmpty == !preset.needsModel, "\(preset.name): \(problems)")
      // A deployment's address names it.
      for part in preset.pathsWithModel {
        let deployed = ConfigurationFixture.problems(
          "[endpoint.a]\npreset = \"\(preset.name)\"\nurl = \"https://r.openai.azure.com\(part)d\"\n"
            + "key = { env = \"K\" }\n" + ConfigurationFixture.folder
        )
        #expect(deployed.isEmpty, "\(preset.name): \(deployed)")
      }
    }
  }

  @Test func `warns of fields that the service is known to refuse`() throws {
    let configuration = try ConfigurationFixture.read(
      "[endpoint.a]\npreset = \"mistral\"\nmodel = \"m\"\nkey = { env = \"K\" }\nextra = { seed = 1, random_seed = 1 }\n"
        + ConfigurationFixture.folder
    )
    #expect(
      configuration.warnings.map(\.message) == [
        "seed in extra of [endpoint.a] is a field that mistral is known to refuse"
      ]
    )
    #expect(configuration.warnings.map(\.line) == [5])
  }
}

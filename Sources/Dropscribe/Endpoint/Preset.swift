/// What is known beforehand about a kind of endpoint. Presets are data: nothing else asks which one it is.
struct Preset: Sendable {
  /// As it stands in the configuration.
  var name: String
  /// For the manual: which service it is.
  var meaning: String
  /// The base address where the configuration names none.
  var url: String?
  /// What the address gets as its query unless it already has it.
  var query: [String: String] = [:]
  /// Ends of a base path that need no ``query``.
  var pathsWithoutQuery: [String] = []
  /// Hosts, by their ends, on which a base address without a path leads nowhere, and the path that they need.
  var pathByHost: [String: String] = [:]
  /// Parts of addresses that name the model already: there none need be configured.
  var pathsWithModel: [String] = []
  var authentication: EndpointConfiguration.Authentication
  var audioPart = EndpointConfiguration.AudioPart.inputAudio
  /// Whether the clip stands before the instruction.
  var audioFirst = false
  /// The model that is asked for where the configuration names none; nil leaves the field out.
  var model: String?
  var needsModel = true
  /// Whether the service refuses requests without a key.
  var needsKey = true
  var concurrency = 4
  var maxTokensField = EndpointConfiguration.MaxTokensField.maxTokens
  /// Fields of a body that the service is known to refuse, for a warning about `extra`.
  var refusedFields: [String] = []
  /// The most bytes of a clip's file that the service takes; nil where nothing is known.
  var mostClipBytes: Int?

  /// All that there are: first what is documented for Azure, then other services, then servers of one's own. The
  /// sources are the services' public documentation and the servers' code; `docs/endpoints.md` says which were
  /// tried.
  static let all = [
    Preset(
      name: "azure-ai",
      meaning: "Azure AI inference: a resource's `…/models` route, a serverless deployment, or `…/openai/v1`",
      query: ["api-version": "2024-05-01-preview"],
      pathsWithoutQuery: ["/v1"],
      pathByHost: [".services.ai.azure.com": "/models", ".openai.azure.com": "/openai/v1"],
      pathsWithModel: ["/openai/deployments/"],
      authentication: .both,
      audioPart: .automatic,
      refusedFields: ["max_completion_tokens", "stream_options", "modalities"],
      // It may be Azure OpenAI behind the same host.
      mostClipBytes: 20_000_000
    ),
    Preset(
      name: "azure-openai",
      meaning: "Azure OpenAI: a resource's `…/openai/v1` route, or `…/openai/deployments/NAME`",
      // The first version with audio in chat completions.
      query: ["api-version": "2025-01-01-preview"],
      pathsWithoutQuery: ["/v1"],
      pathByHost: [
        ".openai.azure.com": "/openai/v1", ".services.ai.azure.com": "/openai/v1",
        ".cognitiveservices.azure.com": "/openai/v1",
      ],
      pathsWithModel: ["/openai/deployments/"],
      authentication: .apiKey,
      maxTokensField: .maxCompletionTokens,
      // Its limit of an audio file.
      mostClipBytes: 20_000_000
    ),
    Preset(
      name: "openai",
      meaning: "OpenAI, and whatever speaks its `/v1` route",
      url: "https://api.openai.com/v1",
      pathByHost: ["api.openai.com": "/v1"],
      authentication: .bearer,
      maxTokensField: .maxCompletionTokens
    ),
    Preset(
      name: "openrouter",
      meaning: "OpenRouter",
      url: "https://openrouter.ai/api/v1",
      pathByHost: ["openrouter.ai": "/api/v1"],
      authentication: .bearer
    ),
    Preset(
      name: "gemini",
      meaning: "Google's Gemini API on its OpenAI route",
      url: "https://generativelanguage.googleapis.com/v1beta/openai",
      pathByHost: ["generativelanguage.googleapis.com": "/v1beta/openai"],
      authentication: .bearer,
      refusedFields: ["seed", "frequency_penalty", "stream_options"],
      // 20 MB a request, which holds the clip in base64.
      mostClipBytes: 14_900_000
    ),
    Preset(
      name: "mistral",
      meaning: "Mistral",
      url: "https://api.mistral.ai/v1",
      pathByHost: ["api.mistral.ai": "/v1"],
      authentication: .bearer,
      audioPart: .inputAudioString,
      audioFirst: true,
      // Its name for a seed is `random_seed`.
      refusedFields: ["seed", "max_completion_tokens", "stream_options", "modalities"]
    ),
    Preset(
      name: "litellm",
      meaning: "a LiteLLM proxy",
      url: "http://127.0.0.1:4000/v1",
      authentication: .bearer,
      needsKey: false
    ),
    Preset(
      name: "vllm",
      meaning: "vLLM's server",
      url: "http://127.0.0.1:8000/v1",
      authentication: .bearer,
      needsModel: false,
      needsKey: false
    ),
    Preset(
      name: "llama-server",
      meaning: "llama.cpp's `llama-server`",
      url: "http://127.0.0.1:8080/v1",
      authentication: .bearer,
      needsModel: false,
      needsKey: false,
      // It answers one at a time unless told otherwise; waiting there would count as the request's time.
      concurrency: 1
    ),
    Preset(
      name: "local",
      meaning: "the offline endpoint that comes with dropscribe",
      url: "http://127.0.0.1:8765/v1",
      authentication: .bearer,
      needsModel: false,
      needsKey: false,
      concurrency: 2,
      // Its default is 25 MB for a request, which holds the clip in base64.
      mostClipBytes: 18_000_000
    ),
  ]

  /// The preset of that name.
  static func named(_ name: String) -> Preset? { all.first { $0.name == name } }
}

/// What is known about how much sound a model takes at once.
struct ModelLimits: Sendable {
  /// A part of the model's name, in lower case.
  var part: String
  /// The longest clip unless the configuration says otherwise, in seconds.
  var usualSeconds: Double
  /// The longest clip that it takes, in seconds; nil where that is longer than any clip may be.
  var mostSeconds: Double?

  /// From the model cards: Phi-4 takes up to 40 s of speech for transcription, Qwen2-Audio loses silently what is
  /// beyond 30 s, Voxtral takes half an hour.
  static let all = [
    ModelLimits(part: "phi-4-multimodal", usualSeconds: 40, mostSeconds: 40),
    ModelLimits(part: "qwen2-audio", usualSeconds: 30, mostSeconds: 30),
    ModelLimits(part: "voxtral", usualSeconds: 300),
  ]

  /// What is known of the model; nil when nothing is.
  static func of(_ model: String?) -> ModelLimits? {
    guard let model = model?.lowercased() else { return nil }
    return all.first { model.contains($0.part) }
  }
}

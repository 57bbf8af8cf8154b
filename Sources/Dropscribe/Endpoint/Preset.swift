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
  var authentication: EndpointConfiguration.Authentication
  var audioPart = EndpointConfiguration.AudioPart.automatic
  /// The model that is asked for where the configuration names none; nil leaves the field out.
  var model: String?
  var needsModel: Bool
  /// Whether the service refuses requests without a key.
  var needsKey: Bool
  var concurrency = 4
  var maxTokensField = "max_tokens"

  /// All that there are.
  static let all = [
    Preset(
      name: "azure-ai",
      meaning: "Azure AI inference: a resource's `…/models` route, a serverless deployment, or `…/openai/v1`",
      query: ["api-version": "2024-05-01-preview"],
      pathsWithoutQuery: ["/v1"],
      pathByHost: [".services.ai.azure.com": "/models", ".openai.azure.com": "/openai/v1"],
      authentication: .both,
      needsModel: true,
      needsKey: true
    ),
    Preset(
      name: "openai",
      meaning: "OpenAI, and whatever speaks its `/v1` route",
      url: "https://api.openai.com/v1",
      pathByHost: ["api.openai.com": "/v1"],
      authentication: .bearer,
      audioPart: .inputAudio,
      needsModel: true,
      needsKey: true,
      maxTokensField: "max_completion_tokens"
    ),
    Preset(
      name: "local",
      meaning: "the offline endpoint that comes with dropscribe",
      url: "http://127.0.0.1:8765/v1",
      authentication: .none,
      audioPart: .inputAudio,
      needsModel: false,
      needsKey: false,
      concurrency: 2
    ),
  ]

  /// The preset of that name.
  static func named(_ name: String) -> Preset? { all.first { $0.name == name } }
}

/// What models are known to take at once.
enum ModelLimits {
  /// Parts of models' names, in lower case, and the longest clip that they take, in seconds. From the model
  /// cards: Qwen2-Audio loses the rest silently, Phi-4 is trained on up to 40 s of speech for transcription.
  static let clipSeconds: [(part: String, seconds: Double)] = [
    ("phi-4-multimodal", 40),
    ("qwen2-audio", 30),
    ("voxtral", 1_800),
  ]

  /// The longest clip that the model takes, in seconds; nil when nothing is known.
  static func clipSeconds(model: String?) -> Double? {
    guard let model = model?.lowercased() else { return nil }
    return clipSeconds.first { model.contains($0.part) }?.seconds
  }
}

/// A refusal that is known by its words, where its status alone misleads or its words do not help. Proxies pass on
/// what the server behind them said, so these hold for every endpoint.
struct KnownRefusal: Sendable {
  /// Stands in the refusal, in lower case.
  var words: String
  var kind: Refusal.Kind
  /// What a person can do, where the server does not say it.
  var hint: String?

  static let all = [
    // Gemini refuses a wrong key as a bad request.
    KnownRefusal(words: "api_key_invalid", kind: .unauthorised),
    KnownRefusal(words: "api key not valid", kind: .unauthorised),
    KnownRefusal(words: "missing or invalid authorization header", kind: .unauthorised),
    // llama-server, under 500.
    KnownRefusal(
      words: "audio input is not supported",
      kind: .permanent,
      hint: "llama-server needs a model that hears, and its projector (--mmproj)"
    ),
    // vLLM.
    KnownRefusal(
      words: "at most 0 audio",
      kind: .permanent,
      hint: "the model that vLLM serves takes no audio, or --limit-mm-per-prompt forbids it"
    ),
    KnownRefusal(
      words: "vllm[audio]",
      kind: .permanent,
      hint: "vLLM was installed without its audio part"
    ),
    // OpenRouter.
    KnownRefusal(
      words: "no endpoints found that support",
      kind: .permanent,
      hint: "choose a model that OpenRouter lists with audio input"
    ),
    // Azure OpenAI.
    KnownRefusal(
      words: "deploymentnotfound",
      kind: .permanent,
      hint: "the name to use is the deployment's, which may differ from the model's"
    ),
  ]

  /// The one that these words, in lower case, are.
  static func named(in words: String) -> KnownRefusal? { all.first { words.contains($0.words) } }
}

/// A whole reply with a success status, read tolerantly.
struct Reply: Codable, Hashable, Sendable {
  /// The transcript as the model wrote it, white space at its ends removed; empty when there is none.
  var text: String
  /// What the model is called in the reply.
  var model: String?
  /// As it stands there: `stop`, `length`, `content_filter` …; servers add their own.
  var finishReason: String?
  /// The model's refusal, when it gave one instead of text.
  var refusal: String?
  var usage: Usage?
  /// Taken over from an earlier clip with the same audio and question: not bought for this one.
  var isReused: Bool?
}

/// What a reply took, as the endpoint counts it.
struct Usage: Codable, Hashable, Sendable {
  var promptTokens: Int
  var completionTokens: Int
  var totalTokens: Int
  /// Of the prompt tokens, those that are audio; nil where the endpoint does not say.
  var audioTokens: Int?
  /// Everything else that the endpoint says about usage, as it stands there.
  var details: [String: JSONValue] = [:]
}

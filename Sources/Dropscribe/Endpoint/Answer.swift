/// How one request ended. The three kinds of failure differ in what they may have cost.
enum Answer: Sendable {
  /// A whole reply with a success status.
  case reply(Reply)
  /// A whole reply with an error status, or an error under a success status.
  case refused(Refusal)
  /// Provably not sent (DNS, connection refused, TLS, no byte written): free. For a person.
  case unsent(String)
  /// Sent, and no whole reply (reset, deadline, cut body): perhaps paid. For a person.
  case unknown(String)
}

/// An endpoint's whole answer that it will not do what it was asked.
struct Refusal: Hashable, Sendable {
  enum Kind: String, Sendable {
    /// The input or the output tripped the content filter: an outcome, not a fault.
    case contentFilter
    /// 408, 409, 429, 5xx: the same request may work later.
    case transient
    /// 401, 403: the key is wrong for every request.
    case unauthorised
    /// 401 for a token that was thought to be good: another one is worth a try.
    case staleToken
    /// 402, `insufficient_quota`: no money left for any request.
    case unpaid
    /// The endpoint cannot take the audio part in this shape.
    case audioPart
    /// 413: the clip is too large.
    case tooLarge
    /// Everything else: the same request will never work.
    case permanent
  }

  var kind: Kind
  /// HTTP status.
  var status: Int
  /// The endpoint's own code and message, shortened, without secrets or payloads.
  var message: String
  /// How long the endpoint asked to be left alone.
  var retryAfter: Duration?
}

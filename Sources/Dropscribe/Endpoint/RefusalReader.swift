internal import FoundationEssentials
internal import NIOHTTP1

/// Reads an error reply: what kind of refusal it is, and what of its words a person should see.
struct RefusalReader: Sendable {
  var redaction: Redaction

  /// A reply with an error status. A body that was cut or is too long is read as far as it came: the status
  /// alone says that nothing was bought.
  func read(status: Int, headers: HTTPHeaders, body: [UInt8], now: Date) -> Refusal {
    if (300..<400).contains(status) { return redirect(status: status, headers: headers) }
    return refusal(ErrorEnvelope(body: body), status: status, headers: headers, now: now)
  }

  /// An error document that came under a success status.
  func read(_ document: JSONValue, status: Int, headers: HTTPHeaders, now: Date) -> Refusal {
    refusal(ErrorEnvelope(document), status: status, headers: headers, now: now)
  }

  private func refusal(_ envelope: ErrorEnvelope, status: Int, headers: HTTPHeaders, now: Date) -> Refusal {
    let retry = RetryAfter(headers, now: now)
    // Under a success status the body's own status is the true one.
    let effective = status < 300 ? envelope.status ?? status : status
    var message = redaction.clean(envelope.summary)
    if message.isEmpty { message = HTTPResponseStatus(statusCode: status).reasonPhrase }
    let known = KnownRefusal.named(in: envelope.words)
    if let hint = known?.hint { message += "; " + hint }
    return Refusal(
      kind: kind(envelope, status: effective, known: known, isWorthwhile: retry.isWorthwhile),
      status: status,
      message: message,
      retryAfter: retry.wait
    )
  }

  /// Codes of the content filters of Azure, Azure OpenAI and OpenAI, in lower case.
  private static let filterCodes: Set<String> = [
    "content_filter", "content_filter_error", "contentfilter", "responsibleaipolicyviolation",
    "content_policy_violation",
  ]
  /// Codes that mean that there is no money left, in lower case.
  private static let moneyCodes: Set<String> = [
    "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance",
  ]

  private func kind(
    _ envelope: ErrorEnvelope,
    status: Int,
    known: KnownRefusal?,
    isWorthwhile: Bool?
  ) -> Refusal.Kind {
    let codes = Set(envelope.codes.map { $0.lowercased() })
    if envelope.isFlagged || !codes.isDisjoint(with: Self.filterCodes) { return .contentFilter }
    if status == 402 || !codes.isDisjoint(with: Self.moneyCodes) { return .unpaid }
    if let known { return known.kind }
    switch status {
    case 401, 403: return .unauthorised
    case 413: return .tooLarge
    case 400, 422: if namesAudioPart(envelope, status: status, codes: codes) { return .audioPart }
    default: break
    }
    if let isWorthwhile { return isWorthwhile ? .transient : .permanent }
    switch status {
    case 408, 409, 429, 502, 503, 504: return .transient
    // Servers have said so of what they cannot do at all.
    case 500: return envelope.words.contains("not supported") ? .permanent : .transient
    // Proxies have their own numbers for "the server behind me did not answer".
    case 520...599: return .transient
    default: return .permanent
    }
  }

  /// Whether the clip's part of the request is what cannot be taken: by name, by its place in the messages, or
  /// in the bare words with which Azure's Phi-4 refuses `input_audio` (azure-sdk-for-python issue 39928).
  private func namesAudioPart(_ envelope: ErrorEnvelope, status: Int, codes: Set<String>) -> Bool {
    let words = envelope.words
    if words.contains("input_audio") || words.contains("audio_url") { return true }
    if envelope.places.contains(where: { $0.contains("messages") && $0.contains("content") }) { return true }
    return status == 422 && codes.contains("invalid input")
  }

  /// Redirects are never followed: the key must not travel to another address.
  private func redirect(status: Int, headers: HTTPHeaders) -> Refusal {
    let target = headers.first(name: "location").map { String($0.prefix { $0 != "?" && $0 != "#" }) }
    let hint = "redirects are not followed; if that is the right address, write it into url"
    let message =
      if let target, !target.isEmpty {
        "the address points to \(target): \(hint)"
      } else {
        "the address points elsewhere and does not say where: \(hint)"
      }
    return Refusal(kind: .permanent, status: status, message: redaction.clean(message), retryAfter: nil)
  }
}

extension UsageSidecar {
  /// What was bought, added up over the clips of one task. Replies that were bought elsewhere are not in it.
  struct Sums: Codable, Hashable, Sendable {
    var tokens = Tokens()
    var attempts = AttemptCounts()
    /// Replies of which the endpoint did not say what they took.
    var repliesWithoutUsage = 0
    /// Left out where nobody configured prices.
    var cost: Cost?
  }

  struct Tokens: Codable, Hashable, Sendable {
    var prompt = 0
    var completion = 0
    var total = 0
    /// Of the prompt tokens, those that are audio; left out where no reply says.
    var audio: Int?
    /// Every other number that the endpoint gave, added up.
    var details: [String: JSONValue]?
  }

  struct AttemptCounts: Codable, Hashable, Sendable {
    var total = 0
    var answered = 0
    var refused = 0
    var unsent = 0
    /// Sent, no whole reply, perhaps paid.
    var unknown = 0
    var inFlight = 0
  }

  struct Cost: Codable, Hashable, Sendable {
    var amount: Double
    var currency: String
    /// The endpoint may charge something else: a request is unknown or says no usage, or audio and text cost
    /// differently and a reply does not tell them apart (the dearer price is counted then).
    var estimate: Bool
  }
}

extension UsageSidecar.Tokens {
  init(_ usage: Usage) {
    prompt = usage.promptTokens
    completion = usage.completionTokens
    total = usage.totalTokens
    audio = usage.audioTokens
    details = usage.details.isEmpty ? nil : usage.details
  }

  static func += (left: inout Self, right: Self) {
    left.prompt = left.prompt.adding(right.prompt)
    left.completion = left.completion.adding(right.completion)
    left.total = left.total.adding(right.total)
    if let audio = right.audio { left.audio = (left.audio ?? 0).adding(audio) }
    let details = JSONValue.sum(left.details ?? [:], right.details ?? [:])
    left.details = details.isEmpty ? nil : details
  }
}

extension Int {
  /// The sum, or the nearest number that there is: an endpoint's nonsense must not stop the daemon.
  fileprivate func adding(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}

extension JSONValue {
  /// Adds the numbers in two tables, inner tables too. What is no number has no sum and is left out.
  static func sum(_ left: [String: JSONValue], _ right: [String: JSONValue]) -> [String: JSONValue] {
    left.merging(right) { sum($0, $1) ?? .null }.compactMapValues { sum($0, $0.zero) }
  }

  private static func sum(_ left: JSONValue, _ right: JSONValue) -> JSONValue? {
    switch (left, right) {
    case (.integer(let left), .integer(let right)):
      let (whole, overflow) = left.addingReportingOverflow(right)
      return overflow ? .number(Double(left) + Double(right)) : .integer(whole)
    case (.object(let left), .object(let right)):
      let whole = sum(left, right)
      return whole.isEmpty ? nil : .object(whole)
    default:
      guard let left = left.double, let right = right.double else { return nil }
      return .number(left + right)
    }
  }

  private var zero: JSONValue {
    switch self {
    case .object: .object([:])
    default: .integer(0)
    }
  }

  private var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

extension UsageSidecar.AttemptCounts {
  mutating func count(_ attempt: Attempt) {
    total += 1
    switch attempt.outcome {
    case .answered: answered += 1
    case .refused: refused += 1
    case .unsent: unsent += 1
    case .unknown: unknown += 1
    case .sent: inFlight += 1
    }
  }

  static func += (left: inout Self, right: Self) {
    left.total += right.total
    left.answered += right.answered
    left.refused += right.refused
    left.unsent += right.unsent
    left.unknown += right.unknown
    left.inFlight += right.inFlight
  }
}

extension Clip {
  /// The reply was stored for the same question before and cost nothing here.
  var isReused: Bool { reply != nil && !attempts.contains { $0.outcome == .answered } }
}

extension UsageSidecar.Sums {
  init(of clips: [Clip], prices: EndpointConfiguration.Prices?) {
    var amount = 0.0
    var estimate = false
    for clip in clips {
      for attempt in clip.attempts { attempts.count(attempt) }
      guard let reply = clip.reply, !clip.isReused else { continue }
      guard let usage = reply.usage else {
        repliesWithoutUsage += 1
        continue
      }
      tokens += UsageSidecar.Tokens(usage)
      if let prices {
        amount += prices.cost(of: usage)
        if usage.audioTokens == nil, prices.audioPerMillion != prices.textPerMillion { estimate = true }
      }
    }
    cost = prices.map {
      UsageSidecar.Cost(
        amount: UsageSidecar.Cost.rounded(amount),
        currency: $0.currency,
        estimate: estimate || repliesWithoutUsage > 0 || attempts.unknown > 0 || attempts.inFlight > 0
      )
    }
  }
}

extension EndpointConfiguration.Prices {
  /// What a reply cost. Where it does not say how much of the prompt was audio, the dearer price counts.
  func cost(of usage: Usage) -> Double {
    let audio = usage.audioTokens.map { min(max(0, $0), usage.promptTokens) }
    let prompt =
      if let audio {
        Double(audio) * audioPerMillion + Double(usage.promptTokens - audio) * textPerMillion
      } else {
        Double(usage.promptTokens) * max(audioPerMillion, textPerMillion)
      }
    return (prompt + Double(usage.completionTokens) * completionPerMillion) / 1_000_000
  }
}

extension UsageSidecar.Cost {
  /// To a thousand-millionth, so that sums of binary fractions read as what they mean.
  static func rounded(_ amount: Double) -> Double { (amount * 1e9).rounded() / 1e9 }

  /// Adds costs, those of each currency for themselves.
  static func totals(of costs: [Self]) -> [Self] {
    var totals: [String: Self] = [:]
    for cost in costs {
      var total = totals[cost.currency] ?? Self(amount: 0, currency: cost.currency, estimate: false)
      total.amount = rounded(total.amount + cost.amount)
      total.estimate = total.estimate || cost.estimate
      totals[cost.currency] = total
    }
    return totals.values.sorted { $0.currency < $1.currency }
  }
}

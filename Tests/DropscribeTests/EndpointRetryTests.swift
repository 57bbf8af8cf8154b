import Testing

@testable import Dropscribe

@Suite("What follows a failure")
struct EndpointRetryTests {
  private let policy = RetryPolicy()

  private func verdict(
    _ kind: Refusal.Kind,
    status: Int = 400,
    retryAfter: Duration? = nil,
    _ history: RetryPolicy.History = .init(),
    seed: UInt64 = 1
  ) -> RetryPolicy.Verdict? {
    var random = SeededGenerator(state: seed)
    let refusal = Refusal(kind: kind, status: status, message: "words", retryAfter: retryAfter)
    return policy.verdict(on: .refused(refusal), history: history, random: &random)
  }

  @Test func `is nothing after a reply`() {
    var random = SeededGenerator(state: 1)
    #expect(policy.verdict(on: .reply(Reply(text: "")), history: .init(), random: &random) == nil)
  }

  @Test func `is another try for a passing refusal, each within its bound, and finally a gap`() {
    for seed in 0..<200 as Range<UInt64> {
      for count in 1...24 {
        let verdict = verdict(.transient, status: 503, .init(transient: count), seed: seed)
        switch verdict {
        case .again(let wait):
          #expect(count <= 8)
          let cap = min(Duration.milliseconds(500) * (1 << (count - 1)), .seconds(30))
          #expect(wait >= .zero && wait <= cap)
        case .deferred(let wait):
          #expect(count > 8 && count < 24)
          #expect(wait >= .seconds(30) && wait <= .seconds(1800))
        case .giveUp(let gap, let detail):
          #expect(count == 24)
          #expect(gap == .failed)
          #expect(detail == "refused 24 times, last with HTTP 503: words")
        default:
          Issue.record("\(String(describing: verdict))")
        }
      }
    }
  }

  @Test func `is a gap when a clip has waited for a day`() {
    let verdict = verdict(.transient, .init(transient: 2, waiting: .seconds(90_000)))
    guard case .giveUp(.failed, _)? = verdict else {
      Issue.record("\(String(describing: verdict))")
      return
    }
  }

  @Test func `is never earlier than the endpoint asked for, and leaves the slot when that is long`() {
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(state: seed)
      let asked = Duration.milliseconds(Int.random(in: 1...900_000, using: &random))
      let count = Int.random(in: 1..<24, using: &random)
      switch verdict(.transient, retryAfter: asked, .init(transient: count), seed: seed) {
      case .again(let wait):
        #expect(wait >= asked && wait <= .seconds(30))
      case .deferred(let wait):
        #expect(wait >= asked && (wait > .seconds(30) || count > 8))
      case let other:
        Issue.record("\(String(describing: other))")
      }
    }
  }

  @Test func `spreads: the waits of many clips differ`() {
    let waits = Set((0..<50).map { verdict(.transient, .init(transient: 5), seed: $0) })
    #expect(waits.count > 40)
  }

  @Test func `is bought again at most twice when the reply was lost`() {
    var random = SeededGenerator(state: 3)
    for count in 1...5 {
      let verdict = policy.verdict(on: .unknown("reset"), history: .init(unknown: count), random: &random)
      switch verdict {
      case .again(let wait)?: #expect(count <= 2 && wait <= .seconds(30))
      case .giveUp(let gap, let detail)?: #expect(count > 2 && gap == .unknown && detail == "reset")
      default: Issue.record("\(String(describing: verdict))")
      }
    }
  }

  @Test func `is free and slow, for ever, when nothing was sent`() {
    var random = SeededGenerator(state: 3)
    for count in [1, 2, 10, 1000, Int.max - 1] {
      let verdict = policy.verdict(on: .unsent("refused"), history: .init(unsent: count), random: &random)
      guard case .pauseEndpoint("refused", let wait)? = verdict else {
        Issue.record("\(String(describing: verdict))")
        continue
      }
      #expect(wait >= .seconds(1) && wait <= .seconds(60))
    }
  }

  @Test(arguments: [Refusal.Kind.unauthorised, .unpaid])
  func `pauses the endpoint when every clip would fail alike`(kind: Refusal.Kind) {
    #expect(
      verdict(kind, status: 401) == .pauseEndpoint(reason: "HTTP 401: words", probeAfter: .seconds(300))
    )
    #expect(
      verdict(kind, status: 429, retryAfter: .seconds(900))
        == .pauseEndpoint(reason: "HTTP 429: words", probeAfter: .seconds(900))
    )
  }

  @Test func `is one resend for the audio part's shape`() {
    #expect(verdict(.audioPart, .init(audioPart: 1)) == .again(after: .zero))
    #expect(verdict(.audioPart, .init(audioPart: 2)) == .giveUp(.failed, detail: "HTTP 400: words"))
  }

  @Test func `is a gap at once for what will never work`() {
    #expect(verdict(.contentFilter) == .giveUp(.contentFilter, detail: "HTTP 400: words"))
    #expect(verdict(.permanent) == .giveUp(.failed, detail: "HTTP 400: words"))
    guard case .giveUp(.failed, let detail)? = verdict(.tooLarge, status: 413) else {
      Issue.record("not given up")
      return
    }
    #expect(detail.contains("max_seconds"))
  }
}

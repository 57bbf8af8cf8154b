/// Decides what follows an answer that is no reply. Pure: chance comes from the caller, and so does the clip's
/// history, which lies in the journal and so outlives a restart.
struct RetryPolicy: Sendable {
  /// How often a clip met each kind of failure in its whole life, the last answer included.
  struct History: Hashable, Sendable {
    /// Refusals that may pass.
    var transient = 0
    /// Sent, and no whole reply.
    var unknown = 0
    /// Provably not sent.
    var unsent = 0
    /// Refusals of the audio part's shape.
    var audioPart = 0
    /// Since the first transient refusal.
    var waiting = Duration.zero
  }

  /// What to do next.
  enum Verdict: Hashable, Sendable {
    /// Send the clip once more; it keeps its slot.
    case again(after: Duration)
    /// The clip gives up its slot and is due later.
    case deferred(Duration)
    /// The clip is final without a transcript.
    case giveUp(Clip.Gap, detail: String)
    /// Every clip would fail alike: nothing goes to the endpoint before a probe succeeds. The clip itself is
    /// as it was.
    case pauseEndpoint(reason: String, probeAfter: Duration)
  }

  /// Transient refusals in a row that keep the slot.
  var quickAttempts = 8
  /// Transient refusals in a clip's whole life.
  var mostAttempts = 24
  /// From the first transient refusal to giving up.
  var longestWait = Duration.seconds(24 * 3600)
  /// Sends that may have been paid without a reply; one more buying each, the first not counted.
  var mostUnknown = 2
  /// The first wait; each next one may be twice as long.
  var firstWait = Duration.milliseconds(500)
  /// The longest wait in a slot.
  var longestSlotWait = Duration.seconds(30)
  /// The longest pause of an endpoint that cannot be reached.
  var longestProbeWait = Duration.seconds(60)
  /// The pause of an endpoint that wants another key, or money.
  var keyWait = Duration.seconds(300)
  /// The pause of an endpoint that refused several recordings in a row for good; a probe follows it.
  var tripWait = Duration.seconds(300)
  /// The first and the longest wait outside a slot.
  var deferredWaits = Duration.seconds(60)...Duration.seconds(1800)

  /// nil for a reply: what it is worth is no question of trying again.
  func verdict(
    on answer: Answer,
    history: History,
    random: inout some RandomNumberGenerator
  ) -> Verdict? {
    switch answer {
    case .reply:
      return nil
    case .unsent(let reason):
      let wait = spread(
        upTo: doubled(.seconds(1), times: history.unsent - 1, atMost: longestProbeWait),
        &random
      )
      // A probe every few milliseconds would not be "slowly".
      return .pauseEndpoint(reason: reason, probeAfter: max(wait, .seconds(1)))
    case .unknown(let reason):
      guard history.unknown <= mostUnknown else { return .giveUp(.unknown, detail: reason) }
      let cap = doubled(firstWait, times: history.unknown, atMost: longestSlotWait)
      return .again(after: spread(upTo: cap, &random))
    case .refused(let refusal):
      return verdict(on: refusal, history: history, random: &random)
    }
  }

  private func verdict(
    on refusal: Refusal,
    history: History,
    random: inout some RandomNumberGenerator
  ) -> Verdict {
    let words = "HTTP \(refusal.status): \(refusal.message)"
    switch refusal.kind {
    case .contentFilter:
      return .giveUp(.contentFilter, detail: words)
    case .unauthorised, .unpaid:
      return .pauseEndpoint(reason: words, probeAfter: max(keyWait, refusal.retryAfter ?? .zero))
    case .audioPart:
      // The client has changed its shape; it does so once.
      return history.audioPart > 1 ? .giveUp(.failed, detail: words) : .again(after: .zero)
    case .staleToken:
      // Bounded by the client: each token is refused once.
      return .again(after: .zero)
    case .tooLarge:
      return .giveUp(.failed, detail: words + "; make clip.max_seconds smaller")
    case .permanent:
      return .giveUp(.failed, detail: words)
    case .transient:
      return transient(words, retryAfter: refusal.retryAfter, history: history, random: &random)
    }
  }

  private func transient(
    _ words: String,
    retryAfter: Duration?,
    history: History,
    random: inout some RandomNumberGenerator
  ) -> Verdict {
    if history.transient >= mostAttempts || history.waiting >= longestWait {
      return .giveUp(.failed, detail: "refused \(history.transient) times, last with \(words)")
    }
    let isQuick = history.transient <= quickAttempts
    var wait: Duration
    if isQuick {
      wait = spread(upTo: doubled(firstWait, times: history.transient - 1, atMost: longestSlotWait), &random)
    } else {
      let cap = doubled(
        deferredWaits.lowerBound,
        times: history.transient - quickAttempts - 1,
        atMost: deferredWaits.upperBound
      )
      wait = cap / 2 + spread(upTo: cap / 2, &random)
    }
    if let retryAfter {
      // Not before it was asked for, and not all at the same moment.
      let asked = retryAfter + spread(upTo: min(retryAfter / 10, .seconds(10)), &random)
      wait = isQuick && retryAfter > .zero ? asked : max(wait, asked)
    }
    return isQuick && wait <= longestSlotWait ? .again(after: wait) : .deferred(wait)
  }

  /// `base` doubled so many times, bounded.
  private func doubled(_ base: Duration, times: Int, atMost cap: Duration) -> Duration {
    min(base * (1 << min(max(times, 0), 20)), cap)
  }

  /// Full jitter: anything from nothing up to `cap`.
  private func spread(upTo cap: Duration, _ random: inout some RandomNumberGenerator) -> Duration {
    cap * Double.random(in: 0...1, using: &random)
  }
}

import FoundationEssentials
import Logging

/// Sends one clip for as long as that makes sense, with every step in the journal before the next.
struct ClipSender: Sendable {
  /// What came of a clip, for the turn of its job.
  enum Fate: Sendable, Equatable {
    /// It is final in the journal.
    case final
    /// It stays pending: the endpoint is paused, or dropscribe stops.
    case pending
    /// It stays pending, and is not to be tried before so long.
    case deferred(Duration)
  }

  let client: EndpointClient
  let lane: Lane
  let journal: Journal
  let policy: RetryPolicy
  let log: Logger

  /// Sends `wav` until there is a reply, a refusal for good, or a reason to wait without a slot.
  func send(_ clip: Clip, of question: Question, wav: [UInt8]) async throws -> Fate {
    var attempts = clip.attempts.filter { !$0.isForgiven }
    while true {
      if Task.isCancelled { return .pending }
      var attempt = try await journal.begin(clip: clip.id)
      let exchange = await client.ask(question, wav: wav)
      attempt.status = exchange.status
      attempt.milliseconds = exchange.milliseconds
      switch exchange.answer {
      case .reply(let reply):
        attempt.outcome = .answered
        let verdict = reply.verdict(hasSpeech: clip.hasSpeech)
        attempt.detail = verdict.gap?.rawValue
        try await journal.commit(attempt, clip: clip.id, reply: reply, verdict: verdict)
        if await lane.succeeded() {
          log.notice("the endpoint answers again", metadata: ["endpoint.name": "\(lane.name)"])
        }
        return .final
      case .refused(let refusal):
        attempt.outcome = .refused
        attempt.detail = refusal.message
      case .unsent(let why):
        attempt.outcome = .unsent
        attempt.detail = why
      case .unknown(let why):
        attempt.outcome = .unknown
        attempt.detail = why
      }
      attempts.append(attempt)
      var random = SystemRandomNumberGenerator()
      let history = RetryPolicy.History(attempts, now: Date())
      switch policy.verdict(on: exchange.answer, history: history, random: &random) {
      case nil: break
      case .again(let pause):
        try await journal.commit(attempt, clip: clip.id)
        do { try await Task.sleep(for: pause) } catch { return .pending }
        if await lane.isClosed { return .pending }
      case .deferred(let time):
        try await journal.commit(attempt, clip: clip.id)
        return .deferred(time)
      case .pauseEndpoint(let reason, let time):
        try await journal.commit(attempt, clip: clip.id)
        await pause(reason, time)
        return .pending
      case .giveUp(let gap, let detail):
        if gap == .failed, await lane.tripsOnPermanentFailure(job: clip.job, clip: clip.id) {
          try await journal.commit(attempt, clip: clip.id)
          await pause("three recordings in a row were refused alike: \(detail)", .seconds(300))
          return .pending
        }
        try await journal.commit(
          attempt,
          clip: clip.id,
          verdict: .init(state: .gap, gap: gap, detail: detail)
        )
        if gap == .contentFilter { await lane.succeeded() }
        return .final
      }
    }
  }

  private func pause(_ reason: String, _ time: Duration) async {
    let isNews = await lane.pause(reason, for: time)
    log.log(
      level: isNews ? .error : .debug,
      "the endpoint is paused; recordings wait",
      metadata: [
        "endpoint.name": "\(lane.name)", "reason": "\(reason)", "seconds": "\(time.components.seconds)",
      ]
    )
  }
}

extension RetryPolicy.History {
  /// What the journal says of a clip's attempts, those that a person forgave left out.
  init(_ attempts: [Attempt], now: Date) {
    self.init()
    var firstTransient: Date?
    for attempt in attempts {
      switch attempt.outcome {
      case .unknown: unknown += 1
      case .unsent: unsent += 1
      case .refused where attempt.status == 400 || attempt.status == 422: audioPart += 1
      case .refused:
        transient += 1
        firstTransient = firstTransient ?? attempt.started
      case .sent, .answered: break
      }
    }
    waiting = .seconds(max(0, firstTransient.map { now.timeIntervalSince($0) } ?? 0))
  }
}

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

  private static let commitPause = Duration.seconds(2)

  let client: EndpointClient
  let lane: Lane
  let journal: Journal
  let policy: RetryPolicy
  let log: Logger

  /// Sends `audio` until there is a reply, a refusal for good, or a reason to wait without a slot.
  ///
  /// - Throws: what the journal throws before a request. What comes after one is committed for as long as that
  ///   takes: it was paid.
  func send(_ clip: Clip, of question: Question, audio: [UInt8]) async throws -> Fate {
    var attempts = clip.attempts
    // The last one may have been cut off by a restart: then nobody has asked whether it was one too many.
    guard history(attempts).unknown <= policy.mostUnknown else {
      let detail = attempts.last { $0.outcome == .unknown }?.detail ?? "dropscribe was stopped meanwhile"
      try await journal.close([clip.id], .init(state: .gap, gap: .unknown, detail: detail))
      return .final
    }
    while true {
      if Task.isCancelled { return .pending }
      var attempt = try await journal.begin(clip: clip.id)
      let exchange = await client.ask(question, audio: audio)
      attempt.take(exchange)
      if case .reply(let reply) = exchange.answer {
        let verdict = reply.verdict(hasSpeech: clip.hasSpeech)
        attempt.detail = verdict.gap?.rawValue
        try await commit(attempt, clip, reply, verdict)
        await succeeded()
        return .final
      }
      var random = SystemRandomNumberGenerator()
      let history = history(attempts + [attempt])
      switch policy.verdict(on: exchange.answer, history: history, random: &random) {
      case nil: return .pending
      case .again(let pause):
        try await commit(attempt, clip)
        attempts.append(attempt)
        do { try await Task.sleep(for: pause) } catch { return .pending }
        if await lane.isClosed { return .pending }
        if await lane.pause != nil { return .pending }
      case .deferred(let time):
        try await commit(attempt, clip)
        return .deferred(time)
      case .pauseEndpoint(let reason, let time):
        // A wrong key or an empty purse says nothing about this clip.
        attempt.isForgiven = attempt.outcome == .refused
        try await commit(attempt, clip)
        await say(lane.pause(reason, for: time), reason, time)
        return .pending
      case .giveUp(let gap, let detail):
        if gap == .failed, await lane.tripsOnPermanentFailure(job: clip.job, clip: clip.id) {
          attempt.isForgiven = true
          try await commit(attempt, clip)
          let reason = "three recordings in a row were refused alike: \(detail)"
          await say(lane.trip(reason, for: policy.tripWait), reason, policy.tripWait)
          return .pending
        }
        try await commit(attempt, clip, nil, .init(state: .gap, gap: gap, detail: detail))
        if gap == .contentFilter { await succeeded() }
        return .final
      }
    }
  }

  private func history(_ attempts: [Attempt]) -> RetryPolicy.History {
    RetryPolicy.History(attempts.filter { !$0.isForgiven }, now: Date())
  }

  /// Commits how a request ended. While the journal cannot take it, as on a full disk, it is held: the slot
  /// with it, so that nothing more is bought than can be kept.
  private func commit(
    _ attempt: Attempt,
    _ clip: Clip,
    _ reply: Reply? = nil,
    _ verdict: Journal.Verdict? = nil
  ) async throws {
    var isSaid = false
    while true {
      do {
        return try await journal.commit(attempt, clip: clip.id, reply: reply, verdict: verdict)
      } catch {
        if !isSaid {
          log.error(
            "the journal cannot take a reply; it is held and tried again",
            metadata: ["reason": "\(error)"]
          )
        }
        isSaid = true
        try await Task.sleep(for: Self.commitPause)
      }
    }
  }

  private func succeeded() async {
    guard await lane.succeeded() else { return }
    log.notice("the endpoint answers again", metadata: ["endpoint.name": "\(lane.name)"])
    // Those who wait for the end of its pause need not.
    journal.work.ring()
  }

  private func say(_ isNews: Bool, _ reason: String, _ time: Duration) {
    log.log(
      level: isNews ? .error : .debug,
      "the endpoint is paused; recordings wait",
      metadata: [
        "endpoint.name": "\(lane.name)", "reason": "\(reason)", "seconds": "\(time.components.seconds)",
      ]
    )
  }
}

extension Attempt {
  /// Notes how the request ended.
  fileprivate mutating func take(_ exchange: EndpointClient.Exchange) {
    status = exchange.status
    milliseconds = exchange.milliseconds
    switch exchange.answer {
    case .reply: outcome = .answered
    case .refused(let refusal): (outcome, detail) = (.refused, refusal.message)
    case .unsent(let why): (outcome, detail) = (.unsent, why)
    case .unknown(let why): (outcome, detail) = (.unknown, why)
    }
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

/// Keeps one token for all who need it: fetched once however many ask at the same time, renewed early, kept while
/// it is good when renewing fails.
///
/// The fetch runs in a task of its own that everybody awaits who needs its outcome; it ends with them.
actor TokenCache {
  /// A token on loan, and which fetch it came from.
  struct Pass: Sendable {
    var secret: Secret
    /// From 1; larger ones are younger.
    var number: Int
  }

  private struct Held {
    var pass: Pass
    var expires: ContinuousClock.Instant
    /// From when on it should be renewed.
    var due: ContinuousClock.Instant
  }

  /// A renewal that failed is not tried again for so long while the token is still good.
  private static let renewalPause = Duration.seconds(60)
  /// A token is not used in the last moments of its life: it has a way to go.
  private static let longestMargin = Duration.seconds(30)

  private let fetch: @Sendable () async throws -> EntraToken
  private let now: @Sendable () -> ContinuousClock.Instant
  private var held: Held?
  private var fetching: Task<Pass, any Error>?
  private var fetches = 0
  /// The youngest token that was refused since one was accepted.
  private var refused: Int?

  init(
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    fetch: @escaping @Sendable () async throws -> EntraToken
  ) {
    self.now = now
    self.fetch = fetch
  }

  /// A token that is good now.
  ///
  /// - Throws: What the fetch throws, where there is no good token.
  func pass() async throws -> Pass {
    while true {
      let time = now()
      if let held, time < held.expires {
        guard time >= held.due, fetching == nil else { return held.pass }
        // Whoever comes first renews it; everybody else goes on with what there is.
        self.held?.due = time + Self.renewalPause
        return (try? await fetched()) ?? held.pass
      }
      do {
        return try await fetched()
      } catch is CancellationError where !Task.isCancelled {
        // Another who waited for the same fetch was cancelled, and took it along.
        continue
      }
    }
  }

  /// The endpoint refused a token.
  ///
  /// - Returns: whether another one is worth a try: once, until the endpoint accepts one again.
  func wasRefused(_ number: Int) -> Bool {
    if held?.pass.number == number { held = nil }
    if let refused { return number <= refused }
    refused = number
    return true
  }

  /// The endpoint took a token.
  func wasAccepted(_ number: Int) {
    if let refused, number > refused { self.refused = nil }
  }

  private func fetched() async throws -> Pass {
    let task = fetching ?? start()
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func start() -> Task<Pass, any Error> {
    let task = Task {
      defer { fetching = nil }
      let token = try await fetch()
      fetches += 1
      let pass = Pass(secret: token.secret, number: fetches)
      let time = now()
      held = Held(
        pass: pass,
        expires: time + token.lifetime - min(Self.longestMargin, token.lifetime / 10),
        // About half its life, and not all daemons of a site at the same moment.
        due: time + token.lifetime * Double.random(in: 0.45...0.55)
      )
      return pass
    }
    fetching = task
    return task
  }
}

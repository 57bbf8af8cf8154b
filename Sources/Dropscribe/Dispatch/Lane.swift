/// The way to one endpoint: its slots, first come first served, and whether it can be asked at all.
///
/// Every job at work waits for at most one slot at a time, so first come first served is fair between
/// recordings however long they are. The first request after a start, and after every pause, goes alone: what
/// fails for all is found out at the price of one.
actor Lane {
  enum Health: Equatable, Sendable {
    /// Nobody has had an answer yet: one request at a time.
    case unproven
    /// It answers.
    case open
    /// It cannot be asked before the given time.
    case paused(reason: String, until: ContinuousClock.Instant)
  }

  /// What whoever wants to take a job for this lane has to do first.
  enum Gate: Equatable, Sendable {
    /// Take it.
    case open
    /// Ask the endpoint something harmless, and say what came of it by ``probed(_:)``.
    case probe
    /// Wait for the next ring, or for so long.
    case shut(Duration?)
    /// Leave.
    case closed
  }

  private enum Probe { case none, due, running }

  let name: String
  private let slots: Int
  private(set) var health = Health.unproven
  private(set) var inFlight = 0
  /// Whether no slot is given any more.
  private(set) var isClosed = false
  private var waiters: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
  private var next = 0
  /// Why it was paused last; nil once it has answered again.
  private var fault: String?
  private var permanentFailures: Set<Int64> = []
  private var tripped: Set<Int64> = []
  private var probe = Probe.none
  private var deferrals: [Int64: ContinuousClock.Instant] = [:]

  init(name: String, slots: Int) {
    self.name = name
    self.slots = slots
  }

  /// How many wait for a slot.
  var waiting: Int { waiters.count }

  private var width: Int {
    switch health {
    case .open: slots
    case .unproven: 1
    case .paused: 0
    }
  }

  /// How long the lane stays paused from now; nil when it can be asked.
  var pause: (reason: String, left: Duration)? {
    guard case .paused(let reason, let until) = health else { return nil }
    let left = until - .now
    if left <= .zero {
      health = .unproven
      return nil
    }
    return (reason, left)
  }

  /// Waits for a slot. False when there is none to be had: the endpoint is paused, the lane is closed, or
  /// the task was cancelled. Whoever got true calls ``release()`` once.
  func acquire() async -> Bool {
    if isClosed || pause != nil || probe != .none { return false }
    if inFlight < width, waiters.isEmpty {
      inFlight += 1
      return true
    }
    next += 1
    let id = next
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if Task.isCancelled { waiter.resume(returning: false) } else { waiters.append((id, waiter)) }
      }
    } onCancel: {
      Task { await self.leave(id) }
    }
  }

  func release() {
    inFlight -= 1
    admit()
  }

  /// A whole reply came: the endpoint works.
  ///
  /// - Returns: whether it is the first after a pause: the one time to say it.
  @discardableResult
  func succeeded() -> Bool {
    permanentFailures = []
    if probe == .due { probe = .none }
    if health != .open {
      health = .open
      admit()
    }
    defer { fault = nil }
    return fault != nil
  }

  /// Stops asking for a while; everybody who waits is sent away.
  ///
  /// - Returns: whether this fault is news: it is said once, however often the endpoint is tried until it answers.
  func pause(_ reason: String, for time: Duration) -> Bool {
    let isNew = fault != reason
    fault = reason
    health = .paused(reason: reason, until: .now + time)
    dismiss()
    return isNew
  }

  /// Pauses because several recordings in a row were refused for good: whose fault that is, a probe must show
  /// before another one is sent.
  ///
  /// - Returns: as ``pause(_:for:)``.
  func trip(_ reason: String, for time: Duration) -> Bool {
    probe = .due
    return pause(reason, for: time)
  }

  /// Whether a job may be taken. Whoever gets `.probe` is the only one.
  func gate() -> Gate {
    if isClosed { return .closed }
    if let pause { return .shut(pause.left) }
    switch probe {
    case .none: return .open
    case .running: return .shut(nil)
    case .due:
      probe = .running
      return .probe
    }
  }

  /// What came of a probe: a whole reply, or none, and then the lane stays paused for so long.
  ///
  /// - Returns: as ``succeeded()``.
  func probed(_ hasReply: Bool, orPauseFor time: Duration) -> Bool {
    probe = hasReply ? .none : .due
    if hasReply { return succeeded() }
    health = .paused(reason: fault ?? "it does not answer", until: .now + time)
    return false
  }

  /// Counts a refusal that no repetition can mend, as far as one clip knows.
  ///
  /// - Returns: whether this was the third recording in a row, so that the fault is likely the endpoint's or
  ///   the configuration's. A clip that trips this again after the endpoint answered others fails by itself.
  func tripsOnPermanentFailure(job: Int64, clip: Int64) -> Bool {
    permanentFailures.insert(job)
    return permanentFailures.count >= 3 && tripped.insert(clip).inserted
  }

  /// Keeps jobs from being taken before so long.
  func `defer`(_ jobs: Set<Int64>, for time: Duration) {
    for job in jobs { deferrals[job] = .now + time }
  }

  /// The jobs that must wait, and how long until the first need no longer.
  func deferred() -> (jobs: Set<Int64>, soonest: Duration?) {
    let now = ContinuousClock.now
    deferrals = deferrals.filter { $0.value > now }
    return (Set(deferrals.keys), deferrals.values.min().map { $0 - now })
  }

  /// No slot is given any more; what is in flight goes on.
  func close() {
    isClosed = true
    dismiss()
  }

  private func admit() {
    while !waiters.isEmpty, inFlight < width {
      inFlight += 1
      waiters.removeFirst().continuation.resume(returning: true)
    }
  }

  private func dismiss() {
    let all = waiters
    waiters = []
    for waiter in all { waiter.continuation.resume(returning: false) }
  }

  private func leave(_ id: Int) {
    guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
    waiters.remove(at: index).continuation.resume(returning: false)
  }
}

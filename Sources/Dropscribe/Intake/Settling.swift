/// Whether a file has stopped changing. Pure: the caller brings the facts and the clock.
///
/// The clock is the suspending one: an hour asleep amid a copy is no hour of calm.
struct Settling: Equatable, Sendable {
  typealias Instant = SuspendingClock.Instant

  /// How the file was noticed. A later sign replaces an earlier one, except that being found says nothing new.
  enum Sign: Equatable, Sendable {
    /// By a listing, so that nobody knows whether it is still being written.
    case found
    /// It was closed after writing. Some writers open it again.
    case closed
    /// By a rename, which is atomic.
    case arrived
  }

  /// How long a file must be calm.
  struct Rules: Equatable, Sendable {
    /// After it was closed.
    var settle: Duration
    /// When no close was seen.
    var quiet: Duration
    /// On top of that, when its header declares more than is there.
    var incomplete: Duration
  }

  /// What shows that a file changed.
  struct Look: Equatable, Sendable {
    /// Bytes.
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
  }

  enum Verdict: Equatable, Sendable {
    case settled
    case waits(until: Instant)
  }

  private(set) var sign: Sign
  private(set) var isIncomplete = false
  private var last: Look?
  private var calmSince: Instant

  init(_ sign: Sign, at now: Instant) {
    self.sign = sign
    calmSince = now
  }

  /// Something was heard of the file again.
  mutating func notice(_ sign: Sign, at now: Instant) {
    if sign == .found { return }
    self = Settling(sign, at: now)
  }

  /// The file was looked at. `age` is how long ago it was touched, by the wall clock, where that is known.
  mutating func look(_ look: Look, age: Duration?, at now: Instant, rules: Rules) -> Verdict {
    if last != look {
      // A change after the sign means that somebody writes on: only calm, or the next close, counts now.
      if last != nil { self = Settling(.found, at: now) }
      last = look
      calmSince = now
    }
    var needed: Duration =
      switch sign {
      case .arrived: .zero
      case .closed: rules.settle
      case .found: rules.quiet
      }
    if isIncomplete { needed += rules.incomplete }
    let calm = max(calmSince.duration(to: now), age ?? .zero)
    return calm >= needed ? .settled : .waits(until: now.advanced(by: needed - calm))
  }

  /// The header declares more than is there: it holds until the file changes.
  mutating func declaresMore() {
    isIncomplete = true
  }

  /// The file changed while it was read, so that somebody writes to it, whatever the sign was.
  mutating func changedWhileRead(at now: Instant) {
    self = Settling(.found, at: now)
  }
}

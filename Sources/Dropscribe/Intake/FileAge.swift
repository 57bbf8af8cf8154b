/// How long ago a file was touched, by its timestamps and the wall clock. Pure.
///
/// It lets a recording that lay there for hours go at once instead of waiting to be seen calm. A wall clock jumps,
/// though, and a file written a second before a jump of an hour looks an hour old: after a jump (a suspended
/// machine is one) ages are not told until a file that was touched before it would have been seen calm anyway.
struct FileAge: Sendable {
  typealias Instant = SuspendingClock.Instant

  private static let second: Int64 = 1_000_000_000

  /// How long ages are not told after a jump; the longest that a file may have to be calm.
  private let distrust: Duration
  private var reference: (wall: Int64, now: Instant)?
  private var trustedFrom: Instant?

  init(distrust: Duration) {
    self.distrust = distrust
  }

  /// Compares the clocks. `wall` is in nanoseconds since 1970.
  mutating func observe(wall: Int64, now: Instant) {
    if let reference {
      let expected = reference.wall + reference.now.duration(to: now).wholeNanoseconds
      if abs(wall - expected) > Self.second { trustedFrom = now.advanced(by: distrust) }
    }
    reference = (wall, now)
  }

  /// Nil when the timestamps or the clock cannot be believed. Only ``FileIdentity/changed`` cannot be set by a
  /// program, but `modified` may run ahead of it on a network filesystem; the later one counts.
  func age(of identity: FileIdentity) -> Duration? {
    guard let reference else { return nil }
    if let trustedFrom, reference.now < trustedFrom { return nil }
    let touched = max(identity.modified, identity.changed)
    guard touched <= reference.wall else { return nil }
    return .nanoseconds(reference.wall - touched)
  }
}

extension Duration {
  /// Saturating at what 64 bits hold, 292 years.
  fileprivate var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min / 2 : .max / 2) : scaled + attoseconds / 1_000_000_000
  }
}

import SystemPackage

/// The files of one folder that were noticed and not yet taken. Bounded: what does not fit is left to a later scan,
/// so that a hundred thousand files at once take no more memory than a few thousand.
struct WaitingRoom: Sendable {
  typealias Instant = SuspendingClock.Instant

  /// So many files wait; the rest is found again when a quarter of them is left.
  static let most = 4_096

  private struct Entry {
    var settling: Settling
    var due: Instant
    /// Somebody looks at it or reads it.
    var isBusy = false
    /// Something was heard of it meanwhile.
    var again = false
    /// How often its ledger or its disk failed.
    var failures = 0
  }

  private var entries: [FilePath: Entry] = [:]
  /// Something did not fit.
  private(set) var hasOverflowed = false

  var isEmpty: Bool { entries.isEmpty }
  var isBusy: Bool { entries.values.contains { $0.isBusy } }

  func contains(_ path: FilePath) -> Bool { entries[path] != nil }

  /// Something was heard of a file: it is looked at next.
  mutating func notice(_ path: FilePath, _ sign: Settling.Sign, at now: Instant) {
    if var entry = entries[path] {
      // Being listed again is nothing new.
      if sign == .found, !entry.isBusy { return }
      entry.settling.notice(sign, at: now)
      entry.due = now
      entry.again = true
      entries[path] = entry
    } else if entries.count < Self.most {
      entries[path] = Entry(settling: Settling(sign, at: now), due: now)
    } else {
      hasOverflowed = true
    }
  }

  /// The next look at anything; nil when nothing waits for the clock.
  var nextDue: Instant? {
    entries.values.lazy.filter { !$0.isBusy }.map(\.due).min()
  }

  /// The files to be looked at now; they are busy until ``wait(_:until:)`` or ``finish(_:)``.
  mutating func takeDue(at now: Instant) -> [FilePath] {
    let due = entries.filter { !$0.value.isBusy && $0.value.due <= now }.map(\.key)
    for path in due {
      entries[path]?.isBusy = true
      entries[path]?.again = false
    }
    return due
  }

  mutating func look(
    _ path: FilePath,
    _ identity: FileIdentity,
    age: Duration?,
    at now: Instant,
    rules: Settling.Rules
  ) -> Settling.Verdict {
    let look = Settling.Look(size: identity.size, modified: identity.modified)
    return entries[path]?.settling.look(look, age: age, at: now, rules: rules) ?? .waits(until: now)
  }

  /// Whether its incomplete header has been waited for.
  func acceptsIncomplete(_ path: FilePath) -> Bool {
    entries[path]?.settling.isIncomplete ?? false
  }

  mutating func declaresMore(_ path: FilePath) {
    entries[path]?.settling.declaresMore()
  }

  mutating func changedWhileRead(_ path: FilePath, at now: Instant) {
    // A sign that came meanwhile is newer than the change.
    if entries[path]?.again == false { entries[path]?.settling.changedWhileRead(at: now) }
  }

  /// It is to be looked at again then, or now when something was heard of it.
  mutating func wait(_ path: FilePath, until due: Instant) {
    guard var entry = entries[path] else { return }
    entry.isBusy = false
    if !entry.again { entry.due = due }
    entries[path] = entry
  }

  /// It failed for a reason that is not its own: tried again after 5 s, then 10 s, up to a minute. Returns how
  /// often it has failed.
  mutating func retry(_ path: FilePath, at now: Instant) -> Int {
    guard var entry = entries[path] else { return 0 }
    entry.failures += 1
    entry.isBusy = false
    entry.due = now.advanced(by: .seconds(min(60, 5 << min(4, entry.failures - 1))))
    entries[path] = entry
    return entry.failures
  }

  /// Done with it, unless something was heard of it meanwhile.
  mutating func finish(_ path: FilePath) {
    if entries[path]?.again == true {
      entries[path]?.isBusy = false
    } else {
      entries[path] = nil
    }
  }

  /// True, once, when things that did not fit can be looked for again.
  mutating func canTakeMore() -> Bool {
    guard hasOverflowed, entries.count <= Self.most / 4 else { return false }
    hasOverflowed = false
    return true
  }

  /// Every file and when it is looked at again; nil for one that is being read.
  var waiting: [(path: FilePath, until: Instant?)] {
    entries.map { ($0.key, $0.value.isBusy ? nil : $0.value.due) }
  }
}

import Synchronization

/// Holds whoever comes until a test opens it; and says how many have come. It also opens when the test ends.
public final class Gate: Sendable {
  private let state = Mutex((isOpen: false, arrived: 0))

  /// A closed one.
  public init() {}

  /// How many came so far.
  public var arrived: Int { state.withLock { $0.arrived } }

  /// Lets everybody go, from now on.
  public func open() { state.withLock { $0.isOpen = true } }

  /// Waits until it is open. Throws when the task is cancelled.
  public func pass() async throws {
    state.withLock { $0.arrived += 1 }
    while !state.withLock({ $0.isOpen }) { try await Task.sleep(for: .milliseconds(10)) }
  }
}

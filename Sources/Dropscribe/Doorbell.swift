import Dispatch
import Synchronization

/// Wakes everybody who waits for news, and counts, so that no ring is missed between looking and waiting: read
/// ``rings`` first, then look, then wait for more rings than were heard.
final class Doorbell: Sendable {
  private struct State {
    var rings = 0
    var next = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  /// How often it rang so far.
  var rings: Int { state.withLock { $0.rings } }

  /// How many wait at this moment.
  var waiting: Int { state.withLock { $0.waiters.count } }

  func ring() {
    let waiters = state.withLock { state in
      state.rings += 1
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns once there were more than `heard` rings, at the deadline, or when the task is cancelled.
  ///
  /// The deadline is kept by a timer of Dispatch, whose clock on Linux is the suspending one.
  func wait(after heard: Int, until deadline: SuspendingClock.Instant? = nil) async {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    var timer: (any DispatchSourceTimer)?
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let isOver = state.withLock { state in
          // Whoever cancels says so before the handler asks for the lock: either is seen here, or finds the
          // waiter there.
          if state.rings > heard || Task.isCancelled { return true }
          state.waiters[id] = waiter
          return false
        }
        if isOver { return waiter.resume() }
        timer = deadline.map { deadline in
          let timer = DispatchSource.makeTimerSource()
          timer.schedule(deadline: .now() + Self.interval(until: deadline))
          timer.setEventHandler { [self] in leave(id) }
          timer.activate()
          return timer
        }
      }
    } onCancel: {
      leave(id)
    }
    timer?.cancel()
  }

  /// Returns once there were more than `heard` rings, when `limit` has passed, or when the task is cancelled.
  func wait(after heard: Int, atMost limit: Duration?) async {
    await wait(after: heard, until: limit.map { SuspendingClock().now.advanced(by: $0) })
  }

  private func leave(_ id: Int) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
  }

  private static func interval(until deadline: SuspendingClock.Instant) -> DispatchTimeInterval {
    // A day is long enough to look again.
    let left = max(.zero, min(SuspendingClock().now.duration(to: deadline), .seconds(86_400))).components
    return .nanoseconds(Int(left.seconds * 1_000_000_000 + left.attoseconds / 1_000_000_000))
  }
}

import Synchronization

/// Lets so many tasks through at a time, in the order in which they came.
final class Turnstile: Sendable {
  private struct State {
    var free: Int
    var queue: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(_ places: Int) {
    state = Mutex(State(free: places))
  }

  /// Waits for a place. Every call is followed by one of ``leave()``, also when the task was cancelled: those inside
  /// then end soon, and so everybody's turn comes.
  func enter() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        state.queue.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  func leave() {
    let next: CheckedContinuation<Void, Never>? = state.withLock { state in
      if state.queue.isEmpty {
        state.free += 1
        return nil
      }
      return state.queue.removeFirst()
    }
    next?.resume()
  }
}

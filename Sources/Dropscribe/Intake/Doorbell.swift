import Synchronization

/// Wakes the one task that waits at it, or lets the next wait end at once. Rings in a row count as one.
final class Doorbell: Sendable {
  private enum State {
    case quiet
    case rung
    case waiting(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.quiet)

  func ring() {
    let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
      if case .waiting(let continuation) = state {
        state = .quiet
        return continuation
      }
      state = .rung
      return nil
    }
    waiting?.resume()
  }

  /// Returns at a ring, at the deadline, or when the task is cancelled.
  func wait(until deadline: SuspendingClock.Instant?) async {
    await withDiscardingTaskGroup { group in
      if let deadline {
        group.addTask {
          guard (try? await Task.sleep(until: deadline, clock: .suspending)) != nil else { return }
          self.ring()
        }
      }
      await rung()
      group.cancelAll()
    }
  }

  private func rung() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if case .rung = state {
            state = .quiet
            return true
          }
          state = .waiting(continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      ring()
    }
  }
}

/// Wakes whoever waits for work, and counts, so that no ring is missed between looking and waiting.
actor Bell {
  private(set) var rings = 0
  private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  private var next = 0

  func ring() {
    rings += 1
    let all = waiters.values
    waiters = [:]
    for waiter in all { waiter.resume() }
  }

  /// Returns once there were more than `heard` rings, when `limit` has passed, or when the task is cancelled.
  func wait(after heard: Int, atMost limit: Duration? = nil) async {
    guard let limit else { return await wait(after: heard) }
    await withTaskGroup { group in
      group.addTask { await self.wait(after: heard) }
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
  }

  private func wait(after heard: Int) async {
    next += 1
    let id = next
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if rings > heard || Task.isCancelled { waiter.resume() } else { waiters[id] = waiter }
      }
    } onCancel: {
      Task { await self.leave(id) }
    }
  }

  private func leave(_ id: Int) { waiters.removeValue(forKey: id)?.resume() }
}

import SystemPackage

extension Generation {
  /// Looks so often at most while recordings change under the work.
  private static let mostScans = 3

  /// Does what one scan finds: waits until every recording is final, or until nothing has moved for so long
  /// that it will not mend by itself.
  func once(journal: Journal) async throws -> Daemon.Once {
    await ffmpegWait.resumeIfPresent()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await run(takes: false) }
      let limit = Duration.seconds(configuration.daemon.onceWaitSeconds)
      var found: Intake.OnceResult?
      var keepsChanging = false
      for scan in 1...Self.mostScans {
        let changes = journal.changes
        found = try await intake?.settleOnce(limit: limit)
        try await waitForWork(journal, limit)
        // What changed meanwhile is there with other bytes, and no other scan will come.
        if journal.changes == changes { break }
        keepsChanging = scan == Self.mostScans
      }
      let open = try await journal.openJobs()
      await retire()
      try await group.waitForAll()
      var waiting = found?.missing.map { "\($0): the folder is not there or cannot be read" } ?? []
      waiting += found?.waiting.map { "\($0): it has not settled, or cannot be read" } ?? []
      waiting += open.map { "\($0.path) (\($0.task)): \($0.reason ?? "it waits")" }
      if keepsChanging { waiting.append("recordings change while they are at work; look again later") }
      if !waiting.isEmpty { return .waiting(waiting) }
      let trouble = try await journal.troubledJobs()
      return trouble.isEmpty
        ? .done : .failed(trouble.map { "\($0.path) (\($0.task)): \($0.reason ?? "it has gaps")" })
    }
  }

  /// Waits until nothing is left to do, or until nothing has moved for so long.
  private func waitForWork(_ journal: Journal, _ limit: Duration) async throws {
    var lastMove = ContinuousClock.now
    var lastMark = journal.progress
    while case let load = try await journal.load(), load.isQueued || load.isRunning {
      if journal.progress != lastMark {
        lastMark = journal.progress
        lastMove = .now
      }
      // A reply may take longer than the limit, and so may reading a long silence.
      var isBusy = load.isRunning
      for route in dispatcher.routes.values where await route.lane.inFlight > 0 { isBusy = true }
      if !isBusy, ContinuousClock.now - lastMove > limit { break }
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}

import Testing

@testable import Dropscribe

@Suite(.timeLimit(.minutes(2))) struct LaneTests {
  /// A lane whose endpoint has answered.
  private func openLane(slots: Int = 2) async -> Lane {
    let lane = Lane(name: "one", slots: slots)
    await lane.succeeded()
    return lane
  }

  private func waitUntil(_ condition: () async -> Bool) async {
    while await !condition() { await Task.yield() }
  }

  @Test func theFirstRequestGoesAloneUntilAnAnswer() async {
    let lane = Lane(name: "one", slots: 3)
    #expect(await lane.acquire())
    await withDiscardingTaskGroup { group in
      for _ in 0..<2 { group.addTask { #expect(await lane.acquire()) } }
      await waitUntil { await lane.waiting == 2 }
      #expect(await lane.inFlight == 1)
      await lane.succeeded()
    }
    #expect(await lane.inFlight == 3)
  }

  @Test func aRequestThatFailsGivesItsPlaceToTheNextAlone() async {
    let lane = Lane(name: "one", slots: 3)
    #expect(await lane.acquire())
    let granted = Shared(0)
    await withDiscardingTaskGroup { group in
      for _ in 0..<2 {
        group.addTask {
          if await lane.acquire() { granted.withLock { $0 += 1 } }
        }
      }
      await waitUntil { await lane.waiting == 2 }
      await lane.release()
      await waitUntil { granted.withLock { $0 } == 1 }
      #expect(await lane.inFlight == 1)
      await lane.release()
    }
    #expect(granted.withLock { $0 } == 2)
  }

  @Test func noMoreThanItsSlotsAreGivenAndFirstComeIsFirstServed() async {
    let lane = await openLane(slots: 1)
    #expect(await lane.acquire())
    let order = Shared<[Int]>([])
    await withDiscardingTaskGroup { group in
      for number in 0..<10 {
        group.addTask {
          if await lane.acquire() { order.withLock { $0.append(number) } }
        }
        await waitUntil { await lane.waiting == number + 1 }
      }
      for number in 0..<10 {
        await lane.release()
        await waitUntil { order.withLock { $0.count } == number + 1 }
        #expect(await lane.inFlight == 1)
      }
    }
    #expect(order.withLock { $0 } == Array(0..<10))
  }

  @Test(arguments: ["pause", "close"])
  func whoWaitsIsSentAwayWhenNothingCanBeHad(_ how: String) async {
    let lane = await openLane(slots: 1)
    #expect(await lane.acquire())
    await withDiscardingTaskGroup { group in
      for _ in 0..<3 { group.addTask { #expect(await !lane.acquire()) } }
      await waitUntil { await lane.waiting == 3 }
      if how == "pause" {
        #expect(await lane.pause("no money left", for: .seconds(3600)))
      } else {
        await lane.close()
      }
    }
    #expect(await !lane.acquire())
    #expect(await lane.inFlight == 1)
    await lane.release()
    #expect(await !lane.acquire())
    #expect(await lane.inFlight == 0)
  }

  @Test func afterAPauseOneGoesAlone() async {
    let lane = await openLane(slots: 4)
    _ = await lane.pause("refused", for: .milliseconds(1))
    await waitUntil { await lane.pause == nil }
    #expect(await lane.health == .unproven)
    #expect(await lane.acquire())
    let second = Task { await lane.acquire() }
    await waitUntil { await lane.waiting == 1 }
    second.cancel()
    #expect(await !second.value)
    #expect(await lane.waiting == 0)
  }

  @Test func aFaultIsNewsOnceUntilItAnswersAgain() async {
    let lane = await openLane()
    #expect(await lane.pause("HTTP 401", for: .seconds(1)))
    #expect(await !lane.pause("HTTP 401", for: .seconds(1)))
    #expect(await lane.pause("HTTP 402", for: .seconds(1)))
    #expect(await lane.succeeded())
    #expect(await !lane.succeeded())
    #expect(await lane.pause("HTTP 402", for: .seconds(1)))
  }

  @Test func whoeverIsCancelledWhileItWaitsTakesNoSlot() async {
    let lane = await openLane(slots: 1)
    #expect(await lane.acquire())
    for isEarly in [true, false] {
      let task = Task { await lane.acquire() }
      if !isEarly { await waitUntil { await lane.waiting == 1 } }
      task.cancel()
      #expect(await !task.value)
    }
    #expect(await lane.waiting == 0)
    await lane.release()
    #expect(await lane.inFlight == 0)
    #expect(await lane.acquire())
  }

  @Test func slotsAddUpUnderStress() async {
    let lane = await openLane(slots: 3)
    let most = Shared((now: 0, most: 0))
    await withDiscardingTaskGroup { group in
      for number in 0..<300 {
        group.addTask {
          let task = Task {
            guard await lane.acquire() else { return }
            most.withLock {
              $0.now += 1
              $0.most = max($0.most, $0.now)
            }
            await Task.yield()
            most.withLock { $0.now -= 1 }
            await lane.release()
          }
          if number % 3 == 0 { task.cancel() }
          await task.value
        }
      }
    }
    #expect(await lane.inFlight == 0)
    #expect(await lane.waiting == 0)
    #expect(most.withLock { $0.most } <= 3)
  }

  @Test func threeRecordingsInARowTripItAndAProbeDecides() async {
    let lane = await openLane()
    #expect(await !lane.tripsOnPermanentFailure(job: 1, clip: 10))
    #expect(await !lane.tripsOnPermanentFailure(job: 1, clip: 11))
    #expect(await !lane.tripsOnPermanentFailure(job: 2, clip: 20))
    #expect(await lane.tripsOnPermanentFailure(job: 3, clip: 30))
    #expect(await lane.trip("refused alike", for: .milliseconds(1)))
    await waitUntil { await lane.pause == nil }

    #expect(await !lane.acquire(), "not before the probe")
    #expect(await lane.gate() == .probe)
    #expect(await lane.gate() == .shut(nil), "one probe at a time")
    #expect(await !lane.probed(false, orPauseFor: .milliseconds(1)))
    await waitUntil { await lane.pause == nil }
    #expect(await lane.gate() == .probe)
    #expect(await lane.probed(true, orPauseFor: .seconds(3600)))
    #expect(await lane.gate() == .open)

    // It is not the endpoint: the clip that trips it again fails by itself.
    for job in [1, 2] as [Int64] {
      #expect(await !lane.tripsOnPermanentFailure(job: job, clip: job * 10))
    }
    #expect(await !lane.tripsOnPermanentFailure(job: 3, clip: 30))
    #expect(await lane.tripsOnPermanentFailure(job: 4, clip: 40))
  }

  @Test func anAnswerBetweenRefusalsMeansThatItIsNotTheEndpoint() async {
    let lane = await openLane()
    for job in 1...9 as ClosedRange<Int64> {
      #expect(await !lane.tripsOnPermanentFailure(job: job, clip: job))
      if job % 2 == 0 { await lane.succeeded() }
    }
  }

  @Test func deferredJobsAreNamedUntilTheirTime() async throws {
    let lane = await openLane()
    await lane.defer([1, 2], for: .seconds(3600))
    await lane.defer([3], for: .milliseconds(1))
    await waitUntil { await lane.deferred().jobs == [1, 2] }
    let soonest = try #require(await lane.deferred().soonest)
    #expect(soonest > .seconds(3000) && soonest <= .seconds(3600))
  }

  @Test func theGateSaysWhatToDo() async {
    let lane = await openLane()
    #expect(await lane.gate() == .open)
    _ = await lane.pause("refused", for: .seconds(3600))
    guard case .shut(let left?) = await lane.gate() else {
      Issue.record("it is paused")
      return
    }
    #expect(left > .seconds(3000))
    await lane.close()
    #expect(await lane.gate() == .closed)
  }
}

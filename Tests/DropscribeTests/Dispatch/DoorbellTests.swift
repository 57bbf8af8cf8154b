import Testing

@testable import Dropscribe

@Suite(.timeLimit(.minutes(2))) struct DoorbellTests {
  @Test func aRingBetweenLookingAndWaitingIsNotMissed() async {
    let bell = Doorbell()
    let heard = bell.rings
    bell.ring()
    await bell.wait(after: heard)
    #expect(bell.rings == heard + 1)
  }

  @Test func everybodyWhoWaitsHears() async {
    let bell = Doorbell()
    await withDiscardingTaskGroup { group in
      for _ in 0..<50 { group.addTask { await bell.wait(after: 0) } }
      while bell.waiting < 50 { await Task.yield() }
      bell.ring()
    }
    #expect(bell.waiting == 0)
  }

  @Test func aDeadlineEndsTheWaitOfItsOwnerAlone() async {
    let bell = Doorbell()
    await withDiscardingTaskGroup { group in
      group.addTask { await bell.wait(after: 0) }
      while bell.waiting < 1 { await Task.yield() }
      await bell.wait(after: 0, atMost: .milliseconds(20))
      #expect(bell.rings == 0)
      #expect(bell.waiting == 1)
      bell.ring()
    }
  }

  @Test func aDeadlineThatIsOverEndsTheWaitAtOnce() async {
    let bell = Doorbell()
    await bell.wait(after: 0, until: .now)
    await bell.wait(after: 0, until: .now - .seconds(100_000_000_000))
    #expect(bell.waiting == 0)
  }

  @Test func aRingEndsAWaitWithAFarDeadline() async {
    let bell = Doorbell()
    await withDiscardingTaskGroup { group in
      group.addTask { await bell.wait(after: 0, until: .now + .seconds(100_000_000_000)) }
      while bell.waiting < 1 { await Task.yield() }
      bell.ring()
    }
  }

  @Test func cancellationEndsTheWaitOfItsOwnerAlone() async {
    let bell = Doorbell()
    let other = Task { await bell.wait(after: 0) }
    while bell.waiting < 1 { await Task.yield() }
    for isEarly in [true, false] {
      let task = Task { await bell.wait(after: 0, atMost: .seconds(3600)) }
      if !isEarly { while bell.waiting < 2 { await Task.yield() } }
      task.cancel()
      await task.value
      #expect(bell.waiting == 1)
    }
    bell.ring()
    await other.value
  }

  /// Producers add and ring, consumers look and wait: with one ring missed it would never end.
  @Test func noRingIsMissedUnderStress() async {
    let bell = Doorbell()
    let waiting = Shared(0)
    let taken = Shared(0)
    let total = 4 * 2_000
    await withDiscardingTaskGroup { group in
      for consumer in 0..<6 {
        group.addTask {
          while true {
            let heard = bell.rings
            let (mine, all) = waiting.withLock { waiting in
              let mine = min(waiting, 1)
              waiting -= mine
              return (
                mine,
                taken.withLock { taken in
                  taken += mine
                  return taken
                }
              )
            }
            if all == total {
              bell.ring()
              return
            }
            if mine == 0 {
              await bell.wait(after: heard, atMost: consumer < 3 ? nil : .seconds(3600))
            }
          }
        }
      }
      for _ in 0..<4 {
        group.addTask {
          for number in 0..<2_000 {
            waiting.withLock { $0 += 1 }
            bell.ring()
            if number % 64 == 0 { await Task.yield() }
          }
        }
      }
    }
    #expect(taken.withLock { $0 } == total)
  }
}

import Synchronization
import Testing

@testable import Dropscribe

@Suite("A token that is kept", .timeLimit(.minutes(2)))
struct TokenCacheTests {
  private struct Refused: Error {}

  /// A cache whose clock and authority are the test's.
  private final class Bench: Sendable {
    private let state = Mutex((time: ContinuousClock.now, fetches: 0, fails: false))
    let lifetime: Duration

    init(lifetime: Duration = .seconds(3600)) { self.lifetime = lifetime }

    var fetches: Int { state.withLock { $0.fetches } }
    func pass(_ time: Duration) { state.withLock { $0.time += time } }
    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

    func cache(before: @escaping @Sendable () async throws -> Void = {}) -> TokenCache {
      TokenCache(now: { self.state.withLock { $0.time } }) {
        try await before()
        return try self.state.withLock { state in
          state.fetches += 1
          if state.fails { throw Refused() }
          return EntraToken(secret: Secret("token-\(state.fetches)"), lifetime: self.lifetime)
        }
      }
    }
  }

  @Test func `is fetched once for all who ask at the same time`() async throws {
    let bench = Bench()
    let gate = Shared(0)
    let cache = bench.cache {
      // The fetch ends only when everybody has asked.
      while gate.withLock({ $0 }) < 20 { await Task.yield() }
    }
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 {
        group.addTask {
          gate.withLock { $0 += 1 }
          return try await cache.pass().secret.revealed
        }
      }
      for try await token in group { #expect(token == "token-1") }
    }
    #expect(bench.fetches == 1)
  }

  @Test func `is renewed about half its life, never before 45 % and always after 55 %`() async throws {
    for _ in 0..<50 {
      let bench = Bench()
      let cache = bench.cache()
      _ = try await cache.pass()
      bench.pass(.seconds(3600 * 0.45 - 1))
      #expect(try await cache.pass().secret.revealed == "token-1")
      bench.pass(.seconds(3600 * 0.10 + 2))
      #expect(try await cache.pass().secret.revealed == "token-2")
    }
  }

  @Test func `is kept while it is good when renewing fails, and asked for again after a minute`() async throws
  {
    let bench = Bench()
    let cache = bench.cache()
    _ = try await cache.pass()
    bench.fail(true)
    bench.pass(.seconds(2000))
    for _ in 0..<5 { #expect(try await cache.pass().secret.revealed == "token-1") }
    #expect(bench.fetches == 2)
    bench.pass(.seconds(61))
    #expect(try await cache.pass().secret.revealed == "token-1")
    #expect(bench.fetches == 3)
    // In the last half minute of its life it counts as gone.
    bench.pass(.seconds(3600 - 2061 - 29))
    await #expect(throws: Refused.self) { try await cache.pass() }
    bench.fail(false)
    #expect(try await cache.pass().secret.revealed == "token-5")
  }

  @Test func `that lives for seconds is not fetched for every request`() async throws {
    let bench = Bench(lifetime: .seconds(10))
    let cache = bench.cache()
    for _ in 0..<10 { _ = try await cache.pass() }
    #expect(bench.fetches == 1)
    bench.pass(.seconds(9.5))
    _ = try await cache.pass()
    #expect(bench.fetches == 2)
  }

  @Test func `a refused one is worth one more try for each who showed it, the next one is not`() async throws
  {
    let bench = Bench()
    let cache = bench.cache()
    let first = try await cache.pass()
    #expect(await cache.wasRefused(first.number))
    #expect(await cache.wasRefused(first.number))
    let second = try await cache.pass()
    #expect(second.number > first.number)
    #expect(await !cache.wasRefused(second.number))
    // And the one after that must prove itself, too.
    let third = try await cache.pass()
    #expect(await !cache.wasRefused(third.number))
    let fourth = try await cache.pass()
    await cache.wasAccepted(fourth.number)
    #expect(await cache.wasRefused(fourth.number))
    #expect(bench.fetches == 4)
  }

  @Test func `goes to those who still want it when one who waited is cancelled`() async throws {
    let bench = Bench()
    let isOpen = Shared(false)
    let begun = Shared(0)
    let cache = bench.cache {
      begun.withLock { $0 += 1 }
      while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    }
    let gone = Task { try await cache.pass() }
    while begun.withLock({ $0 }) == 0 { await Task.yield() }
    let patient = Task { try await cache.pass() }
    gone.cancel()
    await #expect(throws: CancellationError.self) { try await gone.value }
    isOpen.withLock { $0 = true }
    #expect(try await patient.value.secret.revealed == "token-1")
  }
}

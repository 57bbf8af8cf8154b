import Testing

@testable import Dropscribe

@Suite struct SettlingTests {
  private let start = SuspendingClock().now
  private let rules = Settling.Rules(settle: .seconds(2), quiet: .seconds(30), incomplete: .seconds(60))

  private func at(_ seconds: Double) -> Settling.Instant { start.advanced(by: .seconds(seconds)) }

  private func look(_ size: Int64) -> Settling.Look { Settling.Look(size: size, modified: size) }

  @Test func aRenamedFileIsSettledAtOnce() {
    var settling = Settling(.arrived, at: start)
    #expect(settling.look(look(1), age: nil, at: start, rules: rules) == .settled)
  }

  @Test func aClosedFileIsSettledWhenItStaysAsItIs() {
    var settling = Settling(.closed, at: start)
    #expect(settling.look(look(1), age: nil, at: start, rules: rules) == .waits(until: at(2)))
    #expect(settling.look(look(1), age: nil, at: at(1.9), rules: rules) == .waits(until: at(2)))
    #expect(settling.look(look(1), age: nil, at: at(2), rules: rules) == .settled)
  }

  @Test func aFileThatChangesAfterItsCloseWaitsForCalmOrTheNextClose() {
    var settling = Settling(.closed, at: start)
    _ = settling.look(look(1), age: nil, at: start, rules: rules)
    #expect(settling.look(look(2), age: nil, at: at(1), rules: rules) == .waits(until: at(31)))
    settling.notice(.closed, at: at(5))
    #expect(settling.look(look(3), age: nil, at: at(5), rules: rules) == .waits(until: at(7)))
  }

  @Test func aFoundFileThatIsOldEnoughIsSettledAtOnce() {
    var settling = Settling(.found, at: start)
    #expect(settling.look(look(1), age: .seconds(29), at: start, rules: rules) == .waits(until: at(1)))
    #expect(settling.look(look(1), age: .seconds(30), at: at(1), rules: rules) == .settled)
  }

  @Test func anIncompleteFileWaitsLongerUntilItChanges() {
    var settling = Settling(.arrived, at: start)
    #expect(settling.look(look(1), age: nil, at: start, rules: rules) == .settled)
    settling.declaresMore()
    #expect(settling.look(look(1), age: nil, at: start, rules: rules) == .waits(until: at(60)))
    #expect(settling.look(look(2), age: nil, at: at(10), rules: rules) == .waits(until: at(40)))
    #expect(!settling.isIncomplete)
  }

  @Test func aFileThatChangedWhileItWasReadIsBeingWritten() {
    var settling = Settling(.arrived, at: start)
    _ = settling.look(look(1), age: nil, at: start, rules: rules)
    settling.changedWhileRead(at: at(1))
    #expect(settling.look(look(2), age: nil, at: at(1), rules: rules) == .waits(until: at(31)))
  }

  /// Random histories against the rule said in one sentence: the file was seen unchanged for as long as its last
  /// sign asks for, and a change that follows a sign undoes it.
  @Test(arguments: 0..<200) func neverSettlesAFileThatWasNotSeenCalmForLongEnough(seed: UInt64) {
    var random = IntakeRandom(seed: seed)
    var time = 0.0
    var settling = Settling(.found, at: start)
    var size: Int64 = 0
    var sign = Settling.Sign.found
    var calmFrom: Double?
    var seen: Int64?
    var isIncomplete = false
    for _ in 0..<200 {
      time += Double(random.next(below: 400)) / 16
      switch random.next(below: 6) {
      case 0: size += 1
      case 1:
        sign = random.next(below: 2) == 0 ? .closed : .arrived
        settling.notice(sign, at: at(time))
        (seen, calmFrom, isIncomplete) = (nil, nil, false)
      case 2 where seen != nil:
        settling.declaresMore()
        isIncomplete = true
      case 3: settling.notice(.found, at: at(time))
      default:
        if seen != size {
          if seen != nil { (sign, isIncomplete) = (.found, false) }
          (seen, calmFrom) = (size, time)
        }
        let base: Double = sign == .arrived ? 0 : sign == .closed ? 2 : 30
        let end = (calmFrom ?? time) + base + (isIncomplete ? 60 : 0)
        let verdict = settling.look(look(size), age: nil, at: at(time), rules: rules)
        #expect(verdict == (time >= end ? .settled : .waits(until: at(end))))
      }
    }
  }
}

@Suite struct FileAgeTests {
  private let start = SuspendingClock().now
  private let hour: Int64 = 3_600_000_000_000
  private let day0: Int64 = 1_800_000_000_000_000_000

  private func identity(_ modified: Int64, _ changed: Int64) -> FileIdentity {
    FileIdentity(device: 1, inode: 1, size: 1, modified: modified, changed: changed)
  }

  @Test func theLaterOfTheTwoTimestampsCounts() {
    var age = FileAge(distrust: .seconds(90))
    age.observe(wall: day0, now: start)
    #expect(age.age(of: identity(day0 - hour, day0 - 2 * hour)) == .seconds(3_600))
    #expect(age.age(of: identity(day0 - hour, day0 - hour / 2)) == .seconds(1_800))
  }

  @Test func aTimestampFromTheFutureTellsNoAge() {
    var age = FileAge(distrust: .seconds(90))
    age.observe(wall: day0, now: start)
    #expect(age.age(of: identity(day0 + hour, day0 - hour)) == nil)
  }

  @Test(arguments: [Int64(3_600_000_000_000), -3_600_000_000_000]) func afterAJumpAgesAreNotTold(jump: Int64)
  {
    var age = FileAge(distrust: .seconds(90))
    let old = identity(day0 - 10 * hour, day0 - 10 * hour)
    age.observe(wall: day0, now: start)
    age.observe(wall: day0 + 10_000_000_000, now: start.advanced(by: .seconds(10)))
    #expect(age.age(of: old) != nil)
    age.observe(wall: day0 + jump + 20_000_000_000, now: start.advanced(by: .seconds(20)))
    #expect(age.age(of: old) == nil)
    age.observe(wall: day0 + jump + 109_000_000_000, now: start.advanced(by: .seconds(109)))
    #expect(age.age(of: old) == nil)
    age.observe(wall: day0 + jump + 110_000_000_000, now: start.advanced(by: .seconds(110)))
    #expect(age.age(of: old) != nil)
  }
}

/// The same numbers for the same seed.
struct IntakeRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func next(below limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

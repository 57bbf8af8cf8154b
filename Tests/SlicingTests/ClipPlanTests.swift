import Messages
import Testing

@testable import Slicing

@Suite struct ClipPlanTests {
  /// Speech, pauses, quiet and sound in random stretches.
  static func hops(_ dice: inout Dice) -> [HeardHop] {
    var hops: [HeardHop] = []
    let total = Int.random(in: 0...30_000, using: &dice)
    while hops.count < total {
      let kind = Int.random(in: 0..<8, using: &dice)
      let longest = kind < 2 ? 4000 : kind == 2 ? 1500 : 120
      for _ in 0..<Int.random(in: 1...longest, using: &dice) {
        let power = Float.random(in: 0...1, using: &dice)
        switch kind {
        case 0: hops.append(HeardHop(power: power * 1e-8, isSpeech: false, isQuiet: true))
        case 1, 3, 4, 5: hops.append(HeardHop(power: power, isSpeech: true, isQuiet: false))
        case 2: hops.append(HeardHop(power: power * 0.1, isSpeech: false, isQuiet: false))
        default:
          hops.append(HeardHop(power: power * 1e-6, isSpeech: false, isQuiet: Bool.random(using: &dice)))
        }
      }
    }
    return hops
  }

  static func request(_ dice: inout Dice) -> SliceRequest {
    var request = SliceRequest()
    request.maxSeconds = [1, 2.5, 6, 12, 30, 31.7, 60].randomElement(using: &dice) ?? 30
    request.skip = SliceRequest.Skip.allCases.randomElement(using: &dice) ?? .silence
    request.skipSilenceSeconds = [0.5, 1, 3, 10, 60].randomElement(using: &dice) ?? 10
    let part: Double = [0, 0, 0.05, 0.2, 0.333, 0.499].randomElement(using: &dice) ?? 0
    request.overlapSeconds = part * request.maxSeconds
    return request
  }

  static func plan(
    _ hops: [HeardHop],
    length: Int64,
    _ request: SliceRequest,
    window: inout Int
  ) -> [ClipPlan.Step] {
    var plan = ClipPlan(request)
    var steps: [ClipPlan.Step] = []
    for hop in hops {
      let before = plan.neededFrom
      plan.add(hop, to: &steps)
      #expect(plan.neededFrom >= before, "what was let go cannot be needed again")
      window = max(window, plan.keptHops)
    }
    plan.finish(length: length, to: &steps)
    return steps
  }

  static func length(_ hops: [HeardHop], _ dice: inout Dice) -> Int64 {
    // The last hop need not be a whole one.
    max(0, Int64(hops.count * Hop.frames) - (hops.isEmpty ? 0 : .random(in: 0..<160, using: &dice)))
  }

  static func clips(_ steps: [ClipPlan.Step]) -> [PlannedClip] {
    steps.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
  }

  @Test(arguments: 0..<60) func `a plan covers the recording in order, within its limits`(seed: UInt64) {
    var dice = Dice(seed: seed)
    let (hops, request) = (Self.hops(&dice), Self.request(&dice))
    let length = Self.length(hops, &dice)
    var window = 0
    let steps = Self.plan(hops, length: length, request, window: &window)

    let overlap = Int64(request.overlapSeconds * 16_000)
    var (position, index, followsClip) = (Int64(0), 0, false)
    for step in steps {
      switch step {
      case .clip(let clip):
        #expect(clip.index == index)
        #expect(clip.range.start == position - (followsClip ? overlap : 0))
        #expect(clip.range.end > position)
        #expect(clip.range.frames > 0)
        #expect(Double(clip.range.frames) <= request.maxSeconds * 16_000)
        #expect(
          clip.speech.allSatisfy { clip.range.start <= $0.start && $0.end <= clip.range.end && $0.frames > 0 }
        )
        #expect(zip(clip.speech, clip.speech.dropFirst()).allSatisfy { $0.end < $1.start })
        (position, index, followsClip) = (clip.range.end, index + 1, true)
      case .silence(let range):
        #expect(range.start == position)
        #expect(range.frames > 0)
        let places = Int(range.start) / Hop.frames..<Int(range.end) / Hop.frames
        switch request.skip {
        case .silence: #expect(places.allSatisfy { hops[$0].isQuiet })
        case .nonspeech: #expect(places.allSatisfy { !hops[$0].isSpeech })
        case .nothing: Issue.record("everything is to be sent")
        }
        (position, followsClip) = (range.end, false)
      }
    }
    #expect(position == length)
    let bound = request.maxSeconds * 1.3 + min(request.maxSeconds, request.skipSilenceSeconds) + 1
    #expect(Double(window) <= bound * Double(Hop.aSecond))
  }

  @Test(arguments: 0..<60) func `a clip ends in a pause wherever one is in reach`(seed: UInt64) {
    var dice = Dice(seed: seed)
    let (hops, request) = (Self.hops(&dice), Self.request(&dice))
    var window = 0
    let length = Self.length(hops, &dice)
    let clips = Self.clips(Self.plan(hops, length: length, request, window: &window))
    let longest = Int(request.maxSeconds * 100)
    for (place, clip) in clips.enumerated() {
      switch clip.joint {
      case .end: continue
      case .pause: #expect(!hops[Int(clip.range.end) / Hop.frames].isSpeech)
      case .doubtful:
        let start = Int(clip.range.start) / Hop.frames
        // A short rest is shared between two clips, and the reach is the middle of it.
        let next = place + 1 < clips.count ? clips[place + 1] : clip
        let isShared =
          next.joint == .end && Double(next.range.end - clip.range.start) <= request.maxSeconds * 16_000 * 1.3
        let reach = isShared ? start..<start : start + longest / 2 + 1..<start + longest - 1
        var (run, longestRun) = (0, 0)
        for place in reach {
          run = hops[place].isSpeech ? 0 : run + 1
          longestRun = max(longestRun, run)
        }
        #expect(longestRun < HopWindow.pause)
      }
    }
  }

  @Test(arguments: 0..<40) func `following any part of a plan gives the rest of it again`(seed: UInt64) {
    var dice = Dice(seed: seed)
    let (hops, request) = (Self.hops(&dice), Self.request(&dice))
    let length = Self.length(hops, &dice)
    var window = 0
    let steps = Self.plan(hops, length: length, request, window: &window)
    let clips = Self.clips(steps)
    var resumed = request
    for clip in clips.prefix(Int.random(in: 0...clips.count, using: &dice)) {
      resumed.pinned.append(.init(range: clip.range, wanted: true))
    }
    let again = Self.plan(hops, length: length, resumed, window: &window)
    #expect(again.count == steps.count)
    for (old, new) in zip(steps, again) {
      guard case .clip(let planned) = old, case .clip(var followed) = new else {
        #expect(old == new)
        continue
      }
      // Of a cut that was made before, a pause and the brink of one look alike.
      if planned.joint == .doubtful, followed.joint == .pause { followed.joint = .doubtful }
      #expect(followed == planned)
    }
  }

  @Test func `a short rest is shared between the last two clips`() {
    let hops = (0..<3300).map {
      HeardHop(power: 1, isSpeech: $0 % 100 > 40, isQuiet: false)
    }
    var window = 0
    let clips = Self.clips(Self.plan(hops, length: 3300 * 160, SliceRequest(), window: &window))
    #expect(clips.count == 2)
    #expect(clips.allSatisfy { (15...18).contains($0.range.seconds) })
  }

  @Test func `a clip does not carry the beginning of a silence that is left out`() {
    let hops = (0..<6000).map { place in
      let sounds = !(2500..<4500).contains(place)
      return HeardHop(power: sounds ? 1 : 0, isSpeech: sounds, isQuiet: !sounds)
    }
    var window = 0
    let clips = Self.clips(Self.plan(hops, length: 6000 * 160, SliceRequest(), window: &window))
    #expect(clips.map(\.range.end) == [2600 * 160, 6000 * 160])
  }

  @Test func `a long quiet stretch is left out but for its edges`() {
    let hops = (0..<4000).map { place in
      let sounds = !(500..<3000).contains(place)
      return HeardHop(power: sounds ? 1 : 0, isSpeech: sounds, isQuiet: !sounds)
    }
    var window = 0
    let steps = Self.plan(hops, length: 4000 * 160, SliceRequest(), window: &window)
    #expect(steps.count == 3)
    #expect(steps[1] == .silence(ClipRange(start: 600 * 160, end: 2900 * 160)))
    #expect(Self.clips(steps)[0].joint == .end)
  }

  @Test func `nothing is left out when silences are to be sent`() {
    let hops = [HeardHop](repeating: HeardHop(power: 0, isSpeech: false, isQuiet: true), count: 9000)
    var request = SliceRequest()
    request.skip = .nothing
    var window = 0
    let steps = Self.plan(hops, length: 9000 * 160, request, window: &window)
    #expect(Self.clips(steps).count == steps.count)
    #expect(Self.clips(steps).reduce(0) { $0 + $1.range.frames } == 9000 * 160)
  }

  @Test(arguments: [1, 50, 999, 1000, 2000])
  func `a recording without anything in it is one silence, however short`(count: Int) {
    let hops = [HeardHop](repeating: HeardHop(power: 0, isSpeech: false, isQuiet: true), count: count)
    var window = 0
    let whole = ClipRange(start: 0, end: Int64(count) * 160)
    for skip in [SliceRequest.Skip.silence, .nonspeech] {
      var request = SliceRequest()
      request.skip = skip
      #expect(Self.plan(hops, length: whole.end, request, window: &window) == [.silence(whole)])
    }
  }

  @Test func `a short recording at a floor that may hide a whisper is sent`() {
    let hops = [HeardHop](repeating: HeardHop(power: 2e-8, isSpeech: false, isQuiet: true), count: 900)
    var window = 0
    let steps = Self.plan(hops, length: 900 * 160, SliceRequest(), window: &window)
    #expect(Self.clips(steps).map(\.range) == [ClipRange(start: 0, end: 900 * 160)])
  }

  @Test func `where no speech is heard nothing is sent when only speech is asked for`() {
    let hops = (0..<6000).map { place in
      HeardHop(power: 0.1, isSpeech: !(1000..<4000).contains(place), isQuiet: false)
    }
    var request = SliceRequest()
    var window = 0
    #expect(
      Self.plan(hops, length: 6000 * 160, request, window: &window).count
        == Self.clips(
          Self.plan(hops, length: 6000 * 160, request, window: &window)
        ).count
    )
    request.skip = .nonspeech
    let steps = Self.plan(hops, length: 6000 * 160, request, window: &window)
    #expect(steps.contains(.silence(ClipRange(start: 1100 * 160, end: 3900 * 160))))
  }
}

@testable import Messages
@testable import Slicing

/// The slicer's arguments, and its plan of cuts over whatever was heard.
enum Plan {
  /// A request's arguments behind their length, and then what was heard.
  static let seeds: [[UInt8]] = [
    "", "--max-seconds=2.5\n--min-seconds=0\n--skip=none\n--longest-seconds=1e6",
    "--skip-silence-seconds=0.5\n--pinned=0-16000,16080-40000w", "--pinned=0-281474976710655w",
    "--ffmpeg=/usr/bin/ffmpeg\n--max-seconds=3600", "--skip=nonspeech\n--overlap-seconds=0.4",
    "--overlap-seconds=2\n--pinned=0-48000,16000-64000w",
  ].map { text in
    let stretches: [UInt8] = [3, 200, 2, 20, 7, 150, 0, 255, 0, 90, 11, 255, 11, 255, 1, 30, 15, 80, 0, 255]
    return [UInt8(text.utf8.count)] + Array(text.utf8) + [2] + stretches
  }

  static func run(_ bytes: [UInt8]) -> Bool {
    var feed = Feed(bytes)
    let text = String(decoding: feed.take(Int(feed.byte())), as: UTF8.self)
    var request =
      (try? SliceRequest(arguments: text.split(separator: "\n").map(String.init))) ?? SliceRequest()
    precondition(
      must { try SliceRequest(arguments: request.arguments) } == request,
      "a request survives the way"
    )
    // A plan is of one signal.
    request.pinned.removeAll { $0.channel != nil }
    // Short clips, so that a short input holds many.
    request.maxSeconds = min(request.maxSeconds, Double(1 + feed.byte() & 7))
    request.overlapSeconds = min(request.overlapSeconds, request.maxSeconds * 0.49)
    let hops = heard(&feed)
    let length = max(0, Int64(hops.count * Hop.frames) - (hops.isEmpty ? 0 : Int64(feed.byte()) % 160))
    let standing = request.pinned
    let steps = plan(hops, length: length, request)
    expectCover(steps, length: length, request)
    guard standing.isEmpty else { return true }
    let clips = steps.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
    request.pinned = clips.prefix(clips.count / 2).map { .init(range: $0.range, wanted: true) }
    let again = plan(hops, length: length, request)
    precondition(ranges(again) == ranges(steps), "following some of a plan gives the rest of it again")
    return true
  }

  /// Each two bytes are a stretch of 10 ms steps that sound alike.
  private static func heard(_ feed: inout Feed) -> [HeardHop] {
    var hops: [HeardHop] = []
    while !feed.isEmpty, hops.count < 20_000 {
      let (kind, count) = (feed.byte(), feed.byte())
      let power = Float(kind >> 2) * (kind & 2 == 0 ? 1e-8 : 0.01)
      let isSpeech = kind & 3 == 3
      for step in 0...Int(count) {
        hops.append(
          HeardHop(power: power + Float(step & 3) * 1e-9, isSpeech: isSpeech, isQuiet: kind & 3 == 0)
        )
      }
    }
    return hops
  }

  private static func plan(_ hops: [HeardHop], length: Int64, _ request: SliceRequest) -> [ClipPlan.Step] {
    var plan = ClipPlan(request)
    var steps: [ClipPlan.Step] = []
    var needed: Int64 = 0
    for hop in hops {
      plan.add(hop, to: &steps)
      precondition(plan.neededFrom >= needed, "what was let go cannot be needed again")
      needed = plan.neededFrom
    }
    plan.finish(length: length, to: &steps)
    return steps
  }

  private static func ranges(_ steps: [ClipPlan.Step]) -> [ClipRange] {
    steps.map {
      switch $0 {
      case .clip(let clip): clip.range
      case .silence(let range): range
      }
    }
  }

  private static func expectCover(_ steps: [ClipPlan.Step], length: Int64, _ request: SliceRequest) {
    let overlap = Int64(request.overlapSeconds * 16_000)
    var (position, index, shared) = (Int64(0), 0, Int64(0))
    for step in steps {
      switch step {
      case .silence(let range):
        precondition(range.start == position && range.frames > 0, "silences follow on")
        (position, shared) = (range.end, 0)
      case .clip(let clip):
        precondition(clip.range.start <= position && clip.range.end > position, "clips follow on")
        precondition(clip.index == index, "clips are counted")
        if request.pinned.isEmpty {
          precondition(clip.range.start == position - shared, "clips share what was asked for")
          precondition(Double(clip.range.frames) <= request.maxSeconds * 16_000, "no clip is too long")
        }
        precondition(clip.speech.allSatisfy { clip.range.start <= $0.start && $0.end <= clip.range.end })
        (position, index, shared) = (clip.range.end, index + 1, overlap)
      }
    }
    precondition(position == length, "the recording is covered")
  }
}

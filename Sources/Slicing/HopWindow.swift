import Messages

/// The judged hops that decisions can still be about, and the search for the best cut among them.
struct HopWindow {
  private var hops: [HeardHop] = []
  /// Hops at the front of `hops` that are let go already.
  private var dropped = 0
  /// The place in the recording of the first hop in `hops`.
  private var base = 0

  private static let frames = Int64(Hop.frames)
  /// What was judged as speech is 90 ms longer than what sounds, so these are pauses of 290 ms, which hardly
  /// any word has inside, and of 170 ms, longer than the closed lips of a P.
  static let (pause, shortPause) = (20, 8)
  /// Cuts keep 100 ms away from speech where the pause is long enough, and a quarter of it where it is not.
  private static let distance = 10
  /// In a pause, the cut is looked for in this many hops at most.
  private static let search = 100
  /// Speech is one stretch where it pauses for less than 150 ms.
  private static let bridged = 15

  /// Hops that are kept.
  var count: Int { hops.count - dropped }

  /// One past the last frame that is known.
  var end: Int64 { Int64(base + hops.count) * Self.frames }

  mutating func append(_ hop: HeardHop) { hops.append(hop) }

  /// Lets go of the hops that end before `frame`.
  mutating func drop(before frame: Int64) {
    dropped = max(dropped, min(hops.count, Int(frame / Self.frames) - base))
    guard dropped > 1024, dropped > hops.count / 2 else { return }
    hops.removeFirst(dropped)
    base += dropped
    dropped = 0
  }

  /// Whether `frame` lies far enough inside a pause for a cut.
  func isPause(at frame: Int64) -> Bool {
    let place = Int(frame / Self.frames) - base
    guard hops.indices.contains(place) else { return true }
    var (begin, end) = (place, place)
    while begin > dropped, !hops[begin - 1].isSpeech { begin -= 1 }
    while end < hops.count, !hops[end].isSpeech { end += 1 }
    return end - begin >= Self.shortPause && Self.inside(begin..<end).contains(place)
  }

  /// Where in a pause a cut may lie.
  private static func inside(_ pause: Range<Int>) -> Range<Int> {
    let away = min(distance, pause.count / 4)
    return pause.lowerBound + away..<pause.upperBound - away
  }

  /// The places in `hops` that `range` touches.
  private func places(_ range: ClipRange) -> Range<Int> {
    let first = max(dropped, Int(range.start / Self.frames) - base)
    let last = min(hops.count, Int((range.end + Self.frames - 1) / Self.frames) - base)
    return first..<max(first, last)
  }

  func meanSquare(in range: ClipRange) -> Double {
    let places = places(range)
    return places.isEmpty ? 0 : places.reduce(0) { $0 + Double(hops[$1].power) } / Double(places.count)
  }

  /// The stretches in `range` where speech was heard.
  func speech(in range: ClipRange) -> [ClipRange] {
    var spans: [ClipRange] = []
    for place in places(range) where hops[place].isSpeech {
      let start = max(range.start, Int64(base + place) * Self.frames)
      let end = min(range.end, Int64(base + place + 1) * Self.frames)
      guard start < end else { continue }
      if let last = spans.last, start - last.end < Int64(Self.bridged) * Self.frames {
        spans[spans.count - 1].end = end
      } else {
        spans.append(ClipRange(start: start, end: end))
      }
    }
    return spans
  }

  /// The best place to end a clip that began at `start`: from `first` to `last`, as near to the latter as
  /// there is a pause, or, when `near` is given, as near to that.
  func cut(
    from start: Int64,
    first: Int64,
    last: Int64,
    near: Int64?
  ) -> (frame: Int64, joint: SliceFrame.Joint) {
    // A cut lies in the middle of a hop, between the two neighbours that make its 30 ms.
    let half = Self.frames / 2
    let low = Int((first - half + Self.frames - 1) / Self.frames) - base
    let high = min(hops.count - 1, Int((last - half) / Self.frames) - base)
    let wish = near.map { Int($0 / Self.frames) - base } ?? high
    let place: Int
    let joint: SliceFrame.Joint
    if let pause = pause(from: Int(start / Self.frames) - base, low: low, high: high, wish: wish) {
      (place, joint) = (quietest(in: pause), .pause)
    } else {
      let third = (high - low) * 2 / 3
      let zone =
        near == nil ? max(low, high - third)...high : max(low, wish - third / 2)...min(high, wish + third / 2)
      (place, joint) = (quietest(in: zone), .doubtful)
    }
    return (Int64(base + place) * Self.frames + half, joint)
  }

  /// Where to look for the cut: in the pause nearest to `wish`, or else in the longest of the short ones.
  private func pause(from start: Int, low: Int, high: Int, wish: Int) -> ClosedRange<Int>? {
    var best: (ClosedRange<Int>, distance: Int)?
    var longestShort: (ClosedRange<Int>, length: Int)?
    var place = max(dropped, start)
    while place < hops.count, place <= high {
      guard !hops[place].isSpeech else {
        place += 1
        continue
      }
      let begin = place
      while place < hops.count, !hops[place].isSpeech { place += 1 }
      let length = place - begin
      let inside = Self.inside(begin..<place)
      let (from, to) = (max(low, inside.lowerBound), min(high, inside.upperBound - 1))
      guard length >= Self.shortPause, from <= to else { continue }
      let nearest = max(from, min(to, wish))
      let zone = max(from, nearest - Self.search / 2)...min(to, nearest + Self.search / 2)
      if length >= Self.pause {
        let distance = abs(nearest - wish)
        if best.map({ distance <= $0.distance }) ?? true { best = (zone, distance) }
      } else if longestShort.map({ length >= $0.length }) ?? true {
        longestShort = (zone, length)
      }
    }
    return best?.0 ?? longestShort?.0
  }

  /// The middle of the quietest 30 ms; the latest of several.
  private func quietest(in zone: ClosedRange<Int>) -> Int {
    var (best, least) = (zone.upperBound, Float.infinity)
    for place in zone {
      let around = max(0, place - 1)...min(hops.count - 1, place + 1)
      let power = around.reduce(Float(0)) { $0 + hops[$1].power } / Float(around.count)
      if power <= least { (best, least) = (place, power) }
    }
    return best
  }
}

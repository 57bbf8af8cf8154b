import Messages

/// Decides where clips begin and end, from what was heard, in one pass and with a bounded window.
///
/// A clip ends in a pause as near to the longest length as one is found in the clip's second half; where there
/// is none, in the quietest 30 ms of its last third, and the joint is marked. Quiet stretches longer than the
/// request says are left out, but for a margin on either side. Cuts that stand are followed.
///
/// Every decision is made at the same hop of the recording, whatever was planned or followed before, so that
/// following some of a plan's cuts and planning the rest gives the same plan again.
struct ClipPlan {
  /// A part of the recording, decided.
  enum Step: Equatable {
    case clip(PlannedClip)
    case silence(ClipRange)
  }

  /// What is kept of a quiet stretch on either side, in frames.
  static let margin = Int64(ClipRange.sampleRate) * 3 / 10

  private static let glance = Int64(16 * Hop.frames)

  private let longest: Int64
  /// A clip is decided on when this much is known, so that a short rest can be shared fairly.
  private let horizon: Int64
  private let longestQuiet: Int64?
  private let pinned: [SliceRequest.Pinned]

  private var window = HopWindow()
  private var index = 0
  /// Where the next step begins.
  private var position: Int64 = 0
  /// Where the present run of quiet hops began.
  private var quietFrom: Int64?
  private var isSilent = false

  init(_ request: SliceRequest) {
    longest = Int64(request.maxSeconds * Double(ClipRange.sampleRate))
    horizon = longest + longest * 3 / 10
    longestQuiet = request.skipSilenceSeconds.map { Int64($0 * Double(ClipRange.sampleRate)) }
    pinned = request.pinned
  }

  /// No later step begins before this frame, so that earlier audio can be let go.
  var neededFrom: Int64 {
    if index < pinned.count { return max(position, min(pinned[index].range.start, window.end)) }
    return isSilent ? max(position, window.end - Self.margin) : position
  }

  /// Hops that are kept at present: a measure of the window.
  var keptHops: Int { window.count }

  /// Takes the next 10 ms and adds what is decided by them to `steps`.
  mutating func add(_ hop: HeardHop, to steps: inout [Step]) {
    if !hop.isQuiet {
      quietFrom = nil
    } else if quietFrom == nil {
      quietFrom = window.end
    }
    window.append(hop)
    follow(to: &steps)
    if index >= pinned.count { plan(isQuiet: hop.isQuiet, to: &steps) }
    window.drop(before: neededFrom)
  }

  /// After the last hop: decides the rest of a recording that is `length` frames long.
  mutating func finish(length: Int64, to steps: inout [Step]) {
    // A cut that stands beyond the end means that the recording became shorter: what is there is given.
    while index < pinned.count, pinned[index].range.start < length {
      let next = pinned[index].range
      emitGap(upTo: next.start, to: &steps)
      let joint = next.end < length ? joint(at: next.end) : .end
      emit(ClipRange(start: next.start, end: min(length, next.end)), joint, to: &steps)
    }
    index = max(index, pinned.count)
    if isSilent {
      emitGap(upTo: length, to: &steps)
    } else if let quiet = longSilence {
      emitClips(upTo: min(quiet, length), to: &steps)
      emitGap(upTo: length, to: &steps)
    } else {
      emitClips(upTo: length, to: &steps)
    }
  }

  private mutating func follow(to steps: inout [Step]) {
    while index < pinned.count {
      let next = pinned[index].range
      if next.start <= window.end { emitGap(upTo: next.start, to: &steps) }
      // What follows shows whether the cut lies in a pause. A silence is told from its beginning 200 ms later
      // at the earliest, so the wait changes nothing in what is planned after the last of them.
      guard next.end + Self.glance <= window.end else { return }
      emit(next, joint(at: next.end), to: &steps)
    }
  }

  /// How a standing cut was chosen: in the middle of a hop when it was searched for, else by a silence. What
  /// is called a pause here may have been doubtful when it was chosen, on the brink of a longer one.
  private func joint(at cut: Int64) -> SliceFrame.Joint {
    guard cut % Int64(Hop.frames) == Int64(Hop.frames / 2) else { return .end }
    return window.isPause(at: cut) ? .pause : .doubtful
  }

  private mutating func plan(isQuiet: Bool, to steps: inout [Step]) {
    if isSilent {
      guard !isQuiet else { return }
      emitGap(upTo: window.end - Int64(Hop.frames) - Self.margin, to: &steps)
      isSilent = false
    } else if let quiet = longSilence {
      emitClips(upTo: quiet, to: &steps)
      isSilent = true
    } else if window.end - position >= horizon, !mayEndInSilence {
      emitClip(cutBefore: nil, to: &steps)
    }
  }

  /// Whether the present clip's last part is quiet so far, and may turn out to be a silence to leave out:
  /// worth waiting for unless silences are longer than clips.
  private var mayEndInSilence: Bool {
    guard let longestQuiet, let quietFrom, longestQuiet <= longest else { return false }
    return (position..<position + longest).contains(quietFrom + Self.margin)
  }

  /// Where the stretch to be left out begins; nil while the present quiet is not long enough for that.
  private var longSilence: Int64? {
    guard let longestQuiet, let quietFrom, window.end - quietFrom > longestQuiet else { return nil }
    // Nothing sounded before a recording that begins quietly, so there is no edge to keep.
    return quietFrom == 0 ? position : max(position, quietFrom + Self.margin)
  }

  private mutating func emitClips(upTo end: Int64, to steps: inout [Step]) {
    while end - position > longest { emitClip(cutBefore: end, to: &steps) }
    if end > position { emit(ClipRange(start: position, end: end), .end, to: &steps) }
  }

  private mutating func emitClip(cutBefore end: Int64?, to steps: inout [Step]) {
    var (first, last) = (position + longest / 2, position + longest)
    var fair: Int64?
    if let end, end - position <= horizon {
      // Two clips are left: both of them of some length, rather than a long one and a scrap.
      let rest = end - position
      (first, last) = (position + max(rest - longest, rest / 4), min(last, position + rest * 3 / 4))
      fair = position + rest / 2
    }
    let (cut, joint) = window.cut(from: position, first: first, last: last, near: fair)
    emit(ClipRange(start: position, end: cut), joint, to: &steps)
  }

  private mutating func emit(_ range: ClipRange, _ joint: SliceFrame.Joint, to steps: inout [Step]) {
    let clip = PlannedClip(
      index: index,
      range: range,
      joint: joint,
      isWanted: index < pinned.count ? pinned[index].wanted : true,
      meanSquare: window.meanSquare(in: range),
      speech: window.speech(in: range)
    )
    steps.append(.clip(clip))
    index += 1
    position = range.end
  }

  private mutating func emitGap(upTo end: Int64, to steps: inout [Step]) {
    guard end > position else { return }
    steps.append(.silence(ClipRange(start: position, end: end)))
    position = end
  }
}

/// A clip as it was decided, without its audio.
struct PlannedClip: Equatable {
  var index: Int
  var range: ClipRange
  var joint: SliceFrame.Joint
  /// False for a cut that stands and whose audio nobody wants again.
  var isWanted: Bool
  /// Mean square above 80 Hz.
  var meanSquare: Double
  var speech: [ClipRange]
}

import Messages

/// Decides where clips begin and end, from what was heard, in one pass and with a bounded window.
///
/// A clip ends in a pause as near to the longest length as one is found in the clip's second half; where there
/// is none, in the quietest 30 ms of its last third, and the joint is marked. Long stretches that the request
/// has no use for are left out, but for a margin on either side. Clips that touch overlap when the request says
/// so. Cuts that stand are followed.
///
/// Every decision is made at the same hop of the recording, whatever was planned or followed before, so that
/// following some of a plan's cuts and planning the rest gives the same plan again.
struct ClipPlan {
  /// A part of the recording, decided.
  enum Step: Equatable {
    case clip(PlannedClip)
    /// A stretch to be left out.
    case silence(ClipRange)
  }

  private static let glance = Int64(16 * Hop.frames)

  /// A recording that never rises above this holds nothing, however short it is: -80 dBFS, 3 steps of 16 bits.
  private static let certainSilence: Float = 1e-8

  private let longest: Int64
  /// A clip is decided on when this much is known, so that a short rest can be shared fairly.
  private let horizon: Int64
  private let overlap: Int64
  private let skip: SliceRequest.Skip
  /// Idle stretches are left out when they are longer than this.
  private let longestIdle: Int64
  /// What is kept of a stretch that is left out on either side: a second, since a word may begin below the
  /// noise, and less where the shortest stretch is hardly longer.
  private let margin: Int64
  private let pinned: [SliceRequest.Pinned]

  private var window = HopWindow()
  private var index = 0
  /// How far the recording is decided.
  private var position: Int64 = 0
  /// Where a clip that comes next begins: ``position``, or as much before it as clips overlap.
  private var start: Int64 = 0
  /// Where the present run of idle hops began: those that the request has no use for.
  private var idleFrom: Int64?
  /// Amid a stretch that is left out.
  private var isSilent = false
  private var isCertainlySilent = true

  init(_ request: SliceRequest) {
    longest = Int64(request.maxSeconds * Double(ClipRange.sampleRate))
    horizon = longest + longest * 3 / 10
    overlap = min(longest / 2 - 1, Int64(request.overlapSeconds * Double(ClipRange.sampleRate)))
    skip = request.skip
    longestIdle = Int64(request.skipSilenceSeconds * Double(ClipRange.sampleRate))
    margin = min(Int64(ClipRange.sampleRate), longestIdle - Int64(ClipRange.sampleRate) / 5)
    pinned = request.pinned
  }

  /// No later clip begins before this frame, so that earlier audio can be let go.
  var neededFrom: Int64 {
    if index < pinned.count { return min(pinned[index].range.start, window.end) }
    return isSilent ? max(position, window.end - margin) : start
  }

  /// Hops that are kept at present: a measure of the window.
  var keptHops: Int { window.count }

  /// Takes the next 10 ms and adds what is decided by them to `steps`.
  mutating func add(_ hop: HeardHop, to steps: inout [Step]) {
    if !isIdle(hop) {
      idleFrom = nil
    } else if idleFrom == nil {
      idleFrom = window.end
    }
    isCertainlySilent = isCertainlySilent && hop.isQuiet && hop.power < Self.certainSilence
    window.append(hop)
    follow(to: &steps)
    if index >= pinned.count { plan(isIdle: isIdle(hop), to: &steps) }
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
    if isSilent || (isCertainlySilent && position == 0 && skip != .nothing) {
      emitGap(upTo: length, to: &steps)
    } else if let silence = longSilence {
      emitClips(upTo: min(silence, length), to: &steps)
      emitGap(upTo: length, to: &steps)
    } else {
      emitClips(upTo: length, to: &steps)
    }
  }

  private func isIdle(_ hop: HeardHop) -> Bool {
    switch skip {
    case .silence: hop.isQuiet
    case .nonspeech: !hop.isSpeech
    case .nothing: false
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

  private mutating func plan(isIdle: Bool, to steps: inout [Step]) {
    if isSilent {
      guard !isIdle else { return }
      emitGap(upTo: window.end - Int64(Hop.frames) - margin, to: &steps)
      isSilent = false
    } else if let silence = longSilence {
      emitClips(upTo: silence, to: &steps)
      isSilent = true
    } else if window.end - start >= horizon, !mayEndInSilence {
      emitClip(cutBefore: nil, to: &steps)
    }
  }

  /// Whether the present clip's last part is idle so far, and may turn out to be a stretch to leave out: worth
  /// waiting for unless those are longer than clips.
  private var mayEndInSilence: Bool {
    guard let idleFrom, longestIdle <= longest else { return false }
    return (position..<start + longest).contains(idleFrom + margin)
  }

  /// Where the stretch to be left out begins; nil while the present one is not long enough for that.
  private var longSilence: Int64? {
    guard let idleFrom, window.end - idleFrom > longestIdle else { return nil }
    // Nothing came before a recording that begins so, and there is no edge to keep.
    return idleFrom == 0 ? position : max(position, idleFrom + margin)
  }

  private mutating func emitClips(upTo end: Int64, to steps: inout [Step]) {
    while end - start > longest { emitClip(cutBefore: end, to: &steps) }
    if end > position { emit(ClipRange(start: start, end: end), .end, to: &steps) }
  }

  private mutating func emitClip(cutBefore end: Int64?, to steps: inout [Step]) {
    var (first, last) = (start + longest / 2, start + longest)
    var fair: Int64?
    if let end, end - start <= horizon {
      // Two clips are left: both of them of some length, rather than a long one and a scrap.
      let (rest, decided) = (end - start, position - start)
      let least = decided > 0 ? decided + longest / 8 : 0
      (first, last) = (
        start + max(rest + overlap - longest, rest / 4, least), min(last, start + rest * 3 / 4)
      )
      fair = start + (rest + overlap) / 2
    }
    let (cut, joint) = window.cut(from: start, first: first, last: last, near: fair)
    emit(ClipRange(start: start, end: cut), joint, to: &steps)
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
    start = max(range.start, range.end - overlap)
  }

  private mutating func emitGap(upTo end: Int64, to steps: inout [Step]) {
    guard end > position else { return }
    steps.append(.silence(ClipRange(start: position, end: end)))
    (position, start) = (end, end)
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

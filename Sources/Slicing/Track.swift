import Messages

/// What happens to one signal: it is brought to 16 kHz, kept for as long as a clip may need it, listened to, and
/// cut. A recording has one track, or one for each channel.
struct Track: ~Copyable {
  /// The channel, from 0; nil where all are mixed.
  let channel: Int?
  /// The samples that a clip may still be made of.
  private(set) var samples: SampleWindow
  private var resampler: Resampler
  private var meter = BandMeter()
  private var activity = SpeechActivity()
  private var plan: ClipPlan
  private var steps: [ClipPlan.Step] = []

  /// - Parameters:
  ///   - request: How to cut, with the pinned cuts of this track alone.
  ///   - rate: The source's, in hertz.
  ///   - block: The most frames that come at a time.
  /// - Throws: ``SoxrFailure``.
  init(channel: Int?, _ request: SliceRequest, rate: Int, block: Int) throws(SoxrFailure) {
    resampler = try Resampler(from: rate, block: block)
    self.channel = channel
    plan = ClipPlan(request)
    // One clip and the look ahead; the window grows should a request need more.
    let silence = request.skip == .nothing ? 0 : min(request.maxSeconds, request.skipSilenceSeconds)
    let window = request.maxSeconds * 1.3 + silence + Double(SpeechActivity.delay) / Double(Hop.aSecond) + 2
    samples = SampleWindow(capacity: Int(window * Double(ClipRange.sampleRate)))
  }

  /// What soxr refused, once it did.
  var failure: String? { resampler.failure }

  /// No later clip begins before this frame.
  var neededFrom: Int64 { plan.neededFrom }

  /// What comes from now on has another rate.
  mutating func turn(to rate: Int, block: Int) throws(SoxrFailure) {
    flush()
    resampler = try Resampler(from: rate, block: block)
  }

  /// Takes the next samples at the source's rate, and decides what can be decided.
  mutating func hear(_ block: UnsafeBufferPointer<Float>) { listen(to: resampler.resample(block)) }

  /// After the last sample: decides the rest of a recording that is `length` frames of 16 kHz long.
  mutating func finish(length: Int64) {
    flush()
    samples.adjust(to: length)
    if let power = meter.finish(), let hop = activity.hear(power) { plan.add(hop, to: &steps) }
    while let hop = activity.finish() { plan.add(hop, to: &steps) }
    plan.finish(length: length, to: &steps)
  }

  /// What was decided since the last call.
  mutating func decided() -> [ClipPlan.Step] {
    guard !steps.isEmpty else { return [] }
    defer { steps = [] }
    return steps
  }

  /// Lets go of the samples before `frame`.
  mutating func drop(before frame: Int64) { samples.drop(before: frame) }

  /// Hears what is still on its way.
  private mutating func flush() {
    while case let rest = resampler.flush(), !rest.isEmpty { listen(to: rest) }
  }

  private mutating func listen(to heard: UnsafeBufferPointer<Float>) {
    samples.append(heard)
    var rest = heard
    while !rest.isEmpty {
      let (taken, power) = meter.measure(rest)
      rest = UnsafeBufferPointer(rebasing: rest[taken...])
      if let power, let hop = activity.hear(power) { plan.add(hop, to: &steps) }
    }
  }
}

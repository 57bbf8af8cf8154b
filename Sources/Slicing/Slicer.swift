import Glibc
public import Messages

/// Turns one recording into clips: reads, mixes down, resamples, listens, cuts, in one pass with one clip in
/// memory.
public struct Slicer: ~Copyable {
  private let request: SliceRequest
  private let file: Int32
  private var survey: Survey?
  private var part: FilePart
  private var sound: SoundFile
  private let format: SliceFrame.Format
  private var samples: SampleWindow
  private var meter = BandMeter()
  private var activity = SpeechActivity()
  private var plan: ClipPlan
  private var steps: [ClipPlan.Step] = []
  private var tally = Tally()

  /// Opens a recording.
  ///
  /// - Parameters:
  ///   - file: The recording's own file.
  ///   - pipe: Where a decoder's AU stream comes from; nil when the file itself is read.
  ///   - container: What kind of file it is.
  /// - Throws: ``UnreadableSound``.
  public init(file: Int32, pipe: Int32?, container: Container, request: SliceRequest) throws(UnreadableSound)
  {
    self.request = request
    self.file = file
    plan = ClipPlan(request)
    var missing = 0.0
    if let pipe {
      sound = try SoundFile(pipe: pipe)
      part = Survey.ofForeign(file)
      missing = part.missing
      survey = nil
    } else {
      guard var survey = Survey(descriptor: file, container: container),
        let first = survey.next(after: 0)
      else { throw UnreadableSound("it is not a regular file") }
      sound = try SoundFile(first, of: file)
      missing = first.missing
      part = first
      self.survey = consume survey
    }
    let present = pipe == nil ? sound.declaredFrames : nil
    format = SliceFrame.Format(
      name: pipe == nil ? Self.name(container.name, sound.encoding) : container.name,
      sampleRate: sound.sampleRate,
      channels: sound.channels,
      declaredFrames: part.isUnfinished
        ? 0 : present.flatMap { missing > 0 ? Int64(exactly: (Double($0) / (1 - missing)).rounded()) : $0 }
    )
    // One clip and the look ahead; the window grows should a request need more.
    let silence = min(request.maxSeconds, request.skipSilenceSeconds ?? 0)
    let window = request.maxSeconds * 1.3 + silence + Double(SpeechActivity.delay) / Double(Hop.aSecond) + 2
    samples = SampleWindow(capacity: Int(window * Double(ClipRange.sampleRate)))
  }

  /// `WAV, 16-bit PCM`, but not `Ogg Vorbis, Vorbis`.
  private static func name(_ container: String, _ encoding: String) -> String {
    switch encoding {
    case "MPEG layer I": "MP1"
    case "MPEG layer II": "MP2"
    case "MPEG layer III": "MP3"
    default: container.hasSuffix(encoding) ? container : "\(container), \(encoding)"
    }
  }

  /// Reads the recording to its end and gives out the format, the clips and the silences, in order; returns
  /// how it ended.
  ///
  /// - Throws: What `emit` throws, which ends the work.
  public mutating func run<Failure: Error>(
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) -> SliceFrame.End {
    try emit(.format(format))
    var rate = sound.sampleRate
    var resampler: Resampler
    do { resampler = try Resampler(from: rate, block: Self.block(rate)) } catch {
      return SliceFrame.End(verdict: .unreadable, reason: error.description, framesRead: 0, length: 0)
    }
    repeat {
      if sound.sampleRate != rate {
        while case let rest = resampler.flush(), !rest.isEmpty { hear(rest) }
        tally.changeRate(heard: samples.end)
        rate = sound.sampleRate
        do { resampler = try Resampler(from: rate, block: Self.block(rate)) } catch {
          tally.faults.append(error.description)
          break
        }
      }
      try read(&resampler, emit)
    } while !tally.isTooLong && openNext()
    while case let rest = resampler.flush(), !rest.isEmpty { hear(rest) }
    if let failure = resampler.failure { tally.faults.append(failure) }
    finish(length: tally.length)
    try give(emit)
    return tally.end(format, request)
  }

  /// Frames that are read at a time: 50 ms.
  private static func block(_ rate: Int) -> Int { max(1024, rate / 20) }

  /// Reads the present part to its end, or to the limit.
  private mutating func read<Failure: Error>(
    _ resampler: inout Resampler,
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) {
    let block = Self.block(sound.sampleRate)
    let input = FloatBuffer(capacity: block * sound.channels)
    let mono = FloatBuffer(capacity: block)
    var mix = DownMix(channels: sound.channels)
    let most = Int64(max(0, request.longestSeconds - tally.seconds) * Double(sound.sampleRate))
    var read: Int64 = 0
    while !tally.isTooLong {
      let frames = sound.read(block, into: input.pointer)
      guard frames > 0 else { break }
      let kept = Int(min(Int64(frames), most - read))
      tally.isTooLong = kept < frames
      tally.notNumbers += mix.mix(input.pointer, frames: kept, into: mono.pointer)
      read += Int64(kept)
      hear(resampler.resample(UnsafeBufferPointer(start: mono.pointer, count: kept)))
      try give(emit)
    }
    tally.add(part, read: read, sound)
  }

  /// Opens what is joined behind the present part; returns whether there is more.
  private mutating func openNext() -> Bool {
    var consumed = sound.consumed
    while let next = survey?.next(after: consumed) {
      do {
        sound = try SoundFile(next, of: file)
        part = next
        return true
      } catch {
        tally.faults.append(
          "what follows after \(Words.seconds(tally.seconds)) cannot be read: \(error.reason)"
        )
        consumed = next.pieces.first?.lowerBound ?? consumed
      }
    }
    return false
  }

  /// Takes the next samples at 16 kHz: keeps them, listens to them, and decides what can be decided.
  private mutating func hear(_ heard: UnsafeBufferPointer<Float>) {
    samples.append(heard)
    var rest = heard
    while !rest.isEmpty {
      let (taken, power) = meter.measure(rest)
      rest = UnsafeBufferPointer(rebasing: rest[taken...])
      if let power, let hop = activity.hear(power) { plan.add(hop, to: &steps) }
    }
  }

  private mutating func finish(length: Int64) {
    samples.adjust(to: length)
    if let power = meter.finish(), let hop = activity.hear(power) { plan.add(hop, to: &steps) }
    while let hop = activity.finish() { plan.add(hop, to: &steps) }
    plan.finish(length: length, to: &steps)
  }

  /// Gives out what was decided.
  private mutating func give<Failure: Error>(
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) {
    for step in steps {
      switch step {
      case .silence(let range): try emit(.silence(range))
      case .clip(let clip):
        guard clip.isWanted else { continue }
        let minFrames = Int(request.minSeconds * Double(ClipRange.sampleRate))
        let frame = SliceFrame.Clip(
          index: clip.index,
          range: clip.range,
          levelDBFS: clip.meanSquare > 1e-12 ? 10 * log10(clip.meanSquare) : -120,
          joint: clip.joint,
          speech: clip.speech,
          wav: WAV.file(samples.samples(in: clip.range), minFrames: minFrames)
        )
        try emit(.clip(frame))
      }
    }
    steps.removeAll(keepingCapacity: true)
    samples.drop(before: plan.neededFrom)
  }
}

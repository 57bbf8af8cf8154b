import Glibc
import Messages

/// The signals that a recording is cut as: one, mixed of all channels; or one for each channel, where the request
/// says so and there are not too many of them.
struct Tracks: ~Copyable {
  /// The form in which samples come.
  struct Source: Equatable {
    var channels: Int
    /// Frames a second.
    var rate: Int
    /// The most frames that come at a time.
    var block: Int
  }

  private let request: SliceRequest
  private let tracks: UnsafeMutablePointer<Track>
  private let count: Int
  /// One that mixes all channels, or one for each that only mends what is no number.
  private var mixes: [DownMix]
  private var source: Source
  private var apart: FloatBuffer
  private var mono: FloatBuffer
  /// The places that each track's pinned cuts have among all of them: the indices of those clips.
  private let pinnedIndices: [[Int]]
  private var nextIndex: Int
  /// Why a clip could not be made; nothing is given out any more from then on.
  private var encodingFailure: String?

  /// - Parameter source: The form in which samples come; it decides how many tracks there are.
  /// - Throws: ``SoxrFailure``.
  init(_ request: SliceRequest, _ source: Source) throws(SoxrFailure) {
    let isSplit =
      request.channels == .split && (2...SliceRequest.mostSplitChannels).contains(source.channels)
    let ways: [Int?] = isSplit ? Array(0..<source.channels) : [nil]
    // First what may throw: a value with a deinit is whole or not there.
    tracks = try Self.make(request, ways, source)
    self.request = request
    self.source = source
    count = ways.count
    mixes = Self.mixes(count, source)
    apart = FloatBuffer(capacity: source.block)
    mono = FloatBuffer(capacity: source.block)
    pinnedIndices = ways.map { way in request.pinned.indices.filter { request.pinned[$0].channel == way } }
    nextIndex = request.pinned.count
  }

  private static func mixes(_ count: Int, _ source: Source) -> [DownMix] {
    source.channels == count
      ? (0..<count).map { _ in DownMix(channels: 1) } : [DownMix(channels: source.channels)]
  }

  /// What comes from now on has this form. A part that does not have a channel for each of several tracks is mixed
  /// down for all of them: so it counts as what equal channels say.
  ///
  /// - Throws: ``SoxrFailure``.
  mutating func turn(to next: Source) throws(SoxrFailure) {
    guard next != source else { return }
    if next.rate != source.rate {
      for index in 0..<count { try tracks[index].turn(to: next.rate, block: next.block) }
    }
    source = next
    mixes = Self.mixes(count, next)
    apart = FloatBuffer(capacity: next.block)
    mono = FloatBuffer(capacity: next.block)
  }

  private static func make(
    _ request: SliceRequest,
    _ ways: [Int?],
    _ source: Source
  ) throws(SoxrFailure) -> UnsafeMutablePointer<Track> {
    let tracks = UnsafeMutablePointer<Track>.allocate(capacity: ways.count)
    var made = 0
    do {
      for way in ways {
        var own = request
        own.pinned = request.pinned.filter { $0.channel == way }
        (tracks + made).initialize(to: try Track(channel: way, own, rate: source.rate, block: source.block))
        made += 1
      }
    } catch {
      tracks.deinitialize(count: made)
      tracks.deallocate()
      throw error
    }
    return tracks
  }

  deinit {
    tracks.deinitialize(count: count)
    tracks.deallocate()
  }

  /// Why nothing more comes out; nil while all is well. Only a lack of memory makes it so.
  var failure: String? {
    for index in 0..<count { if let failure = tracks[index].failure { return failure } }
    return encodingFailure
  }

  /// How many frames of 16 kHz came so far.
  var heard: Int64 { tracks[0].samples.end }

  /// Takes the next `frames` interleaved frames and returns how many samples were not numbers.
  mutating func hear(_ block: UnsafeMutablePointer<Float>, frames: Int) -> Int {
    let channels = source.channels
    guard mixes.count > 1 else {
      let damaged = mixes[0].mix(block, frames: frames, into: mono.pointer)
      for index in 0..<count { tracks[index].hear(UnsafeBufferPointer(start: mono.pointer, count: frames)) }
      return damaged
    }
    var damaged = 0
    for channel in 0..<channels {
      for frame in 0..<frames { apart.pointer[frame] = block[frame * channels + channel] }
      damaged += mixes[channel].mix(apart.pointer, frames: frames, into: mono.pointer)
      tracks[channel].hear(UnsafeBufferPointer(start: mono.pointer, count: frames))
    }
    return damaged
  }

  /// After the last frame: decides the rest of a recording that is `length` frames of 16 kHz long.
  mutating func finish(length: Int64) {
    for index in 0..<count { tracks[index].finish(length: length) }
  }

  /// Gives out what was decided, channel by channel. The order decides the clips' indices, and is the same on every
  /// pass over the same recording.
  mutating func give<Failure: Error>(_ emit: (SliceFrame) throws(Failure) -> Void) throws(Failure) {
    for place in 0..<count {
      for step in tracks[place].decided() {
        switch step {
        case .silence(let range): try emit(.silence(range, channel: tracks[place].channel))
        case .clip(let clip):
          let index = index(of: clip, in: place)
          guard clip.isWanted, encodingFailure == nil, let frame = frame(clip, index, place) else { continue }
          try emit(.clip(frame))
        }
      }
    }
    // All tracks keep what any of them may need: an equal channel is found by its samples.
    let needed = (0..<count).reduce(Int64.max) { min($0, tracks[$1].neededFrom) }
    for place in 0..<count { tracks[place].drop(before: needed) }
  }

  private mutating func index(of clip: PlannedClip, in place: Int) -> Int {
    if pinnedIndices[place].indices.contains(clip.index) { return pinnedIndices[place][clip.index] }
    defer { nextIndex += 1 }
    return nextIndex
  }

  /// The clip as it is sent; nil when it cannot be made.
  private mutating func frame(_ clip: PlannedClip, _ index: Int, _ place: Int) -> SliceFrame.Clip? {
    let samples = tracks[place].samples.samples(in: clip.range)
    let equal = (0..<place).first { EqualSignals.holds(tracks[$0].samples.samples(in: clip.range), samples) }
    guard let audio = equal == nil ? encoded(samples) : [] else { return nil }
    return SliceFrame.Clip(
      index: index,
      channel: tracks[place].channel,
      equalChannel: equal,
      range: clip.range,
      levelDBFS: clip.meanSquare > 1e-12 ? 10 * log10(clip.meanSquare) : -120,
      joint: clip.joint,
      speech: clip.speech,
      audio: audio
    )
  }

  private mutating func encoded(_ samples: UnsafeBufferPointer<Int16>) -> [UInt8]? {
    let minFrames = Int(request.minSeconds * Double(ClipRange.sampleRate))
    switch request.encoding {
    case .wav: return WAV.file(samples, minFrames: minFrames)
    case .mp3:
      do { return try MP3.file(samples, minFrames: minFrames) } catch {
        encodingFailure = error.description
        return nil
      }
    }
  }
}

import Glibc
public import Messages

/// Turns one recording into clips: reads, mixes down, resamples, listens, cuts, in one pass with one clip
/// of each track in memory.
public struct Slicer: ~Copyable {
  private let request: SliceRequest
  private let file: Int32
  private var survey: Survey?
  private var part: FilePart
  private var sound: SoundFile
  private let format: SliceFrame.Format
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
    var tracks: Tracks
    do { tracks = try Tracks(request, source) } catch {
      return SliceFrame.End(verdict: .unreadable, reason: error.description, framesRead: 0, length: 0)
    }
    var rate = sound.sampleRate
    repeat {
      do { try tracks.turn(to: source) } catch {
        tally.faults.append(error.description)
        break
      }
      if sound.sampleRate != rate { tally.changeRate(heard: tracks.heard) }
      rate = sound.sampleRate
      try read(&tracks, emit)
    } while !tally.isTooLong && tracks.failure == nil && openNext()
    if tracks.failure == nil {
      tracks.finish(length: tally.length)
      try tracks.give(emit)
    }
    if let failure = tracks.failure { tally.faults.append(failure) }
    return tally.end(format, request)
  }

  /// The form in which the present part's samples come.
  private var source: Tracks.Source {
    Tracks.Source(channels: sound.channels, rate: sound.sampleRate, block: Self.block(sound.sampleRate))
  }

  /// Frames that are read at a time: 50 ms.
  private static func block(_ rate: Int) -> Int { max(1024, rate / 20) }

  /// Reads the present part to its end, or to the limit.
  private mutating func read<Failure: Error>(
    _ tracks: inout Tracks,
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) {
    let block = Self.block(sound.sampleRate)
    let input = FloatBuffer(capacity: block * sound.channels)
    let most = Int64(max(0, request.longestSeconds - tally.seconds) * Double(sound.sampleRate))
    var read: Int64 = 0
    while !tally.isTooLong, tracks.failure == nil {
      let frames = sound.read(block, into: input.pointer)
      guard frames > 0 else { break }
      let kept = Int(min(Int64(frames), most - read))
      tally.isTooLong = kept < frames
      tally.notNumbers += tracks.hear(input.pointer, frames: kept)
      read += Int64(kept)
      try tracks.give(emit)
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
}

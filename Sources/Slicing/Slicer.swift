import Glibc
public import Messages

/// Turns one recording into clips: reads, mixes down, resamples, listens, cuts, in one pass with one clip
/// of each track in memory.
public struct Slicer: ~Copyable {
  private let request: SliceRequest
  private var sound: SoundFile
  private let format: SliceFrame.Format
  private let missingPart: Double
  private let wasUnfinished: Bool

  /// Opens a recording.
  ///
  /// - Parameters:
  ///   - descriptor: The recording: a regular file, or a pipe that an MP3 or a decoder's AU stream comes from.
  ///   - file: The recording's own file, whose header is looked at; the same as `descriptor` unless that is a
  ///     pipe.
  ///   - container: What kind of file it is.
  /// - Throws: ``UnreadableSound``.
  public init(
    descriptor: Int32,
    file: Int32,
    container: Container,
    request: SliceRequest
  ) throws(UnreadableSound) {
    let header = FileHeader(descriptor: file)
    wasUnfinished = descriptor == file && header?.isUnfinished == true
    sound = try SoundFile(descriptor: descriptor, unfinished: wasUnfinished ? header : nil)
    let missing = header?.missingPart ?? 0
    missingPart = missing
    self.request = request
    let isDecoded = if case .ffmpeg = container.decoder { true } else { false }
    let present = isDecoded ? nil : sound.declaredFrames
    format = SliceFrame.Format(
      name: isDecoded ? container.name : Self.name(container.name, sound.encoding),
      sampleRate: sound.sampleRate,
      channels: sound.channels,
      declaredFrames: wasUnfinished
        ? 0 : present.flatMap { missing > 0 ? Int64(exactly: (Double($0) / (1 - missing)).rounded()) : $0 }
    )
  }

  /// `WAV, 16-bit PCM`, but not `Ogg Vorbis, Vorbis`.
  private static func name(_ container: String, _ encoding: String) -> String {
    let isSaid = container.hasSuffix(encoding) || encoding == "MPEG layer III"
    return isSaid ? container : "\(container), \(encoding)"
  }

  /// Reads the recording to its end and gives out the format, the clips and the silences, in order; returns
  /// how it ended.
  ///
  /// - Throws: What `emit` throws, which ends the work.
  public mutating func run<Failure: Error>(
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) -> SliceFrame.End {
    try emit(.format(format))
    let block = max(1024, sound.sampleRate / 20)
    let input = FloatBuffer(capacity: block * sound.channels)
    var tracks: Tracks
    do {
      tracks = try Tracks(request, channels: sound.channels, rate: sound.sampleRate, block: block)
    } catch {
      return SliceFrame.End(verdict: .unreadable, reason: error.description, framesRead: 0, length: 0)
    }
    let mostFrames = Int64(request.longestSeconds * Double(sound.sampleRate))
    var (read, notNumbers) = (Int64(0), 0)
    var isTooLong = false
    while !isTooLong, tracks.failure == nil {
      let frames = sound.read(block, into: input.pointer)
      guard frames > 0 else { break }
      let kept = Int(min(Int64(frames), mostFrames - read))
      isTooLong = kept < frames
      notNumbers += tracks.hear(input.pointer, frames: kept)
      read += Int64(kept)
      try tracks.give(emit)
    }
    let length = Int64(
      (Double(read) * Double(ClipRange.sampleRate) / Double(sound.sampleRate)).rounded()
    )
    if tracks.failure == nil {
      tracks.finish(length: length)
      try tracks.give(emit)
    }
    return end(read: read, length: length, notNumbers: notNumbers, isTooLong: isTooLong, tracks.failure)
  }

  private func end(
    read: Int64,
    length: Int64,
    notNumbers: Int,
    isTooLong: Bool,
    _ failure: String?
  ) -> SliceFrame.End {
    let seconds = Double(read) / Double(sound.sampleRate)
    func end(_ verdict: SliceFrame.End.Verdict, _ reason: String) -> SliceFrame.End {
      SliceFrame.End(verdict: verdict, reason: reason, framesRead: read, length: length)
    }
    if isTooLong {
      return end(
        .limit,
        "it is longer than \(Words.seconds(request.longestSeconds)), the most that is decoded of one recording"
      )
    }
    var faults: [String] = []
    if let failure { return end(.damaged, failure) }
    if let failure = sound.failure { faults.append("after \(Words.seconds(seconds)): \(failure)") }
    if read == 0 {
      let reason = faults.first ?? "nothing in it can be decoded: it holds no audio"
      return end(.unreadable, reason)
    }
    if wasUnfinished {
      faults.append("its header was never finished; \(Words.seconds(seconds)) of audio were found behind it")
    } else if let declared = format.declaredFrames, declared != read {
      let promised = Double(declared) / Double(sound.sampleRate)
      faults.append("its header declares \(Words.seconds(promised)), \(Words.seconds(seconds)) are there")
    } else if missingPart > 0 {
      faults.append("it is cut off: \(Words.percent(missingPart)) of its audio is missing")
    }
    if notNumbers > 0 {
      faults.append("\(notNumbers) of its samples are not numbers and were taken as silence")
    }
    if let beyond = request.pinned.map(\.range.end).max(), beyond > length {
      faults.append(
        "clips cut before reach to \(Words.seconds(ClipRange(start: 0, end: beyond).seconds)), beyond its end"
      )
    }
    return end(faults.isEmpty ? .whole : .damaged, faults.joined(separator: "; "))
  }
}

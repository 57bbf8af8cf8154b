@testable import Dropscribe
@testable import Messages

/// A slicing child's frames on the daemon's side: a child that was taken over by a recording may write anything.
enum Frames {
  static func run(_ bytes: [UInt8]) -> Bool {
    var feed = Feed(bytes)
    let piece = 1 + Int(feed.byte())
    let stream = feed.rest()
    let (whole, wholeIsGarbage) = read(stream, pieces: max(1, stream.count))
    let (cut, cutIsGarbage) = read(stream, pieces: piece)
    precondition(whole == cut && wholeIsGarbage == cutIsGarbage, "a stream says the same however it is cut")
    whole.forEach(use)
    precondition(
      whole.flatMap(\.encoded).elementsEqual(stream.prefix(whole.reduce(0) { $0 + $1.encoded.count }))
    )
    return true
  }

  /// One child's words, and frames that lie at the edge of what is taken.
  static let seeds: [[UInt8]] = {
    let range = ClipRange(start: 16_000, end: 32_000)
    let far = ClipRange(start: 0, end: ClipRange.beyondAll - 1)
    let frames: [SliceFrame] = [
      .format(.init(name: "WAV, 16-bit PCM", sampleRate: 44_100, channels: 2, declaredFrames: nil)),
      .silence(ClipRange(start: 0, end: 16_000), channel: 1),
      .clip(.init(index: 0, range: range, levelDBFS: -30, joint: .pause, speech: [range], audio: [1, 2, 3])),
      .clip(.init(index: 1, range: far, levelDBFS: -120, joint: .doubtful, speech: [range, far], audio: [])),
      .end(.init(verdict: .damaged, reason: "it is cut off", framesRead: .max, length: far.end)),
    ]
    return [[9] + frames.flatMap(\.encoded)] + frames.map { [3] + $0.encoded }
  }()

  private static func read(_ stream: [UInt8], pieces: Int) -> (frames: [SliceFrame], isGarbage: Bool) {
    var reader = Dropscribe.FrameReader()
    var frames: [SliceFrame] = []
    for start in stride(from: 0, to: stream.count, by: pieces) {
      var isGarbage = false
      stream[start..<min(start + pieces, stream.count)].withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty, !isGarbage {
          do { if let frame = try reader.read(&rest) { frames.append(frame) } } catch { isGarbage = true }
        }
      }
      if isGarbage { return (frames, true) }
    }
    return (frames, false)
  }

  /// What is read is safe to reckon with.
  private static func use(_ frame: SliceFrame) {
    switch frame {
    case .format(let format): precondition(format.sampleRate > 0 && format.channels > 0)
    case .clip(let clip):
      reckon(clip.range)
      clip.speech.forEach(reckon)
      precondition(clip.levelDBFS.isFinite)
    case .silence(let range, _): reckon(range)
    case .end(let end):
      precondition(end.framesRead >= 0)
      reckon(ClipRange(start: 0, end: end.length))
    }
  }

  private static func reckon(_ range: ClipRange) {
    _ = (Timestamp(startOf: range).description, Timestamp(endOf: range).description, range.seconds)
  }
}

/// A stretch of a recording, in frames of the 16 kHz mono signal that clips are cut from.
public struct ClipRange: Hashable, Sendable {
  /// Frames a second of the signal that every range, clip and span of speech is measured in.
  public static let sampleRate = 16_000

  /// No recording reaches this frame, which is 557 years in; sums of a few such numbers are far from overflowing.
  public static let beyondAll: Int64 = 1 << 48

  /// The first frame, counted from the start of the recording.
  public var start: Int64
  /// One past the last frame.
  public var end: Int64

  /// A range from `start` up to but not including `end`; `0 <= start <= end`.
  public init(start: Int64, end: Int64) {
    precondition(0 <= start && start <= end, "a clip's range runs forward from zero")
    self.start = start
    self.end = end
  }

  /// Frames in the range.
  public var frames: Int64 { end - start }
  /// Where it begins, in seconds.
  public var startSeconds: Double { Double(start) / Double(Self.sampleRate) }
  /// Where it ends, in seconds.
  public var endSeconds: Double { Double(end) / Double(Self.sampleRate) }
  /// How long it is, in seconds.
  public var seconds: Double { Double(frames) / Double(Self.sampleRate) }
}

extension ClipRange: Codable {
  /// Reads `[start, end]`.
  public init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    let (start, end) = (try list.decode(Int64.self), try list.decode(Int64.self))
    guard 0 <= start, start <= end else {
      throw DecodingError.dataCorruptedError(in: list, debugDescription: "a range that runs backward")
    }
    self.init(start: start, end: end)
  }

  /// Writes `[start, end]`.
  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(start)
    try list.encode(end)
  }
}

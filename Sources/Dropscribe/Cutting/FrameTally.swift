import Messages

/// Whether what a child says can be one pass over a recording. Each frame for itself is well formed; a child that
/// was taken over could still write such frames for ever.
struct FrameTally {
  /// The recording is followed no further than this, in frames of 16 kHz, with a minute to spare for rounding.
  private let end: Int64
  private var left: Int64
  /// The last clip's index, by channel: between channels they may change places where cuts are followed.
  private var last: [Int?: Int] = [:]

  init(_ request: SliceRequest) {
    end = Int64((request.longestSeconds + 60) * Double(ClipRange.sampleRate))
    // No slicer speaks more often than that of a second, in several channels neither.
    left = Int64(request.longestSeconds) * 64 + 1000
  }

  /// Counts a frame; false when it cannot be part of the same pass as those before it.
  mutating func admits(_ frame: SliceFrame) -> Bool {
    left -= 1
    guard left >= 0 else { return false }
    switch frame {
    case .clip(let clip):
      let before = last.updateValue(clip.index, forKey: clip.channel) ?? -1
      return clip.index > before && clip.range.end <= end
    case .silence(let range, _): return range.end <= end
    case .format, .end: return true
    }
  }
}

import Messages

/// A place in a recording as a person reads it: `0:05`, `12:30`, `1:02:03`.
struct Timestamp: Hashable, Sendable, CustomStringConvertible {
  /// Whole seconds from the start.
  var seconds: Int64

  init(seconds: Int64) { self.seconds = seconds }

  /// Where `range` starts, rounded down, so that a short range never seems empty.
  init(startOf range: ClipRange) { seconds = range.start / Int64(ClipRange.sampleRate) }

  /// Where `range` ends, rounded up.
  init(endOf range: ClipRange) {
    let rate = Int64(ClipRange.sampleRate)
    seconds = (range.end + rate - 1) / rate
  }

  var description: String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    let rest = Self.padded(seconds % 60)
    return hours > 0 ? "\(hours):\(Self.padded(minutes)):\(rest)" : "\(minutes):\(rest)"
  }

  private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

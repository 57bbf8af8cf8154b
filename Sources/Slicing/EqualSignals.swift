import Messages

/// Whether two channels say the same: one microphone on both, as most stereo recordings of speech are.
enum EqualSignals {
  /// They are looked at in stretches of 100 ms, so that a word on one of them weighs as much as it lasts.
  private static let stretch = ClipRange.sampleRate / 10
  /// What differs must be 50 dB under the louder one …
  private static let relative = 1e-5
  /// … or under -80 dBFS, below which nothing is taken for speech.
  private static let absolute = 32_768.0 * 32_768.0 * 1e-8

  /// True when `left` and `right`, equally long, differ by nothing that anybody could hear.
  static func holds(_ left: UnsafeBufferPointer<Int16>, _ right: UnsafeBufferPointer<Int16>) -> Bool {
    guard left.count == right.count else { return false }
    for start in stride(from: 0, to: left.count, by: stretch) {
      var (one, other, between): (Int64, Int64, Int64) = (0, 0, 0)
      let end = min(start + stretch, left.count)
      for index in start..<end {
        let (a, b) = (Int64(left[index]), Int64(right[index]))
        one += a * a
        other += b * b
        between += (a - b) * (a - b)
      }
      let bearable = max(relative * Double(max(one, other)), absolute * Double(end - start))
      guard Double(between) <= bearable else { return false }
    }
    return true
  }
}

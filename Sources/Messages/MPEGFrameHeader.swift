/// The four bytes before every frame of MPEG audio, layers I to III (ISO 11172-3, 13818-3; "MPEG 2.5" halves
/// the rates once more).
public struct MPEGFrameHeader: Equatable, Sendable {
  /// How many bytes the header itself takes.
  public static let size = 4

  /// Bytes from this header to the next.
  public let length: Int
  /// Samples of each channel in the frame.
  public let samples: Int
  /// Samples a second, in hertz.
  public let sampleRate: Int
  /// Whether there is one channel, not two.
  public let isMono: Bool
  /// 1, 2 or 3.
  public let layer: Int
  /// Whether it is MPEG 1; else MPEG 2 or 2.5, whose frames are shorter.
  public let isFirstVersion: Bool

  /// Reads a header, its first byte the highest of `bits`; nil when they make none.
  public init?(_ bits: UInt32) {
    let version = Int(bits >> 19 & 3)
    let layer = 4 - Int(bits >> 17 & 3)
    let (rateIndex, hertzIndex) = (Int(bits >> 12 & 15), Int(bits >> 10 & 3))
    guard bits >> 21 == 0x7FF, version != 1, layer != 4, (1...14).contains(rateIndex), hertzIndex != 3,
      bits & 3 != 2
    else {
      return nil
    }
    let isFirst = version == 3
    let padding = Int(bits >> 9 & 1)
    let hertz = Self.hertz[hertzIndex] >> (isFirst ? 0 : version == 2 ? 1 : 2)
    self.layer = layer
    isFirstVersion = isFirst
    sampleRate = hertz
    isMono = bits >> 6 & 3 == 3
    samples = layer == 1 ? 384 : layer == 3 && !isFirst ? 576 : 1152
    let kilobits = Self.bitRates[isFirst ? layer - 1 : (layer == 1 ? 3 : 4)][rateIndex - 1]
    // A slot has four bytes in layer I, and one in the others.
    length =
      layer == 1
      ? (12_000 * kilobits / hertz + padding) * 4 : samples / 8 * 1000 * kilobits / hertz + padding
  }

  /// Whether both can be frames of one stream; a frame's channels may be coded apart or jointly.
  public func continues(_ other: Self) -> Bool {
    (layer, sampleRate, isFirstVersion, isMono)
      == (other.layer, other.sampleRate, other.isFirstVersion, other.isMono)
  }

  private static let hertz = [44_100, 48_000, 32_000]
  private static let bitRates = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ]
}

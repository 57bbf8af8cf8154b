/// Finds the level below which a given part of the hops lies: the noise floor.
///
/// Powers are counted in bins of an eighth of an octave (about 0.4 dB), told from the bits of the number
/// itself, so that the outcome is the same everywhere and costs next to nothing.
struct Floor {
  private var bins = [Int32](repeating: 0, count: Self.binCount)
  private(set) var count = 0

  /// -120 dBFS and +36 dBFS, about: what lies outside is counted at the edge.
  private static let lowest = bits(1e-12)
  private static let binCount = bits(4096) - lowest + 1

  private static func bits(_ power: Float) -> Int { Int(power.bitPattern >> 20) }

  private static func bin(_ power: Float) -> Int {
    power > 1e-12 ? min(bits(power) - lowest, binCount - 1) : 0
  }

  mutating func add(_ power: Float) {
    bins[Self.bin(power)] += 1
    count += 1
  }

  /// Takes back a power that was added before.
  mutating func remove(_ power: Float) {
    bins[Self.bin(power)] -= 1
    count -= 1
  }

  /// The power below which `part` of what was added lies; 0 when nothing was.
  func level(below part: Double) -> Float {
    var left = Int32(Double(count) * part)
    for (bin, number) in bins.enumerated() where number > 0 {
      if left < number { return bin == 0 ? 0 : Float(bitPattern: UInt32(bin + Self.lowest) << 20 | 1 << 19) }
      left -= number
    }
    return 0
  }
}

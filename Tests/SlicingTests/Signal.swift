import Glibc
import Messages

/// Sound to test with.
struct Signal {
  var rate: Int
  var samples: [Float]

  init(rate: Int = 16_000, seconds: Double, _ value: (Double) -> Double) {
    self.rate = rate
    samples = (0..<Int((seconds * Double(rate)).rounded())).map { Float(value(Double($0) / Double(rate))) }
  }

  var seconds: Double { Double(samples.count) / Double(rate) }

  /// White noise at a level in dBFS RMS.
  static func noise(rate: Int = 16_000, seconds: Double, dBFS: Double, seed: UInt64 = 1) -> Signal {
    var dice = Dice(seed: seed)
    let level = pow(10, dBFS / 20)
    return Signal(rate: rate, seconds: seconds) { _ in level * Double(dice.noise()) }
  }

  /// A tone whose pitch says which second this is: second k sounds at 300 + 40 k hertz.
  static func clock(rate: Int, seconds: Double) -> Signal {
    Signal(rate: rate, seconds: seconds) { time in 0.25 * sin(2 * Double.pi * pitch(Int(time)) * time) }
  }

  static func pitch(_ second: Int) -> Double { 300 + 40 * Double(second) }

  static func + (left: Signal, right: Signal) -> Signal {
    var sum = left
    sum.samples += right.samples
    return sum
  }

  /// Adds `other` on top, from `at` seconds on.
  func mixed(with other: Signal, at seconds: Double = 0) -> Signal {
    var sum = self
    let start = Int(seconds * Double(rate))
    for (index, sample) in other.samples.enumerated() where start + index < samples.count {
      sum.samples[start + index] += sample
    }
    return sum
  }

  func scaled(toRMS dBFS: Double) -> Signal {
    let power = samples.reduce(0.0) { $0 + Double($1 * $1) } / Double(samples.count)
    let gain = Float(pow(10, dBFS / 20) / power.squareRoot())
    var scaled = self
    scaled.samples = samples.map { $0 * gain }
    return scaled
  }

  /// The part of the power of `samples` at 16 kHz that lies at one frequency (Goertzel's algorithm).
  static func part(at hertz: Double, of samples: some Collection<Int16>) -> Double {
    let turn = 2 * cos(2 * Double.pi * hertz / 16_000)
    var (s1, s2, power) = (0.0, 0.0, 0.0)
    for sample in samples {
      (s1, s2) = (Double(sample) + turn * s1 - s2, s1)
      power += Double(sample) * Double(sample)
    }
    let tone = s1 * s1 + s2 * s2 - turn * s1 * s2
    return power > 0 ? 2 * tone / (Double(samples.count) * power) : 0
  }

  /// A WAV file of 32-bit float samples, one channel for each signal.
  static func floatWAV(_ channels: [Signal]) -> [UInt8] {
    let (count, rate) = (channels[0].samples.count, channels[0].rate)
    var bytes = header(
      format: 3,
      channels: channels.count,
      rate: rate,
      bits: 32,
      dataBytes: 4 * count * channels.count
    )
    for index in 0..<count {
      for channel in channels { bytes += number(channel.samples[index].bitPattern) }
    }
    return bytes
  }

  /// A mono WAV file of 16-bit samples.
  var wav: [UInt8] {
    Self.header(format: 1, channels: 1, rate: rate, bits: 16, dataBytes: 2 * samples.count)
      + samples.map { Int16(max(-32_768, min(32_767, ($0 * 32_768).rounded()))) }.withUnsafeBytes {
        Array($0)
      }
  }

  static func header(format: UInt16, channels: Int, rate: Int, bits: Int, dataBytes: Int) -> [UInt8] {
    let frame = channels * bits / 8
    return Array("RIFF".utf8) + number(UInt32(36 + dataBytes)) + Array("WAVEfmt ".utf8) + number(UInt32(16))
      + number(format) + number(UInt16(channels)) + number(UInt32(truncatingIfNeeded: rate))
      + number(UInt32(truncatingIfNeeded: rate * frame)) + number(UInt16(frame)) + number(UInt16(bits))
      + Array("data".utf8) + number(UInt32(dataBytes))
  }

  static func number<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}

import Glibc

/// A recording whose sound tells the time: every second carries a pair of tones that encodes its number, with a
/// pause around it. Whoever gets a piece of it can say which seconds are in it, and whether a cut went through one.
public enum SpeechClock {
  /// What was found in a piece of sound: a second's number, and for how long its tones sound.
  public struct Second: Hashable, Sendable {
    /// Counted from the recording's beginning.
    public var number: Int
    /// A whole one has ``SpeechClock/toneMilliseconds``.
    public var milliseconds: Int

    /// Whether no cut went through its tones.
    public var isWhole: Bool { abs(milliseconds - SpeechClock.toneMilliseconds) <= 40 }

    /// The number; with the length in brackets when a part of it is missing.
    public var word: String { isWhole ? "\(number)" : "\(number)(\(milliseconds)ms)" }
  }

  /// What a request must hold: the form in which every server takes audio.
  public enum Fault: Error, Equatable {
    /// It is no RIFF file with a `data` chunk.
    case notWAV
    /// It is something else than 16 kHz mono 16-bit PCM.
    case notTheWireForm
  }

  /// Hertz.
  public static let sampleRate = 16_000
  /// How long the tones of one second sound; they begin 200 ms into it.
  public static let toneMilliseconds = 600
  /// Seconds that can be told apart.
  public static let most = 400

  private static let toneStart = sampleRate / 5
  private static let toneLength = sampleRate * toneMilliseconds / 1000
  private static let hop = sampleRate / 100
  private static let loudness = 5_000.0

  /// The tones of a number: the lower one and the higher one, in the band where voices are, in hertz.
  private static func tones(of number: Int) -> (Double, Double) {
    (300 + 50 * Double(number / 20), 1500 + 100 * Double(number % 20))
  }

  /// A WAV file, 16 kHz mono 16-bit, of the given seconds.
  public static func wav(_ seconds: Range<Int>) -> [UInt8] {
    precondition(seconds.lowerBound >= 0 && seconds.upperBound <= most)
    var samples = [Int16](repeating: 0, count: seconds.count * sampleRate)
    for (place, number) in seconds.enumerated() {
      let (low, high) = tones(of: number)
      let start = place * sampleRate + toneStart
      for index in 0..<toneLength {
        let time = 2 * Double.pi * Double(index) / Double(sampleRate)
        // 5 ms of rise and fall, so that an encoder has no click to smear.
        let edge = min(1, Double(min(index, toneLength - index)) / 80)
        samples[start + index] = Int16(edge * loudness * (sin(low * time) + sin(high * time)))
      }
    }
    return header(dataBytes: samples.count * 2) + samples.withUnsafeBytes { Array($0) }
  }

  private static func header(dataBytes: Int) -> [UInt8] {
    func little(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(value >> (8 * $0) & 255) } }
    return Array("RIFF".utf8) + little(36 + dataBytes, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
      + little(1, 2) + little(1, 2) + little(sampleRate, 4) + little(sampleRate * 2, 4) + little(2, 2)
      + little(16, 2) + Array("data".utf8) + little(dataBytes, 4)
  }

  /// The seconds in a WAV file, in order.
  public static func read(_ wav: [UInt8]) throws(Fault) -> [Second] {
    let samples = try samples(of: wav)
    var found: [Second] = []
    var start: Int?
    let hops = samples.count / hop
    for index in 0...hops {
      let isLoud = index < hops && power(samples[index * hop..<(index + 1) * hop]) > 600
      if isLoud {
        start = start ?? index
      } else if let first = start {
        start = nil
        // Shorter than 30 ms is a click or what an encoder smeared.
        guard index - first >= 3 else { continue }
        let middle = (first + index) / 2 * hop
        let reach = min(sampleRate / 20, (index - first) * hop / 2)
        found.append(
          Second(number: number(samples[middle - reach..<middle + reach]), milliseconds: (index - first) * 10)
        )
      }
    }
    return found
  }

  private static func samples(of wav: [UInt8]) throws(Fault) -> [Int16] {
    func number(_ offset: Int, _ bytes: Int) -> Int {
      (0..<bytes).reduce(0) { $0 | Int(wav[offset + $1]) << (8 * $1) }
    }
    guard wav.count >= 44, wav.starts(with: Array("RIFF".utf8)), number(4, 4) == wav.count - 8,
      Array(wav[36..<40]) == Array("data".utf8), number(40, 4) == wav.count - 44
    else { throw .notWAV }
    guard number(20, 2) == 1, number(22, 2) == 1, number(24, 4) == sampleRate, number(34, 2) == 16 else {
      throw .notTheWireForm
    }
    return wav.withUnsafeBytes { bytes in
      (0..<(wav.count - 44) / 2).map { bytes.loadUnaligned(fromByteOffset: 44 + 2 * $0, as: Int16.self) }
    }
  }

  /// The mean of the absolute values.
  private static func power(_ samples: ArraySlice<Int16>) -> Int {
    var sum = 0
    for sample in samples { sum += Int(sample.magnitude) }
    return sum / samples.count
  }

  /// The number whose tones are the strongest, by Goertzel's filter.
  private static func number(_ samples: ArraySlice<Int16>) -> Int {
    func strength(_ hertz: Double) -> Double {
      let factor = 2 * cos(2 * Double.pi * hertz / Double(sampleRate))
      var (last, beforeLast) = (0.0, 0.0)
      for sample in samples {
        (last, beforeLast) = (Double(sample) + factor * last - beforeLast, last)
      }
      return last * last + beforeLast * beforeLast - factor * last * beforeLast
    }
    let lows = (0..<20).map { strength(tones(of: $0 * 20).0) }
    let highs = (0..<20).map { strength(tones(of: $0).1) }
    let low = lows.indices.max { lows[$0] < lows[$1] } ?? 0
    let high = highs.indices.max { highs[$0] < highs[$1] } ?? 0
    return low * 20 + high
  }
}

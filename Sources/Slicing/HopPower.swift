import Glibc
import Messages

/// A stretch of 10 ms: the step in which loudness is measured, activity is judged, and cuts are placed.
enum Hop {
  static let frames = 160
  static let aSecond = ClipRange.sampleRate / frames
}

/// The mean square of 10 ms of the signal in three bands; full scale squared is 1.
struct HopPower: Equatable {
  /// Above 80 Hz: without DC offset and rumble. Loudness is measured here.
  var sound: Float
  /// From 200 to 3800 Hz, where speech lies.
  var speech: Float
  /// From 200 to 1000 Hz, where voices lie: they stand out of broad noise here first.
  var voice: Float
}

/// Splits the 16 kHz signal into bands and measures each.
///
/// Four second-order filters run as the four lanes of one: high-pass at 80 Hz, high-pass at 200 Hz, and behind
/// the latter, one sample late, low-pass at 3800 Hz and at 1000 Hz. (Butterworth, from R. Bristow-Johnson's
/// "Cookbook formulae for audio equalizer biquad filter coefficients"; transposed direct form II.)
struct BandMeter {
  private let b0, b1, b2, a1, a2: SIMD4<Float>
  private var state1 = SIMD4<Float>()
  private var state2 = SIMD4<Float>()
  private var last = SIMD4<Float>()
  private var sums = SIMD4<Float>()
  private var filled = 0

  init() {
    let filters = [
      Biquad(highPass: 80), Biquad(highPass: 200), Biquad(lowPass: 3800), Biquad(lowPass: 1000),
    ]
    func lanes(_ coefficient: KeyPath<Biquad, Double>) -> SIMD4<Float> {
      SIMD4(filters.map { Float($0[keyPath: coefficient]) })
    }
    b0 = lanes(\.b0)
    b1 = lanes(\.b1)
    b2 = lanes(\.b2)
    a1 = lanes(\.a1)
    a2 = lanes(\.a2)
  }

  /// Measures samples up to the end of the present hop and says how many those are; a full hop's power comes
  /// with them.
  mutating func measure(_ samples: UnsafeBufferPointer<Float>) -> (taken: Int, power: HopPower?) {
    let taken = min(samples.count, Hop.frames - filled)
    guard taken > 0, let base = samples.baseAddress else { return (0, nil) }
    run(base, count: taken)
    filled += taken
    return (taken, filled == Hop.frames ? finish() : nil)
  }

  /// The power of what is left of the last hop; nil when nothing is.
  mutating func finish() -> HopPower? {
    guard filled > 0 else { return nil }
    let power = sums / Float(filled)
    sums = SIMD4()
    filled = 0
    calm()
    return HopPower(sound: power[0], speech: power[2], voice: power[3])
  }

  private mutating func run(_ samples: UnsafePointer<Float>, count: Int) {
    var (s1, s2, y, sum) = (state1, state2, last, sums)
    let (b0, b1, b2, a1, a2) = (b0, b1, b2, a1, a2)
    for index in 0..<count {
      let sample = samples[index]
      let x = SIMD4<Float>(sample, sample, y[1], y[1])
      y = b0 * x + s1
      s1 = (b1 * x + s2) - a1 * y
      s2 = b2 * x - a2 * y
      sum += y * y
    }
    (state1, state2, last, sums) = (s1, s2, y, sum)
  }

  /// In digital silence the filters' memory fades until its numbers are too small for the processor's fast
  /// way. Once an hop is soon enough to end that.
  private mutating func calm() {
    let tiny = SIMD4<Float>(repeating: 1e-15)
    let zero = SIMD4<Float>()
    state1.replace(with: zero, where: (state1 .< tiny) .& (state1 .> -tiny))
    state2.replace(with: zero, where: (state2 .< tiny) .& (state2 .> -tiny))
    last.replace(with: zero, where: (last .< tiny) .& (last .> -tiny))
  }
}

private struct Biquad {
  let b0, b1, b2, a1, a2: Double

  init(highPass hertz: Double) { self.init(hertz, sign: 1) }
  init(lowPass hertz: Double) { self.init(hertz, sign: -1) }

  private init(_ hertz: Double, sign: Double) {
    let angle = 2 * Double.pi * hertz / Double(ClipRange.sampleRate)
    let alpha = sin(angle) / (2 * 0.5.squareRoot())
    let a0 = 1 + alpha
    let edge = 1 + sign * cos(angle)
    b0 = edge / 2 / a0
    b1 = -sign * edge / a0
    b2 = edge / 2 / a0
    a1 = -2 * cos(angle) / a0
    a2 = (1 - alpha) / a0
  }
}

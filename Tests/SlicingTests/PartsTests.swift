import Glibc
import Messages
import Testing

@testable import Slicing

@Suite struct DownMixTests {
  static func mix(_ channels: [[Float]], block: Int = 500) -> (mono: [Float], damaged: Int) {
    var mix = DownMix(channels: channels.count)
    var mono: [Float] = []
    var damaged = 0
    for start in stride(from: 0, to: channels[0].count, by: block) {
      let frames = min(block, channels[0].count - start)
      var input = (0..<frames * channels.count).map {
        channels[$0 % channels.count][start + $0 / channels.count]
      }
      var output = [Float](repeating: 9, count: frames)
      damaged += mix.mix(&input, frames: frames, into: &output)
      mono += output
    }
    return (mono, damaged)
  }

  static func wave(_ hertz: Double, _ level: Double = 0.5) -> [Float] {
    Signal(seconds: 0.2) { level * sin(2 * .pi * hertz * $0) }.samples
  }

  @Test(arguments: 1...7) func `equal channels come out as they are`(channels: Int) {
    let wave = Self.wave(440)
    let mono = Self.mix(Array(repeating: wave, count: channels)).mono
    #expect(zip(mono, wave).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test(arguments: [1, 3, 500, 501, 997]) func `blocks of any length are mixed to their end`(block: Int) {
    let mono = Self.mix([Self.wave(440), Self.wave(700)], block: block).mono
    let mean = zip(Self.wave(440), Self.wave(700)).map { ($0 + $1) / 2 }
    #expect(zip(mono, mean).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test(arguments: [1.0, 0.5, 0.9]) func `channels that cancel each other out do not fall silent`(
    part: Double
  ) {
    let mono = Self.mix([Self.wave(440), Self.wave(440, -0.5 * part)]).mono
    let power = mono.dropFirst(500).reduce(0) { $0 + $1 * $1 } / Float(mono.count - 500)
    #expect(power > 0.1)
  }

  @Test func `a quiet speaker on one channel is kept beside a loud one on the other`() {
    let mono = Self.mix([Self.wave(440, 0.5), Self.wave(700, 0.005)]).mono
    let loud = Self.wave(440, 0.25)
    let rest = zip(mono, loud).map { Int16((($0 - $1) * 32_768).rounded()) }
    #expect(Signal.part(at: 700, of: rest) > 0.9)
  }

  @Test(arguments: [1, 2, 5]) func `what is no number is silence, and counted`(channels: Int) {
    var waves = Array(repeating: Self.wave(440), count: channels)
    waves[0][700] = .nan
    waves[channels - 1][1200] = -.infinity
    waves[0][1300] = 1e30
    let (mono, damaged) = Self.mix(waves)
    #expect(damaged == 2)
    #expect(mono.allSatisfy { abs($0) <= 64 })
    #expect(mono.count == waves[0].count)
  }
}

@Suite struct ResamplerTests {
  @Test(arguments: [1000, 8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000, 768_000])
  func `the length at 16 kHz is right, whatever the rate`(rate: Int) throws {
    let signal = Signal(rate: rate, seconds: 1.2345) { 0.5 * sin(2 * .pi * 200 * $0) }
    let block = max(1024, rate / 20)
    var resampler = try Resampler(from: rate, block: block)
    var heard: [Float] = []
    for start in stride(from: 0, to: signal.samples.count, by: block) {
      signal.samples[start..<min(start + block, signal.samples.count)].withUnsafeBufferPointer {
        heard += resampler.resample($0)
      }
    }
    while case let rest = resampler.flush(), !rest.isEmpty { heard += rest }
    #expect(resampler.failure == nil)
    #expect(abs(Double(heard.count) - signal.seconds * 16_000) <= 1.5)
    let middle = heard[4000..<16_000].map { Int16($0 * 32_767) }
    #expect(Signal.part(at: 200, of: middle) > 0.99)
  }
}

@Suite struct SampleWindowTests {
  @Test func `samples are rounded to the nearest step and held to full scale`() {
    let values: [Float] = [
      0, 1, -1, 2, -2, 0.5, 0.4 / 32_768, 0.6 / 32_768, -0.6 / 32_768, 1.5 / 32_768, 64, -64, 3.5 / 32_768,
      100.2 / 32_768, -100.7 / 32_768, 32_766.6 / 32_768, 1 / 32_768,
    ]
    var window = SampleWindow(capacity: 4)
    values.withUnsafeBufferPointer { window.append($0) }
    let heard = Array(window.samples(in: ClipRange(start: 0, end: Int64(values.count))))
    #expect(
      heard == [
        0, 32_767, -32_768, 32_767, -32_768, 16_384, 0, 1, -1, 2, 32_767, -32_768, 4, 100, -101, 32_767, 1,
      ]
    )
  }

  @Test(arguments: 0..<40) func `the window gives what was put in, until it is let go`(seed: UInt64) {
    var dice = Dice(seed: seed)
    var window = SampleWindow(capacity: .random(in: 1...5000, using: &dice))
    var (count, dropped) = (0, 0)
    for _ in 0..<200 {
      let more = (0..<Int.random(in: 0...900, using: &dice)).map { Float((count + $0) % 30_000) / 32_768 }
      more.withUnsafeBufferPointer { window.append($0) }
      count += more.count
      #expect(window.end == Int64(count))
      dropped = Int.random(in: dropped...max(dropped, count), using: &dice)
      window.drop(before: Int64(dropped))
      let start = Int.random(in: dropped...count, using: &dice)
      let end = Int.random(in: start...count, using: &dice)
      let samples = window.samples(in: ClipRange(start: Int64(start), end: Int64(end)))
      #expect(samples.count == end - start)
      #expect(zip(samples, start..<end).allSatisfy { Int($0) == $1 % 30_000 })
    }
  }
}

@Suite struct WAVTests {
  @Test(arguments: [(0, 16_000), (1, 16_000), (15_999, 16_000), (16_000, 16_000), (20_001, 16_000), (5, 0)])
  func `a clip is a WAV file, with silence on both sides when it is short`(count: Int, least: Int) {
    let samples = (0..<count).map { _ in Int16(1234) }
    let bytes = samples.withUnsafeBufferPointer { WAV.file($0, minFrames: least) }
    let total = max(count, least)
    #expect(
      Array(bytes[..<44])
        == Signal.header(format: 1, channels: 1, rate: 16_000, bits: 16, dataBytes: 2 * total)
    )
    #expect(bytes.count == 44 + 2 * total)
    let clip = SliceFrame.Clip(
      index: 0,
      range: ClipRange(start: 0, end: 0),
      levelDBFS: 0,
      joint: .end,
      speech: [],
      audio: bytes
    )
    let before = (total - count) / 2
    #expect(clip.samples == (0..<total).map { (before..<before + count).contains($0) ? 1234 : 0 })
  }
}

@Suite struct FloorTests {
  @Test(arguments: 0..<20) func `the floor is the level that a part lies below, within half a decibel`(
    seed: UInt64
  ) {
    var dice = Dice(seed: seed)
    var floor = Floor()
    let powers = (0..<1000).map { _ in pow(10, Float.random(in: -11...0, using: &dice)) }
    for power in powers { floor.add(power) }
    for power in [Float(0), .infinity, 1e30, 1e-30] {
      floor.add(power)
      floor.remove(power)
    }
    for part in [0.05, 0.1, 0.5] {
      let exact = powers.sorted()[Int(1000 * part)]
      #expect(abs(10 * log10(floor.level(below: part) / exact)) < 0.5)
    }
    #expect(Floor().level(below: 0.5) == 0)
  }
}

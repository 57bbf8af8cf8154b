@testable import Messages
@testable import Slicing

/// Samples of any value, rate and number of channels through all that works on samples.
enum Sound {
  /// Two channels, each rate, each kind of sample.
  static let seeds: [[UInt8]] = (0..<6).map { rate in
    [0, 1, rate] + (rate == 5 ? [20, 0] : []) + [64, rate] + (0..<1200).map { UInt8($0 * 37 % 251) }
  }

  static func run(_ bytes: [UInt8]) -> Bool {
    var feed = Feed(bytes)
    let channels = feed.number(1...64)
    let rate = [8000, 16_000, 44_100, 1000, 768_000, feed.number(1000...60_000)][Int(feed.byte() % 6)]
    let block = max(1024, rate / 20)
    let repeats = 1 + Int(feed.byte()) / 16
    let samples = samples(&feed, channels: channels)
    guard !samples.isEmpty, var resampler = try? Resampler(from: rate, block: block) else { return false }
    var mix = DownMix(channels: channels)
    let mono = FloatBuffer(capacity: block)
    var window = SampleWindow(capacity: 1024)
    var meter = BandMeter()
    var activity = SpeechActivity()
    var (heard, judged) = (0, 0)
    func hear(_ samples: UnsafeBufferPointer<Float>) {
      precondition(samples.allSatisfy(\.isFinite), "nothing but numbers leaves the mixer")
      window.append(samples)
      var rest = samples
      while !rest.isEmpty {
        let (taken, power) = meter.measure(rest)
        rest = UnsafeBufferPointer(rebasing: rest[taken...])
        if let power {
          heard += 1
          precondition(power.sound.isFinite && power.sound >= 0)
          if activity.hear(power) != nil { judged += 1 }
        }
      }
      window.drop(before: window.end - 8000)
    }
    for _ in 0..<repeats {
      for start in stride(from: 0, to: samples.count, by: block * channels) {
        var input = Array(samples[start..<min(start + block * channels, samples.count)])
        let frames = input.count / channels
        let wrong = input.withUnsafeMutableBufferPointer {
          mix.mix($0.baseAddress!, frames: frames, into: mono.pointer)
        }
        precondition((0...frames * channels).contains(wrong))
        hear(resampler.resample(UnsafeBufferPointer(start: mono.pointer, count: frames)))
      }
    }
    while case let rest = resampler.flush(), !rest.isEmpty { hear(rest) }
    precondition(resampler.failure == nil)
    if let power = meter.finish() {
      heard += 1
      if activity.hear(power) != nil { judged += 1 }
    }
    while activity.finish() != nil { judged += 1 }
    precondition(heard == judged, "each 10 ms is judged once")
    expectWAV(window, minFrames: feed.short())
    return true
  }

  private static func expectWAV(_ window: borrowing SampleWindow, minFrames: Int) {
    let range = ClipRange(start: max(0, window.end - 8000), end: window.end)
    let samples = window.samples(in: range)
    let file = WAV.file(samples, minFrames: minFrames)
    precondition(file.count == WAV.headerBytes + 2 * max(samples.count, minFrames))
    precondition(Container(firstBytes: file)?.name == "WAV")
  }

  /// Whole frames: bits as they are, small steps, or full scale.
  private static func samples(_ feed: inout Feed, channels: Int) -> [Float] {
    let kind = feed.byte() % 3
    var samples: [Float] = []
    while !feed.isEmpty {
      switch kind {
      case 0: samples.append(Float(bitPattern: UInt32(truncatingIfNeeded: feed.short() << 16 | feed.short())))
      case 1: samples.append((Float(feed.short()) - 32_768) / 32_768)
      default: samples.append(feed.bool() ? 1 : -1)
      }
    }
    return Array(samples.prefix(samples.count / channels * channels))
  }
}

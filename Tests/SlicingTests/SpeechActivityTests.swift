import Testing

@testable import Slicing

@Suite struct SpeechActivityTests {
  static func listen(_ signal: Signal) -> [HeardHop] {
    var (meter, activity) = (BandMeter(), SpeechActivity())
    var hops: [HeardHop] = []
    signal.samples.withUnsafeBufferPointer { samples in
      var rest = samples
      while !rest.isEmpty {
        let (taken, power) = meter.measure(rest)
        rest = UnsafeBufferPointer(rebasing: rest[taken...])
        if let power, let hop = activity.hear(power) { hops.append(hop) }
      }
    }
    if let power = meter.finish(), let hop = activity.hear(power) { hops.append(hop) }
    while let hop = activity.finish() { hops.append(hop) }
    return hops
  }

  /// The longest run of hops that might be left out, in seconds.
  static func longestQuiet(_ hops: some Collection<HeardHop>) -> Double {
    var (run, longest) = (0, 0)
    for hop in hops {
      run = hop.isQuiet ? run + 1 : 0
      longest = max(longest, run)
    }
    return Double(longest) / 100
  }

  /// Something like a voice: a buzz at 120 Hz through a vowel's formants, in syllables.
  static func voice(seconds: Double) -> Signal {
    Signal(seconds: seconds) { time in
      let syllable = time.truncatingRemainder(dividingBy: 0.25)
      guard syllable < 0.18, time.truncatingRemainder(dividingBy: 3) < 2.6 else { return 0 }
      var sum = 0.0
      for harmonic in 1...25 {
        let hertz = 120.0 * Double(harmonic)
        let formants = 1 / (1 + square((hertz - 600) / 150)) + 0.4 / (1 + square((hertz - 1700) / 200))
        sum += formants * sine(hertz * time)
      }
      return sum * sine(syllable / 0.36)
    }
  }

  private static func square(_ value: Double) -> Double { value * value }
  private static func sine(_ turns: Double) -> Double {
    // Bhaskara's approximation is voice enough.
    let turn = turns - turns.rounded(.down)
    let (half, sign) = turn < 0.5 ? (turn * 2, 1.0) : (turn * 2 - 1, -1.0)
    let product = half * (1 - half)
    return sign * 16 * product / (5 - 4 * product)
  }

  @Test(arguments: [0, 1, 2, 159, 160, 161, 500, 80_000]) func `there is one judgement for each hop`(
    count: Int
  ) {
    let signal = Signal.noise(seconds: Double(count) / 16_000, dBFS: -30)
    #expect(Self.listen(signal).count == (count + 159) / 160)
  }

  @Test func `digital silence is quiet`() {
    let hops = Self.listen(Signal(seconds: 20) { _ in 0 })
    #expect(hops.allSatisfy { $0.isQuiet && !$0.isSpeech && $0.power == 0 })
  }

  @Test(arguments: [-45.0, -60, -75]) func `steady noise at the recording's floor is quiet`(level: Double) {
    let hops = Self.listen(.noise(seconds: 40, dBFS: level))
    #expect(Self.longestQuiet(hops) > 35)
    #expect(hops.dropFirst(300).allSatisfy { !$0.isSpeech })
  }

  @Test(arguments: [-20.0, -40, -60]) func `speech is heard at any level over a floor 30 dB below`(
    level: Double
  ) {
    let signal = Self.voice(seconds: 60).scaled(toRMS: level).mixed(
      with: .noise(seconds: 60, dBFS: level - 30)
    )
    let hops = Self.listen(signal)
    #expect(Self.longestQuiet(hops) < 1)
    #expect(hops.count { $0.isSpeech } > hops.count / 2)
  }

  @Test(arguments: [0.0, -5]) func `speech in steady noise is never quiet for long`(ratio: Double) {
    let noise = Signal.noise(seconds: 90, dBFS: -50)
    let signal = noise.mixed(with: Self.voice(seconds: 40).scaled(toRMS: -50 + ratio), at: 30)
    let hops = Self.listen(signal)
    #expect(Self.longestQuiet(hops[3000..<7000]) < 3)
    #expect(Self.longestQuiet(hops[..<3000]) > 20)
  }

  @Test(arguments: [0.0, -3]) func `speech that hardly stands out of noise is heard, and its pauses too`(
    ratio: Double
  ) {
    let voice = Self.voice(seconds: 60).scaled(toRMS: -40 + ratio)
    let hops = Self.listen(Signal.noise(seconds: 60, dBFS: -40).mixed(with: voice))
    // Each three seconds hold ten syllables and then a pause of 0.4 s.
    for second in stride(from: 9, to: 51, by: 3) {
      #expect(hops[(second * 100)..<(second * 100 + 250)].count { $0.isSpeech } > 180)
      #expect(hops[(second * 100 + 275)..<(second * 100 + 290)].allSatisfy { !$0.isSpeech })
    }
  }

  @Test(arguments: [300.0, 440, 1000, 3000]) func `a tone is neither quiet nor speech`(hertz: Double) {
    let tone = Signal(seconds: 60) { 0.01 * Self.sine(hertz * $0) }
    let hops = Self.listen(tone)
    #expect(Self.longestQuiet(hops) < 1)
    #expect(hops.count { $0.isSpeech } < 200)
  }

  @Test func `a tone that begins amid silence is not left out`() {
    let tone = Signal(seconds: 60) { $0 < 20 ? 0 : 0.003 * Self.sine(700 * $0) }
    #expect(Self.longestQuiet(Self.listen(tone)[2010...]) < 1)
  }

  @Test func `music is not left out`() {
    let music = Signal(seconds: 60) { time in
      let note = [220.0, 277.2, 329.6, 440][Int(time * 2) % 4]
      let fade = 1 - time.truncatingRemainder(dividingBy: 0.5)
      return 0.02 * fade * (Self.sine(note * time) + 0.5 * Self.sine(2 * note * time))
    }
    #expect(Self.longestQuiet(Self.listen(music.mixed(with: .noise(seconds: 60, dBFS: -70)))) < 1)
  }

  @Test func `a machine that starts in a quiet recording is not its floor`() {
    let signal = Signal.noise(seconds: 30, dBFS: -70) + .noise(seconds: 40, dBFS: -45, seed: 2)
    let hops = Self.listen(signal)
    #expect(Self.longestQuiet(hops[3000..<3300]) < 1)
    #expect(Self.longestQuiet(hops[3500...]) < 1)
  }

  @Test func `a DC offset is not sound`() {
    let hops = Self.listen(Signal(seconds: 30) { _ in 0.5 })
    #expect(hops.dropFirst(50).allSatisfy { $0.isQuiet && $0.power < 1e-9 })
  }

  @Test func `pauses between words are found in noise`() {
    let signal = Signal.noise(seconds: 60, dBFS: -45).mixed(with: Self.voice(seconds: 60).scaled(toRMS: -25))
    let hops = Self.listen(signal)
    // Each three seconds hold one pause of 0.4 s, from 2.6 s on.
    for second in stride(from: 9, to: 51, by: 3) {
      #expect(hops[(second * 100 + 275)..<(second * 100 + 290)].allSatisfy { !$0.isSpeech })
    }
  }
}

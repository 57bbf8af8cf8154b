import Glibc

/// What was heard in 10 ms.
struct HeardHop: Equatable {
  /// Mean square above 80 Hz.
  var power: Float
  /// Whether something that may be speech sounds here.
  var isSpeech: Bool
  /// Whether nothing sounds here but the recording's own noise: only such hops are ever left out.
  var isQuiet: Bool
}

/// Judges each 10 ms of a recording by its surroundings: from 15 s before to 5 s after, whatever is cut where.
/// So the judgement comes 5 s late, and is the same on every pass over the same recording.
///
/// Two questions have two answers. *Speech* (20 ms, 7 dB over the floor of the speech band, down to 4 dB where
/// talk hardly stands out of noise) finds pauses to cut in and the edges of phrases. *Quiet* errs the other way,
/// since a word left out is lost and a pause sent costs next to nothing: it means digital silence; or noise that
/// is steady, no louder than -40 dBFS, no louder than the quietest tenth of the recording so far, and in no band
/// 2.5 dB above its floor over 100 ms, where a voice 5 dB below broad noise would still be.
struct SpeechActivity {
  private static let behind = 15 * Hop.aSecond
  private static let ahead = 5 * Hop.aSecond
  /// Level is smoothed over 100 ms: 4 hops before to 5 after.
  private static let (smoothBehind, smoothAhead) = (4, 5)
  /// Speech needs 3 of 5 hops, and lasts from 30 ms before to 60 ms after them.
  private static let settleHops = 5
  private static let ringSize = 4096

  private enum Level {
    static let digitalSilence = power(-85)
    static let loudestNoise = power(-40)
    static let quietestSpeech = power(-80)
    static let highestEarlyFloor = power(-50)

    private static func power(_ decibels: Int) -> Float {
      var power: Float = 1
      for _ in 0..<(-decibels) { power *= 0.794_328_23 }
      return power
    }
  }

  private enum Times {
    static let speechBegins: ClosedRange<Float> = 2.5...5.0  // 4 to 7 dB
    /// Of what it began with: 3 dB below that, but never below presence.
    static let speechLasts: Float = 0.5
    static let presence: Float = 1.78  // 2.5 dB
    static let louderThanFloor: Float = 4.0  // 6 dB
  }

  /// Noise of the speech band's width varies by 17 % from hop to hop, a tone hardly at all.
  private static let steadiestNoise: Float = 0.1

  private var powers = [SIMD4<Float>](repeating: SIMD4(), count: ringSize)
  private var smoothed = [SIMD4<Float>](repeating: SIMD4(), count: ringSize)
  private var heard = 0
  private var smoothedCount = 0
  private var judged = 0
  private var given = 0
  private var soundFloor = Floor()
  private var speechFloor = Floor()
  private var voiceFloor = Floor()
  private var recordingFloor = Floor()
  /// Sound, speech, voice: the floors around the hop that is judged; the whole recording's is the last.
  private var floors = SIMD4<Float>()
  /// How much louder than the floor speech begins: a third of the way, in decibels, to the loudest around.
  private var speechBegins = Times.speechBegins.upperBound
  private var isSteady = false
  private var wasActive = false
  private var activeBits: UInt64 = 0
  private var speechBits: UInt64 = 0
  private var quietBits: UInt64 = 0

  /// How far the judgement is behind what was heard, in hops.
  static let delay = ahead + smoothAhead + settleHops

  /// Takes the next 10 ms and returns the judgement on those ``delay`` hops ago, once there are any.
  mutating func hear(_ power: HopPower) -> HeardHop? {
    powers[heard % Self.ringSize] = SIMD4(power.sound, power.speech, power.voice, 0)
    heard += 1
    if heard > Self.smoothAhead { smooth(upTo: heard) }
    guard smoothedCount > Self.ahead else { return nil }
    return judge()
  }

  /// After the last 10 ms: returns the judgements still to come, one a call, then nil.
  mutating func finish() -> HeardHop? {
    while smoothedCount < heard { smooth(upTo: heard) }
    while given < heard { if let hop = judge() { return hop } }
    return nil
  }

  private mutating func smooth(upTo end: Int) {
    let hop = smoothedCount
    let (first, last) = (max(0, hop - Self.smoothBehind), min(end, hop + Self.smoothAhead + 1))
    var sum = SIMD4<Float>()
    for index in first..<last { sum += powers[index % Self.ringSize] }
    let mean = sum / Float(last - first)
    smoothed[hop % Self.ringSize] = mean
    smoothedCount += 1
    soundFloor.add(mean[0])
    speechFloor.add(mean[1])
    voiceFloor.add(mean[2])
    recordingFloor.add(mean[0])
    let old = hop - Self.behind - Self.ahead
    guard old >= 0 else { return }
    let gone = smoothed[old % Self.ringSize]
    soundFloor.remove(gone[0])
    speechFloor.remove(gone[1])
    voiceFloor.remove(gone[2])
  }

  /// Judges one hop and gives out the one `settleHops` before it.
  private mutating func judge() -> HeardHop? {
    let hop = judged
    judged += 1
    if hop < heard {
      if hop % 10 == 0 { look(around: hop) }
      let (active, quiet) = verdict(hop)
      activeBits = activeBits << 1 | (active ? 1 : 0)
      quietBits = quietBits << 1 | (quiet ? 1 : 0)
    } else {
      activeBits <<= 1
      quietBits <<= 1
    }
    // The middle of the last five stands two hops back.
    speechBits = speechBits << 1 | ((activeBits & 0b11111).nonzeroBitCount >= 3 ? 1 : 0)
    guard hop >= Self.settleHops else { return nil }
    defer { given += 1 }
    // Bit 3 is the hop itself: three after it, six before.
    return HeardHop(
      power: powers[given % Self.ringSize][0],
      isSpeech: speechBits & 0b11_1111_1111 != 0,
      isQuiet: quietBits >> UInt64(Self.settleHops) & 1 == 1
    )
  }

  private mutating func look(around hop: Int) {
    floors = SIMD4(
      soundFloor.level(below: 0.05),
      speechFloor.level(below: 0.05),
      voiceFloor.level(below: 0.05),
      recordingFloor.level(below: 0.1)
    )
    // In a few seconds there may have been no pause yet to know the floor by.
    if speechFloor.count < 3 * Hop.aSecond { floors[1] = min(floors[1], Level.highestEarlyFloor) }
    let reach = floors[1] > 0 ? cbrt(speechFloor.level(below: 0.95) / floors[1]) : .infinity
    speechBegins = min(max(reach, Times.speechBegins.lowerBound), Times.speechBegins.upperBound)
    let (first, last) = (max(0, hop - Hop.aSecond / 2), min(heard, hop + Hop.aSecond / 2))
    var (sum, squares): (Float, Float) = (0, 0)
    for index in first..<last {
      let power = powers[index % Self.ringSize][1]
      sum += power
      squares += power * power
    }
    let mean = sum / Float(last - first)
    let variance = squares / Float(last - first) - mean * mean
    isSteady = mean > 0 && variance < mean * mean * Self.steadiestNoise * Self.steadiestNoise
  }

  private mutating func verdict(_ hop: Int) -> (active: Bool, quiet: Bool) {
    let smooth = smoothed[hop % Self.ringSize]
    let now = powers[hop % Self.ringSize][1]
    let before = hop > 0 ? powers[(hop - 1) % Self.ringSize][1] : now
    let speech = (now + before) / 2
    let lasts = max(speechBegins * Times.speechLasts, Times.presence)
    let threshold = floors[1] * (wasActive ? lasts : speechBegins)
    wasActive = !isSteady && speech > max(threshold, Level.quietestSpeech)

    if smooth[0] < Level.digitalSilence { return (wasActive, true) }
    let quiet =
      !isSteady && smooth[0] < Level.loudestNoise
      && smooth[0] < floors[3] * Times.louderThanFloor
      && smooth[0] < floors[0] * Times.louderThanFloor
      && smooth[1] < floors[1] * Times.presence
      && smooth[2] < floors[2] * Times.presence
    return (wasActive, quiet)
  }
}

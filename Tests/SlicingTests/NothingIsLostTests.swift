import Glibc
import Messages
import Testing

/// What may be left out and what not: real speech, in real files, at real levels.
@Suite struct NothingIsLostTests {
  /// Twenty seconds of somebody who reads, where `DROPSCRIBE_SPEECH` names a folder with recordings; else about as
  /// much of a synthetic voice.
  static func speech(_ folder: borrowing Folder) throws -> Signal {
    if let place = getenv("DROPSCRIBE_SPEECH") {
      var speech = try Signal(file: String(cString: place) + "/two_cities.wav", folder)
      speech.samples = Array(speech.samples.prefix(20 * speech.rate))
      return speech
    }
    let text = RecordingTests.dickens + " " + RecordingTests.dickens
    try Shell.make("espeak-ng", ["-s", "150", "-w", folder.file("speech.wav"), text])
    return try Signal(file: folder.file("speech.wav"), folder)
  }

  /// `signal` with so much of what `sox synth` makes of `kind` on both sides and under it, at a level in dBFS RMS.
  static func amid(
    _ kind: String,
    _ dBFS: Double,
    seconds: Double,
    _ signal: Signal,
    _ folder: borrowing Folder
  ) throws -> Signal {
    let length = signal.seconds + 2 * seconds
    try Shell.make(
      "sox",
      [
        "-R", "-n", "-r", "16000", "-b", "16", folder.file("noise.wav"), "synth", "\(length)", kind, "vol",
        "0.3",
      ]
    )
    return try Signal(file: folder.file("noise.wav"), folder).scaled(toRMS: dBFS).mixed(
      with: signal,
      at: seconds
    )
  }

  /// Expects that nothing that is loud in `speech`, which begins at `start` seconds, lies in a silence.
  static func expectNothingLost(
    _ sliced: Sliced,
    of speech: Signal,
    at start: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let blocks = stride(from: 0, to: speech.samples.count - 320, by: 320).map { first in
      speech.samples[first..<first + 320].reduce(Float(0)) { $0 + $1 * $1 } / 320
    }
    let mean = blocks.reduce(0, +) / Float(blocks.count)
    for (index, power) in blocks.enumerated() where power > mean / 30 {
      let place = Int64(start * 16_000) + Int64(index * 320)
      let isLost = sliced.silences.contains { $0.start < place + 320 && place < $0.end }
      #expect(!isLost, "speech \(Double(index) / 50) s in is lost", sourceLocation: sourceLocation)
      if isLost { return }
    }
    sliced.expectCoverage(sourceLocation: sourceLocation)
  }

  @Test(arguments: [-20.0, -40, -60, -66])
  func `speech is sent however low it is recorded, and the silence around it is not`(level: Double) throws {
    let folder = try Folder()
    let speech = try Self.speech(folder).scaled(toRMS: level)
    let silence = Signal(seconds: 20) { _ in 0 }
    try Shell.write((silence + speech + silence).wav, to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav")) { $0.skipSilenceSeconds = 2 }
    Self.expectNothingLost(sliced, of: speech, at: 20)
    #expect(sliced.silences.count >= 2)
    #expect(sliced.clips.reduce(0) { $0 + $1.range.seconds } < speech.seconds + 3)
    // Where a voice is known to be, an empty reply is no transcript.
    let heard = sliced.clips.flatMap(\.speech).reduce(0) { $0 + $1.seconds }
    #expect(heard > speech.seconds / 2)
  }

  static let noises: [(kind: String, ratio: Double, level: Double)] = [
    ("whitenoise", 5, -45), ("whitenoise", 0, -45), ("whitenoise", 0, -65), ("pinknoise", 5, -65),
    ("pinknoise", 0, -45), ("brownnoise", 5, -45), ("brownnoise", 0, -65),
  ]

  @Test(arguments: noises.indices) func `speech in steady noise is sent`(index: Int) throws {
    let folder = try Folder()
    let (kind, ratio, level) = Self.noises[index]
    let speech = try Self.speech(folder).scaled(toRMS: level + ratio)
    let signal = try Self.amid(kind, level, seconds: 12, speech, folder)
    try Shell.write(signal.wav, to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav")) { $0.skipSilenceSeconds = 2 }
    Self.expectNothingLost(sliced, of: speech, at: 12)
  }

  @Test(arguments: [
    ["synth", "40", "sine", "440", "vol", "0.01"], ["synth", "40", "sine", "3000", "vol", "0.001"],
    ["synth", "1", "pluck", "C3", "repeat", "39", "vol", "0.05"],
    ["synth", "40", "square", "100", "vol", "0.003"],
    ["synth", "40", "pinknoise", "tremolo", "0.5", "vol", "0.01"],
  ]) func `tones, music and noise that moves are sent unless only speech is asked for`(sound: [String]) throws
  {
    let folder = try Folder()
    try Shell.make("sox", ["-R", "-n", "-r", "16000", "-b", "16", folder.file("a.wav")] + sound)
    let sliced = try Sliced(folder.file("a.wav"))
    #expect(sliced.silences.isEmpty)
    sliced.expectCoverage()
  }

  @Test func `a tone is left out when only speech is asked for, and the voice after it is not`() throws {
    let folder = try Folder()
    let speech = try Self.speech(folder).scaled(toRMS: -30)
    let tone = Signal(seconds: 30) { 0.05 * sin(2 * .pi * 440 * $0) }
    try Shell.write((tone + speech + tone).wav, to: folder.file("a.wav"))
    let all = try Sliced(folder.file("a.wav"))
    #expect(all.silences.isEmpty)
    let sliced = try Sliced(folder.file("a.wav")) { $0.skip = .nonspeech }
    Self.expectNothingLost(sliced, of: speech, at: 30)
    #expect(sliced.silences.count == 2)
    #expect(sliced.silences.reduce(0) { $0 + $1.seconds } > 55)
  }

  @Test(
    arguments: [
      ("digital silence", 3.0, nil, 0), ("digital silence", 60, nil, 0), ("a minute of noise", 60, -50, 0),
      ("a short one", 3, -50, 1), ("a short one that is as good as silent", 3, -85, 0),
    ] as [(String, Double, Double?, Int)]
  )
  func `a recording in which nothing sounds has no clips`(
    name: String,
    seconds: Double,
    level: Double?,
    clips: Int
  ) throws {
    let folder = try Folder()
    let signal =
      level.map { Signal.noise(seconds: seconds, dBFS: $0) } ?? Signal(seconds: seconds) { _ in 0 }
    try Shell.write(signal.wav, to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav"))
    #expect(sliced.clips.count == clips)
    #expect(sliced.end.verdict == .whole)
    sliced.expectCoverage()
    let everything = try Sliced(folder.file("a.wav")) { $0.skip = .nothing }
    #expect(everything.silences.isEmpty && !everything.clips.isEmpty)
  }

  @Test func `clips that overlap hold the same samples there`() throws {
    let folder = try Folder()
    try Shell.write(Self.speech(folder).wav, to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav")) { request in
      request.maxSeconds = 5
      request.overlapSeconds = 1.5
    }
    #expect(sliced.clips.count > 4)
    for (left, right) in zip(sliced.clips, sliced.clips.dropFirst()) {
      #expect(left.range.end - right.range.start == 24_000)
      #expect(left.samples.suffix(24_000) == right.samples.prefix(24_000))
      #expect(left.range.seconds <= 5)
    }
    #expect(sliced.clips.last?.range.end == sliced.end.length)
    for count in [1, sliced.clips.count / 2, sliced.clips.count - 1] {
      let resumed = try Sliced(folder.file("a.wav")) { request in
        request.maxSeconds = 5
        request.overlapSeconds = 1.5
        request.pinned = sliced.clips.prefix(count).map { .init(range: $0.range, wanted: false) }
      }
      #expect(resumed.clips == Array(sliced.clips.dropFirst(count)))
    }
  }
}

extension Signal {
  /// The sound in a file, as 16 kHz mono.
  init(file: String, _ folder: borrowing Folder) throws {
    let raw = folder.file("signal.raw")
    try Shell.make(
      "sox",
      ["-R", file, "-t", "raw", "-e", "signed", "-b", "16", "-r", "16000", "-c", "1", raw]
    )
    self.init(seconds: 0) { _ in 0 }
    let bytes = Shell.read(raw)
    samples = bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 2).map {
        Float(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) / 32_768
      }
    }
  }
}

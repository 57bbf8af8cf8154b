import Glibc
import Messages
import Testing

/// The built program on real files, as the daemon runs it.
@Suite struct RecordingTests {
  /// Expects that each clip carries the sound of the time that it says it lies at.
  static func expectClock(
    _ sliced: Sliced,
    seconds: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    sliced.expectCoverage(sourceLocation: sourceLocation)
    #expect(sliced.silences.isEmpty, sourceLocation: sourceLocation)
    #expect(abs(Double(sliced.end.length) / 16_000 - seconds) < 0.15, sourceLocation: sourceLocation)
    for clip in sliced.clips {
      let samples = clip.samples
      guard samples.count == Int(clip.range.frames) else { continue }
      for second in Int(clip.range.startSeconds.rounded(.up))..<Int(clip.range.endSeconds)
      where second + 1 < Int(seconds) {
        // The middle of the second: coders smear its edges.
        let start = second * 16_000 - Int(clip.range.start) + 2400
        let part = Signal.part(at: Signal.pitch(second), of: samples[start..<start + 11_200])
        #expect(part > 0.8, "second \(second) in clip \(clip.index)", sourceLocation: sourceLocation)
      }
    }
  }

  static let soundFiles: [(name: String, arguments: [String])] = [
    ("a.wav", []), ("b.wav", ["-c:a", "pcm_s24le"]), ("c.wav", ["-c:a", "pcm_f32le"]),
    ("d.wav", ["-c:a", "pcm_mulaw"]), ("e.wav", ["-c:a", "adpcm_ima_wav"]), ("f.wav", ["-c:a", "adpcm_ms"]),
    ("g.wav", ["-rf64", "always"]), ("h.w64", []), ("i.aiff", []), ("j.au", []), ("k.caf", []),
    ("l.flac", []),
    ("m.ogg", ["-c:a", "libvorbis"]), ("n.opus", ["-c:a", "libopus"]), ("o.mp3", ["-b:a", "128k"]),
    ("p.mp3", ["-q:a", "4"]), ("q.mp3", ["-q:a", "4", "-write_xing", "0", "-id3v2_version", "0"]),
    ("s.mp2", ["-b:a", "192k"]),
    ("u.wav", ["-c:a", "pcm_u8"]), ("v.wav", ["-ar", "8000", "-c:a", "pcm_alaw"]),
    ("w.flac", ["-ac", "6", "-ar", "96000"]),
  ]

  @Test(arguments: soundFiles.indices)
  func `every kind that libsndfile reads is covered completely, in order, nothing twice`(index: Int) throws {
    let folder = try Folder()
    let (name, arguments) = Self.soundFiles[index]
    try Shell.write(Signal.clock(rate: 44_100, seconds: 47.3).wav, to: folder.file("clock.wav"))
    try Shell.make(
      "ffmpeg",
      ["-loglevel", "error", "-i", folder.file("clock.wav")] + arguments + [folder.file(name)]
    )
    let sliced = try Sliced(folder.file(name)) { $0.maxSeconds = 10 }
    #expect(sliced.end.verdict == .whole, "\(name): \(sliced.end.reason)")
    #expect(sliced.clips.count >= 5)
    Self.expectClock(sliced, seconds: 47.3)
  }

  static let foreignFiles: [(name: String, arguments: [String], container: String)] = [
    ("a.m4a", [], "M4A"), ("b.m4a", ["-movflags", "+faststart"], "M4A"), ("c.mp4", ["-c:a", "aac"], "MP4"),
    ("d.mov", ["-c:a", "pcm_s16le"], "QuickTime"), ("e.mkv", ["-c:a", "aac"], "Matroska"),
    ("f.webm", ["-c:a", "libopus"], "WebM"), ("g.aac", [], "AAC"), ("h.wma", [], "WMA"),
    ("i.ts", ["-c:a", "aac"], "MPEG-TS"),
    ("j.avi", ["-c:a", "pcm_s16le"], "AVI"), ("k.wv", [], "WavPack"), ("m.caf", ["-c:a", "alac"], "CAF"),
    ("n.oga", ["-c:a", "flac"], "Ogg FLAC"), ("l.tta", [], "TTA"),
  ]

  @Test(.enabled(if: Sliced.ffmpeg != nil), arguments: foreignFiles.indices)
  func `what libsndfile does not read comes through ffmpeg`(index: Int) throws {
    let folder = try Folder()
    let (name, arguments, container) = Self.foreignFiles[index]
    try Shell.write(Signal.clock(rate: 44_100, seconds: 31.2).wav, to: folder.file("clock.wav"))
    try Shell.make(
      "ffmpeg",
      ["-loglevel", "error", "-i", folder.file("clock.wav")] + arguments + [folder.file(name)]
    )
    let sliced = try Sliced(folder.file(name)) { $0.maxSeconds = 10 }
    #expect(sliced.end.verdict == .whole, "\(sliced.end.reason)")
    #expect(sliced.format?.name == container)
    #expect(sliced.format?.declaredFrames == nil)
    Self.expectClock(sliced, seconds: 31.2)
  }

  @Test func `without ffmpeg an M4A says what to install`() throws {
    let folder = try Folder()
    try Shell.write([0, 0, 0, 28] + Array("ftypM4A isom".utf8), to: folder.file("a.m4a"))
    for path in [nil, "/nowhere/ffmpeg"] {
      let sliced = try Sliced(folder.file("a.m4a")) { $0.ffmpeg = path }
      #expect(sliced.end.verdict == .decoderMissing)
      #expect(sliced.end.reason.contains("install ffmpeg"))
      #expect(sliced.clips.isEmpty && sliced.format == nil)
    }
  }

  @Test func `an ffmpeg that is no program is a missing one`() throws {
    let folder = try Folder()
    try Shell.write([0, 0, 0, 28] + Array("ftypM4A isom".utf8), to: folder.file("a.m4a"))
    try Shell.write(Array("not a program".utf8), to: folder.file("ffmpeg"))
    try Shell.make("chmod", ["+x", folder.file("ffmpeg")])
    let sliced = try Sliced(folder.file("a.m4a")) { $0.ffmpeg = folder.file("ffmpeg") }
    #expect(sliced.end.verdict == .decoderMissing)
  }

  @Test func `the same recording and request give the same bytes`() throws {
    let folder = try Folder()
    try Shell.make("espeak-ng", ["-w", folder.file("a.wav"), String(repeating: Self.dickens, count: 4)])
    try Shell.make("sox", [folder.file("a.wav"), "-r", "44100", "-c", "2", folder.file("b.flac")])
    let first = try Sliced(folder.file("b.flac")) { $0.maxSeconds = 12 }
    let second = try Sliced(folder.file("b.flac")) { $0.maxSeconds = 12 }
    #expect(first.clips == second.clips)
    #expect(first.clips.count > 2)
  }

  static let dickens = """
    It was the best of times, it was the worst of times. It was the age of wisdom, it was the age of foolishness. \
    It was the epoch of belief, it was the epoch of incredulity. It was the season of light.
    """

  @Test func `a resumed recording is cut as if it had never stopped`() throws {
    let folder = try Folder()
    try Shell.make("espeak-ng", ["-w", folder.file("a.wav"), String(repeating: Self.dickens, count: 4)])
    try Shell.make(
      "sox",
      [folder.file("a.wav"), folder.file("b.wav"), "pad", "14@5", "12@20", "13", "rate", "22050"]
    )
    let whole = try Sliced(folder.file("b.wav")) { $0.maxSeconds = 8 }
    #expect(whole.silences.count >= 3)
    for count in 0...whole.clips.count {
      let resumed = try Sliced(folder.file("b.wav")) { request in
        request.maxSeconds = 8
        request.pinned = whole.clips.prefix(count).map { .init(range: $0.range, wanted: $0.index % 2 == 1) }
      }
      #expect(resumed.clips == whole.clips.filter { $0.index >= count || $0.index % 2 == 1 })
      #expect(resumed.silences == whole.silences)
      #expect(resumed.end == whole.end)
    }
  }

  @Test func `cuts that stand are followed even where planning would not make them`() throws {
    let folder = try Folder()
    try Shell.write(Signal.clock(rate: 16_000, seconds: 20).wav, to: folder.file("a.wav"))
    let ranges = [(1000, 17_003), (17_003, 40_000), (90_001, 91_234)].map { ClipRange(start: $0, end: $1) }
    let sliced = try Sliced(folder.file("a.wav")) { request in
      request.pinned = ranges.map { .init(range: $0, wanted: true) }
    }
    #expect(sliced.clips.prefix(3).map(\.range) == ranges)
    sliced.expectCoverage()
  }

  @Test func `as MP3 the same clips come, in a fifth of the bytes`() throws {
    let folder = try Folder()
    try Shell.write(Signal.clock(rate: 44_100, seconds: 47.3).wav, to: folder.file("a.wav"))
    let plain = try Sliced(folder.file("a.wav")) { $0.maxSeconds = 10 }
    let small = try Sliced(folder.file("a.wav")) { ($0.maxSeconds, $0.encoding) = (10, .mp3) }
    #expect(small.end == plain.end && small.silences == plain.silences)
    #expect(small.clips.map(\.range) == plain.clips.map(\.range))
    for clip in small.clips {
      #expect(Double(clip.audio.count) < 0.2 * Double(2 * clip.range.frames) + 1000)
      let heard = try MP3Tests.heard(clip.audio).dropFirst(MP3Tests.delay).prefix(Int(clip.range.frames))
      for second in Int(clip.range.startSeconds.rounded(.up))..<Int(clip.range.endSeconds) {
        let start = heard.startIndex + second * 16_000 - Int(clip.range.start) + 2400
        #expect(Signal.part(at: Signal.pitch(second), of: heard[start..<start + 11_200]) > 0.95)
      }
    }
  }

  @Test func `speech lies where it was spoken, and long silence is left out`() throws {
    let folder = try Folder()
    try Shell.make("flite", ["-t", "hello how are you today my friend", "-o", folder.file("a.wav")])
    try Shell.make("sox", [folder.file("a.wav"), "-r", "48000", folder.file("b.wav"), "pad", "20", "25"])
    let sliced = try Sliced(folder.file("b.wav"))
    sliced.expectCoverage()
    #expect(sliced.clips.count == 1)
    #expect(sliced.silences.count == 2)
    let clip = try #require(sliced.clips.first)
    #expect((18.8...19.3).contains(clip.range.startSeconds))
    let speech = try #require(clip.speech.first)
    #expect((19.95...20.4).contains(speech.startSeconds))
    #expect(clip.joint == .end)
  }

  @Test func `a word is padded with silence to the shortest clip`() throws {
    let folder = try Folder()
    try Shell.make("flite", ["-t", "yes", "-o", folder.file("a.wav")])
    let clip = try #require(try Sliced(folder.file("a.wav")) { $0.minSeconds = 3 }.clips.first)
    #expect(clip.samples.count == 48_000)
    #expect(clip.range.seconds < 1.5)
    #expect(!clip.speech.isEmpty)
  }

  @Test func `the level is that of the sound above 80 Hz`() throws {
    let folder = try Folder()
    let tone = Signal(rate: 48_000, seconds: 5) { 0.5 + 0.1 * sin(2 * .pi * 1000 * $0) }
    try Shell.write(tone.wav, to: folder.file("a.wav"))
    let clip = try #require(try Sliced(folder.file("a.wav")).clips.first)
    #expect(abs(clip.levelDBFS - -23) < 0.7)
  }

  @Test func `opposite channels do not cancel each other out`() throws {
    let folder = try Folder()
    let left = Signal.clock(rate: 44_100, seconds: 12)
    var right = left
    right.samples = left.samples.map { -$0 }
    try Shell.write(Signal.floatWAV([left, right]), to: folder.file("a.wav"))
    Self.expectClock(try Sliced(folder.file("a.wav")), seconds: 12)
  }
}

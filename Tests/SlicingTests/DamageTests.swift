import Glibc
import Messages
import Testing

/// Recordings that are broken, cut short or lie, and files that are none.
@Suite struct DamageTests {
  static func clock(_ folder: borrowing Folder, _ name: String, _ arguments: [String] = []) throws -> [UInt8]
  {
    let path = folder.file("clock.wav")
    try Shell.write(Signal.clock(rate: 44_100, seconds: 30).wav, to: path)
    guard name != "clock.wav" else { return Shell.read(path) }
    try Shell.make("ffmpeg", ["-loglevel", "error", "-y", "-i", path] + arguments + [folder.file(name)])
    return Shell.read(folder.file(name))
  }

  @Test(arguments: ["clock.wav", "a.flac", "a.aiff", "a.w64"])
  func `a recording that was cut off is damaged, and what is there is sliced`(name: String) throws {
    let folder = try Folder()
    let bytes = try Self.clock(folder, name)
    try Shell.write(Array(bytes.prefix(bytes.count / 2)), to: folder.file("cut"))
    let sliced = try Sliced(folder.file("cut"))
    #expect(sliced.end.verdict == .damaged)
    #expect(!sliced.end.reason.isEmpty)
    #expect((12...18).contains(Double(sliced.end.length) / 16_000))
    #expect(abs(Double(sliced.format?.declaredFrames ?? 0) / 44_100 - 30) < 0.1)
    sliced.expectCoverage()
  }

  @Test(.enabled(if: Sliced.ffmpeg != nil)) func `an M4A that was cut off is damaged`() throws {
    let folder = try Folder()
    let bytes = try Self.clock(folder, "a.m4a", ["-movflags", "+faststart"])
    try Shell.write(Array(bytes.prefix(bytes.count * 2 / 3)), to: folder.file("cut"))
    let sliced = try Sliced(folder.file("cut"))
    #expect(sliced.end.verdict == .damaged, "\(sliced.end.reason)")
    #expect((10...25).contains(Double(sliced.end.length) / 16_000))
  }

  @Test(.enabled(if: Sliced.ffmpeg != nil)) func `an M4A without its index cannot be read`() throws {
    let folder = try Folder()
    let bytes = try Self.clock(folder, "a.m4a")
    try Shell.write(Array(bytes.prefix(bytes.count / 2)), to: folder.file("cut"))
    let sliced = try Sliced(folder.file("cut"))
    #expect(sliced.end.verdict == .unreadable)
    #expect(sliced.end.reason.contains("M4A"))
  }

  @Test func `an MP3 that was cut off gives what is there`() throws {
    let folder = try Folder()
    let bytes = try Self.clock(folder, "a.mp3")
    try Shell.write(Array(bytes.prefix(bytes.count / 2)), to: folder.file("cut"))
    let sliced = try Sliced(folder.file("cut"))
    #expect(sliced.end.verdict == .damaged, "its Xing header declares more")
    #expect((14...16).contains(Double(sliced.end.length) / 16_000))
  }

  @Test func `a recorder that crashed before it wrote the length loses nothing`() throws {
    let folder = try Folder()
    var bytes = try Self.clock(folder, "clock.wav")
    for place in 4..<8 { bytes[place] = 0 }
    for place in 40..<44 { bytes[place] = 0 }
    try Shell.write(bytes, to: folder.file("crashed.wav"))
    let sliced = try Sliced(folder.file("crashed.wav"))
    #expect(sliced.end.verdict == .damaged)
    #expect(sliced.end.framesRead == 30 * 44_100)
    #expect(sliced.format?.declaredFrames == 0)
    RecordingTests.expectClock(sliced, seconds: 30)
  }

  @Test func `a stream's open length is no damage`() throws {
    let folder = try Folder()
    var bytes = try Self.clock(folder, "clock.wav")
    for place in [4, 5, 6, 7, 40, 41, 42, 43] { bytes[place] = 0xFF }
    try Shell.write(bytes, to: folder.file("stream.wav"))
    let sliced = try Sliced(folder.file("stream.wav"))
    #expect(sliced.end.framesRead == 30 * 44_100)
    #expect(sliced.end.verdict == .whole, "\(sliced.end.reason)")
  }

  @Test func `samples that are no numbers are silence, and counted`() throws {
    let folder = try Folder()
    var clock = Signal.clock(rate: 44_100, seconds: 20)
    for place in [1000, 300_000, 300_001, 500_000] {
      clock.samples[place] = place % 2 == 0 ? .nan : .infinity
    }
    try Shell.write(Signal.floatWAV([clock]), to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav"))
    #expect(sliced.end.verdict == .damaged)
    #expect(sliced.end.reason.contains("4 of its samples"))
    RecordingTests.expectClock(sliced, seconds: 20)
  }

  @Test(arguments: [
    (0x7FFF_FFFF, 1), (0, 1), (999, 1), (44_100, 1024), (44_100, 65), (44_100, 0), (800_000, 2),
  ])
  func `an absurd rate or number of channels cannot be read`(rate: Int, channels: Int) throws {
    let folder = try Folder()
    let header = Signal.header(format: 1, channels: channels, rate: rate, bits: 16, dataBytes: 131_072)
    try Shell.write(header + [UInt8](repeating: 1, count: 131_072), to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav"))
    #expect(sliced.end.verdict == .unreadable)
    #expect(!sliced.end.reason.isEmpty)
    #expect(sliced.clips.isEmpty)
  }

  @Test func `decoding stops at the limit, and names it`() throws {
    let folder = try Folder()
    _ = try Self.clock(folder, "a.flac")
    let sliced = try Sliced(folder.file("a.flac")) { $0.longestSeconds = 12.5 }
    #expect(sliced.end.verdict == .limit)
    #expect(sliced.end.reason.contains("12.5 s"))
    #expect(sliced.end.length == 200_000)
    sliced.expectCoverage()
  }

  @Test func `a recording exactly as long as the limit is whole`() throws {
    let folder = try Folder()
    _ = try Self.clock(folder, "a.flac")
    #expect(try Sliced(folder.file("a.flac")) { $0.longestSeconds = 30 }.end.verdict == .whole)
  }

  @Test(arguments: [
    "", "RIFF", "text that is no recording at all", "RIFF\u{1}\u{1}\u{1}\u{1}WAVE", "fLaC", "OggS", "caff",
    ".snd", "ID3\u{4}",
  ])
  func `a file that holds no recording cannot be read, and a reason is given`(text: String) throws {
    let folder = try Folder()
    try Shell.write(Array(text.utf8), to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav"))
    #expect(sliced.end.verdict == .unreadable)
    #expect(!sliced.end.reason.isEmpty)
  }

  @Test func `a WAV without a sample holds no audio`() throws {
    let folder = try Folder()
    try Shell.write(Signal(seconds: 0) { _ in 0 }.wav, to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav"))
    #expect(sliced.end.verdict == .unreadable)
    #expect(sliced.end.reason.contains("no audio"))
  }

  @Test(arguments: [2, 96_000, 0x7FFF_FFEE]) func `a WAV whose audio is missing altogether holds none`(
    bytes: Int
  )
    throws
  {
    let folder = try Folder()
    let header = Signal.header(format: 1, channels: 1, rate: 16_000, bits: 16, dataBytes: bytes)
    try Shell.write(header, to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav"))
    #expect(sliced.end.verdict == .unreadable)
    #expect(sliced.end.reason.contains("no audio"))
    #expect(sliced.format?.declaredFrames == nil)
  }

  @Test func `a folder is no recording`() throws {
    #expect(try Sliced("/tmp").end.verdict == .unreadable)
  }

  @Test(arguments: ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.caf", "a.aiff", "a.opus", "a.m4a"])
  func `random damage never brings the program down without a word`(name: String) throws {
    let folder = try Folder()
    let bytes = try Self.clock(folder, name)
    for seed in 0..<12 {
      var dice = Dice(seed: UInt64(seed))
      var damaged = bytes
      for _ in 0..<40 {
        let place = Int.random(in: seed % 2 == 0 ? 0..<min(4096, bytes.count) : bytes.indices, using: &dice)
        damaged[place] = .random(in: 0...255, using: &dice)
      }
      try Shell.write(damaged, to: folder.file("damaged"))
      let sliced = try Sliced(folder.file("damaged")) { $0.longestSeconds = 600 }
      #expect(sliced.end.verdict == .whole || !sliced.end.reason.isEmpty)
      if sliced.end.length > 0 { sliced.expectCoverage() }
    }
  }
}

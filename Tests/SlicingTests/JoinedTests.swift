import Messages
import Testing

/// Files that somebody joined end to end, and files of pages and frames some of which are damaged.
@Suite struct JoinedTests {
  /// A recording of the clock's seconds from `first` on, made by ffmpeg.
  static func clock(
    _ folder: borrowing Folder,
    _ name: String,
    seconds: Double,
    from first: Int = 0,
    _ arguments: [String] = []
  ) throws -> [UInt8] {
    let (source, target) = (folder.file("source.wav"), folder.file(name))
    try Shell.write(Signal.clock(rate: 44_100, seconds: seconds, from: first).wav, to: source)
    try Shell.make("ffmpeg", ["-loglevel", "error", "-y", "-i", source] + arguments + [target])
    return Shell.read(target)
  }

  static let kinds: [(name: String, arguments: [String])] = [
    ("a.mp3", ["-b:a", "128k"]), ("b.mp3", ["-q:a", "4", "-metadata", "title=Talk"]),
    ("c.mp3", ["-q:a", "4", "-write_xing", "0", "-id3v2_version", "0"]),
    ("d.mp3", ["-b:a", "64k", "-id3v2_version", "0", "-write_id3v1", "1"]), ("e.mp2", ["-b:a", "192k"]),
    ("f.opus", []), ("g.ogg", ["-c:a", "libvorbis"]), ("h.flac", []), ("i.wav", []), ("j.aiff", []),
    ("k.au", []), ("l.caf", []), ("m.w64", []), ("n.wav", ["-rf64", "always"]),
    ("o.wav", ["-c:a", "adpcm_ima_wav"]),
  ]

  @Test(arguments: kinds.indices) func `what is joined is read to the end of the last`(index: Int) throws {
    let folder = try Folder()
    let (name, arguments) = Self.kinds[index]
    var bytes: [UInt8] = []
    for part in 0..<3 { bytes += try Self.clock(folder, name, seconds: 6, from: 6 * part, arguments) }
    try Shell.write(bytes, to: folder.file("joined"))
    let sliced = try Sliced(folder.file("joined"))
    #expect(sliced.end.verdict == .whole, "\(name): \(sliced.end.reason)")
    RecordingTests.expectClock(sliced, seconds: 18)
  }

  @Test(
    arguments: [
      (["-ar", "22050"], ["-ac", "2"]), (["-ar", "48000"], ["-ar", "16000"]),
      (["-ac", "2"], ["-ar", "8000"]),
    ],
    ["a.mp3", "a.ogg", "a.flac", "a.wav"]
  )
  func `what is joined may differ in rate and channels`(arguments: ([String], [String]), name: String) throws
  {
    let folder = try Folder()
    let first = try Self.clock(folder, name, seconds: 7, arguments.0)
    let bytes = first + (try Self.clock(folder, name, seconds: 8, from: 7, arguments.1))
    try Shell.write(bytes, to: folder.file("joined"))
    let sliced = try Sliced(folder.file("joined"))
    #expect(sliced.end.verdict == .whole, "\(sliced.end.reason)")
    RecordingTests.expectClock(sliced, seconds: 15)
  }

  @Test func `joined kinds of Ogg are read both`() throws {
    let folder = try Folder()
    let first = try Self.clock(folder, "a.opus", seconds: 7)
    let bytes = first + (try Self.clock(folder, "b.ogg", seconds: 8, from: 7, ["-c:a", "libvorbis"]))
    try Shell.write(bytes, to: folder.file("joined"))
    RecordingTests.expectClock(try Sliced(folder.file("joined")), seconds: 15)
  }

  @Test func `the limit counts all that is joined`() throws {
    let folder = try Folder()
    let bytes = try Self.clock(folder, "a.mp3", seconds: 6)
    try Shell.write(bytes + bytes + bytes, to: folder.file("joined"))
    let sliced = try Sliced(folder.file("joined")) { $0.longestSeconds = 15 }
    #expect(sliced.end.verdict == .limit)
    #expect(sliced.end.length == 15 * 16_000)
  }

  @Test func `a part that cannot be read is named, and the next one is read`() throws {
    let folder = try Folder()
    let good = try Self.clock(folder, "a.ogg", seconds: 6, ["-c:a", "libvorbis"])
    let speex = try Self.clock(folder, "b.ogg", seconds: 6, ["-c:a", "libspeex", "-ar", "16000"])
    try Shell.write(good + speex + good, to: folder.file("joined"))
    let sliced = try Sliced(folder.file("joined"))
    #expect(sliced.end.verdict == .damaged)
    #expect(sliced.end.reason.contains("what follows after 6 s"))
    #expect(abs(Double(sliced.end.length) / 16_000 - 12) < 0.1)
  }

  @Test(arguments: ["a.opus", "a.ogg"]) func `an Ogg that was cut off is damaged`(name: String) throws {
    let folder = try Folder()
    let arguments = name == "a.ogg" ? ["-c:a", "libvorbis"] : []
    let bytes = try Self.clock(folder, name, seconds: 20, arguments)
    try Shell.write(Array(bytes.prefix(bytes.count * 6 / 10)), to: folder.file("cut"))
    let sliced = try Sliced(folder.file("cut"))
    #expect(sliced.end.verdict == .damaged)
    #expect(sliced.end.reason.contains("its end is missing"))
    #expect((8...13).contains(Double(sliced.end.length) / 16_000))
    sliced.expectCoverage()
  }

  @Test func `an Ogg cut between two pages is damaged, too`() throws {
    let folder = try Folder()
    let bytes = try Self.clock(folder, "a.opus", seconds: 20)
    let pages = bytes.indices.filter { bytes[$0...].starts(with: "OggS".utf8) }
    let last = try #require(pages.last)
    try Shell.write(Array(bytes[..<last]), to: folder.file("cut"))
    let sliced = try Sliced(folder.file("cut"))
    #expect(sliced.end.verdict == .damaged)
    #expect((18...20).contains(Double(sliced.end.length) / 16_000))
  }

  @Test(arguments: ["a.opus", "a.ogg", "a.mp3"]) func `a damaged stretch costs no more than itself`(
    name: String
  ) throws {
    let folder = try Folder()
    let arguments = name == "a.ogg" ? ["-c:a", "libvorbis"] : name == "a.mp3" ? ["-b:a", "128k"] : []
    var bytes = try Self.clock(folder, name, seconds: 20, arguments)
    var dice = Dice(seed: 5)
    for place in bytes.count / 2..<bytes.count / 2 + 900 { bytes[place] = .random(in: 0...255, using: &dice) }
    try Shell.write(bytes, to: folder.file("damaged"))
    let sliced = try Sliced(folder.file("damaged"))
    #expect(sliced.end.verdict == .damaged)
    #expect((17.9...20.1).contains(Double(sliced.end.length) / 16_000), "\(sliced.end.reason)")
    let heard = sliced.clips.flatMap(\.samples)
    for second in [2, 8] {
      let start = second * 16_000 + 2400
      #expect(Signal.part(at: Signal.pitch(second), of: heard[start..<start + 11_200]) > 0.8)
    }
    let end = heard.count - 16_000 + 2400
    #expect(Signal.part(at: Signal.pitch(19), of: heard[end..<end + 11_200]) > 0.8, "the end is there")
  }

  @Test func `an index that tells of too few frames ends nothing early`() throws {
    let folder = try Folder()
    var bytes = try Self.clock(folder, "a.mp3", seconds: 12, ["-q:a", "4"])
    let name = try #require(bytes.indices.first { bytes[$0...].starts(with: "Xing".utf8) })
    bytes.replaceSubrange(name + 8..<name + 12, with: [0, 0, 0, 50])
    try Shell.write(bytes, to: folder.file("a.mp3"))
    let sliced = try Sliced(folder.file("a.mp3"))
    #expect(abs(Double(sliced.end.length) / 16_000 - 12) < 0.15)
  }

  @Test(arguments: ["a.wav", "b.wav", "a.aiff", "a.au", "a.caf", "a.w64"])
  func `a recorder that crashed before it wrote the length loses nothing`(name: String) throws {
    let folder = try Folder()
    let arguments = name == "b.wav" ? ["-rf64", "always"] : []
    var bytes = try Self.clock(folder, name, seconds: 12, arguments)
    let audio = 12 * 44_100 * 2
    // Wherever a header counts the audio's bytes, big-endian or little, 4 or 8 of them, it says 0.
    for extra in [0, 4, 8, 24] {
      let number = UInt32(audio + extra)
      for needle in [Signal.number(number), Signal.number(number).reversed()] {
        for place in 0..<4096 where bytes[place...].starts(with: needle) {
          for index in place..<place + 4 { bytes[index] = 0 }
        }
      }
    }
    try Shell.write(bytes, to: folder.file("crashed"))
    let sliced = try Sliced(folder.file("crashed"))
    #expect(sliced.end.verdict == .damaged)
    #expect(sliced.end.reason.contains("never finished"), "\(sliced.end.reason)")
    #expect(sliced.end.framesRead >= 12 * 44_100)
    RecordingTests.expectClock(sliced, seconds: 12)
  }
}

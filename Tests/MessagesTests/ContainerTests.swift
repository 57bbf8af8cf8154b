import Messages
import Testing

@Suite struct ContainerTests {
  static func bytes(_ parts: Any...) -> [UInt8] {
    parts.flatMap { part -> [UInt8] in
      switch part {
      case let text as String: Array(text.utf8)
      case let list as [Int]: list.map { UInt8($0) }
      case let zeros as Int: [UInt8](repeating: 0, count: zeros)
      default: []
      }
    }
  }

  static let known: [(name: String, decoder: Container.Decoder, bytes: [UInt8])] = [
    ("WAV", .soundFile, bytes("RIFF", 4, "WAVEfmt ")),
    ("WAV", .soundFile, bytes("RIFX", 4, "WAVEfmt ")),
    ("RF64", .soundFile, bytes("RF64", [255, 255, 255, 255], "WAVEds64")),
    ("W64", .soundFile, bytes("riff", [0x2E, 0x91, 0xCF, 0x11], 8)),
    ("AIFF", .soundFile, bytes("FORM", 4, "AIFFCOMM")),
    ("AIFF", .soundFile, bytes("FORM", 4, "AIFCFVER")),
    ("AU", .soundFile, bytes(".snd", 20)),
    ("CAF", .soundFile, bytes("caff", [0, 1, 0, 0], "desc")),
    ("CAF", .soundFile, bytes("caff", [0, 1, 0, 0], "desc", 16, "lpcm")),
    ("CAF", .soundFile, bytes("caff", [0, 1, 0, 0], "desc", 16, "alac", [0, 0, 0, 1])),
    ("CAF", .ffmpeg(demuxer: "caf"), bytes("caff", [0, 1, 0, 0], "desc", 16, "alac", 4)),
    ("CAF", .ffmpeg(demuxer: "caf"), bytes("caff", [0, 1, 0, 0], "desc", 16, "aac ", 4)),
    ("FLAC", .soundFile, bytes("fLaC", [0, 0, 0, 34])),
    ("Ogg Opus", .soundFile, bytes("OggS", 22, [1, 19], "OpusHead")),
    ("Ogg Vorbis", .soundFile, bytes("OggS", 22, [1, 30, 1], "vorbis")),
    ("Ogg FLAC", .ffmpeg(demuxer: "ogg"), bytes("OggS", 22, [1, 51, 0x7F], "FLAC")),
    ("Ogg Speex", .ffmpeg(demuxer: "ogg"), bytes("OggS", 22, [1, 80], "Speex   ")),
    ("Ogg", .ffmpeg(demuxer: "ogg"), bytes("OggS", 22, [1, 42, 0x80], "theora")),
    ("WAV", .soundFile, bytes("RIFF", 4, "WAVEfmt ", [16, 0, 0, 0, 1, 0])),
    ("WAV", .soundFile, bytes("RIFX", 4, "WAVEfmt ", [0, 0, 0, 16, 0, 7])),
    ("WAV", .soundFile, bytes("RIFF", 4, "WAVEfmt ", [40, 0, 0, 0, 0xFE, 0xFF])),
    (
      "WAV", .ffmpeg(demuxer: "wav"),
      bytes("RIFF", 4, "WAVEbext", [3, 0, 0, 0], 4, "fmt ", [16, 0, 0, 0, 0x55, 0])
    ),
    ("AIFF", .soundFile, bytes("FORM", 4, "AIFCCOMM", [0, 0, 0, 24], 18, "sowt")),
    ("AIFF", .ffmpeg(demuxer: "aiff"), bytes("FORM", 4, "AIFCCOMM", [0, 0, 0, 24], 18, "QDM2")),
    (
      "AC-3", .ffmpeg(demuxer: "ac3"),
      bytes([0x0B, 0x77, 0, 0, 0x14, 0x40], 762, [0x0B, 0x77, 0, 0, 0x14, 0x40], 99)
    ),
    (
      "E-AC-3", .ffmpeg(demuxer: "eac3"),
      bytes([0x0B, 0x77, 0, 9, 0, 0x80], 14, [0x0B, 0x77, 0, 9, 0, 0x80], 14)
    ),
    ("AAC", .ffmpeg(demuxer: "loas"), bytes([0x56, 0xE0, 5], 5, [0x56, 0xE0, 5], 5)),
    ("DTS", .ffmpeg(demuxer: "dts"), bytes([0x7F, 0xFE, 0x80, 0x01], 20)),
    ("M4A", .ffmpeg(demuxer: "mov"), bytes([0, 0, 0, 28], "ftypM4A ")),
    ("3GP", .ffmpeg(demuxer: "mov"), bytes([0, 0, 0, 28], "ftyp3gp4")),
    ("MP4", .ffmpeg(demuxer: "mov"), bytes([0, 0, 0, 28], "ftypisom")),
    ("QuickTime", .ffmpeg(demuxer: "mov"), bytes([0, 0, 0, 20], "ftypqt  ")),
    ("QuickTime", .ffmpeg(demuxer: "mov"), bytes([0, 0, 0, 8], "wide")),
    ("WebM", .ffmpeg(demuxer: "matroska"), bytes([0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84], "webm")),
    ("Matroska", .ffmpeg(demuxer: "matroska"), bytes([0x1A, 0x45, 0xDF, 0xA3], 8, "matroska")),
    ("WMA", .ffmpeg(demuxer: "asf"), bytes([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], 8)),
    ("AMR", .ffmpeg(demuxer: "amr"), bytes("#!AMR\n", 30)),
    ("AMR", .ffmpeg(demuxer: "amr"), bytes("#!AMR-WB\n", 30)),
    ("AVI", .ffmpeg(demuxer: "avi"), bytes("RIFF", 4, "AVI LIST")),
    ("MP3", .soundFileStreamed, bytes([0xFF, 0xFB, 0x90, 0x64], 413, [0xFF, 0xFB, 0x90, 0x64], 413)),
    ("MP3", .soundFileStreamed, bytes("ID3", [4, 0, 0, 0, 0, 0x7F, 0x7F], 4000)),
    ("AAC", .ffmpeg(demuxer: "aac"), bytes([0xFF, 0xF1, 0x50, 0x80, 0x01, 0x7F, 0xFC], 4)),
    ("FLAC", .soundFile, bytes("ID3", [4, 0, 0, 0, 0, 0, 10], 10, "fLaC")),
  ]

  @Test(arguments: known.indices) func `kinds are recognised by their first bytes`(index: Int) throws {
    let (name, decoder, bytes) = Self.known[index]
    let container = try #require(Container(firstBytes: bytes))
    #expect(container.name == name)
    #expect(container.decoder == decoder)
  }

  @Test(arguments: [
    "", "R", "RIFF", "RIFF    WEBP", "#!/bin/sh\n", "%PDF-1.7", "PK\u{3}\u{4}", "#EXTM3U\n", "[playlist]",
    "ffconcat version 1.0",
    "<html>", "ID3", "Creative Voice File",
    "just some text that goes on for a while and says nothing of interest",
  ]) func `what is no recording is none`(text: String) {
    #expect(Container(firstBytes: Array(text.utf8)) == nil)
  }

  @Test(arguments: 0..<500) func `random bytes never trap, and are almost never a recording`(seed: UInt64) {
    var dice = Dice(seed: seed)
    let bytes = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &dice) }
    #expect(Container(firstBytes: bytes) == nil)
    for known in Self.known {
      let cut = known.bytes.prefix(Int.random(in: 0...known.bytes.count, using: &dice))
      _ = Container(firstBytes: Array(cut) + bytes.prefix(Int.random(in: 0...400, using: &dice)))
    }
  }

  @Test(arguments: ["talk.wav", "TALK.WAV", "a.b.m4a", "voice.Opus", "x.webm", " .mp3"])
  func `a media extension is one in any case`(name: String) {
    #expect(Container.extensionSuggestsMedia(Array(name.utf8)))
  }

  @Test(arguments: ["", "wav", ".wav", "talk.", "talk.txt", "talk.wav.txt", "talk.mp3.part", "a.mp3456789"])
  func `another extension is none`(name: String) {
    #expect(!Container.extensionSuggestsMedia(Array(name.utf8)))
  }

  @Test func `a name that is not UTF-8 has an extension all the same`() {
    #expect(Container.extensionSuggestsMedia([0xFF, 0xFE] + Array(".flac".utf8)))
  }
}

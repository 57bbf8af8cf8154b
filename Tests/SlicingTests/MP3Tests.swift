import Glibc
import Messages
import Testing

@testable import Slicing

/// Clips as MP3, heard again through ffmpeg.
@Suite struct MP3Tests {
  /// What LAME and any decoder are late together, in samples, where no tag says so.
  static let delay = 1105

  static func file(_ samples: [Int16], minFrames: Int = 0) throws -> [UInt8] {
    try samples.withUnsafeBufferPointer { try MP3.file($0, minFrames: minFrames) }
  }

  /// The samples of an MP3, decoded as they lie there.
  static func heard(_ mp3: [UInt8]) throws -> [Int16] {
    let folder = try Folder()
    try Shell.write(mp3, to: folder.file("a.mp3"))
    let arguments = ["-v", "error", "-f", "mp3", "-i", folder.file("a.mp3"), "-f", "s16le", "-"]
    let outcome = Shell.run("ffmpeg", arguments)
    try #require(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.output.withUnsafeBytes { bytes in
      (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self) }
    }
  }

  static func tone(_ hertz: Double, count: Int) -> [Int16] {
    Signal(seconds: Double(count) / 16_000) { 0.25 * sin(2 * .pi * hertz * $0) }.samples.map {
      Int16($0 * 32_768)
    }
  }

  @Test(arguments: [0, 1, 575, 576, 577, 16_000, 16_384, 16_385, 40_001, 480_000])
  func `a clip of any length is heard again, in its place and whole`(count: Int) throws {
    let mp3 = try Self.file(Self.tone(700, count: count))
    let heard = try Self.heard(mp3)
    let late = heard.count - count - Self.delay
    #expect((0...2 * 1152).contains(late), "\(heard.count) samples of \(count)")
    let body = heard.dropFirst(Self.delay).prefix(count)
    if count >= 16_000 {
      #expect(Signal.part(at: 700, of: body.dropFirst(400).dropLast(400)) > 0.99)
      // Nothing sounds before and behind it but the coder's own echo.
      let outside = Array(heard.prefix(Self.delay - 600)) + heard.dropFirst(Self.delay + count + 600)
      #expect(outside.allSatisfy { abs(Int($0)) < 200 })
    }
    let expected = Double(heard.count) / 16_000 * Double(ClipEncoding.mp3.bytesASecond)
    #expect(abs(Double(mp3.count) - expected) < 300)
  }

  @Test func `a short clip lies in the middle of silence`() throws {
    let heard = try Self.heard(Self.file(Self.tone(700, count: 8000), minFrames: 48_000))
    #expect(heard.count >= 48_000 + Self.delay)
    let start = Self.delay + 20_000
    #expect(Signal.part(at: 700, of: heard[start + 400..<start + 7600]) > 0.99)
    #expect(heard[..<(start - 600)].allSatisfy { abs(Int($0)) < 200 })
    #expect(heard[(start + 8600)...].allSatisfy { abs(Int($0)) < 200 })
  }

  @Test func `equal samples give equal bytes, whatever was encoded before`() throws {
    var dice = Dice(seed: 5)
    let noise = (0..<50_000).map { _ in Int16(4000 * max(-8, min(8, dice.noise()))) }
    let first = try Self.file(noise)
    _ = try Self.file(Self.tone(300, count: 30_000))
    #expect(try Self.file(noise) == first)
    #expect(try Self.file(Array(noise.dropLast())) != first)
  }

  @Test func `a file is frames of audio and nothing else`() throws {
    let mp3 = try Self.file(Self.tone(440, count: 160_000))
    // MPEG-2 layer III, no checksum; 48 kbit/s, 16 kHz; mono.
    let header: [UInt8] = [0xFF, 0xF3]
    #expect(mp3.starts(with: header))
    #expect(mp3[2] >> 4 == 6 && mp3[2] >> 2 & 3 == 2 && mp3[3] >> 6 == 3)
    let isFrame = stride(from: 0, to: mp3.count, by: 216).allSatisfy { mp3[$0...].starts(with: header) }
    #expect(isFrame && mp3.count % 216 == 0)
    for tag in ["Xing", "Info", "LAME3", "ID3", "TAG"] {
      #expect(!mp3.prefix(216).indices.contains { mp3[$0...].starts(with: Array(tag.utf8)) }, "\(tag)")
    }
  }
}

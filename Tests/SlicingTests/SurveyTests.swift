import Glibc
import Messages
import Testing

@testable import Slicing

@Suite struct SurveyTests {
  /// Bytes of texts, numbers in little order, zeros, and lists.
  static func bytes(_ parts: [Any]) -> [UInt8] {
    parts.flatMap { part -> [UInt8] in
      switch part {
      case let text as String: Array(text.utf8)
      case let number as UInt64: Signal.number(number)
      case let number as UInt32: Signal.number(number)
      case let zeros as Int: [UInt8](repeating: 0, count: zeros)
      case let list as [UInt8]: list
      default: []
      }
    }
  }

  static let frame: [UInt8] = [0xFF, 0xFB, 0x90, 0x64] + bytes([413])

  static let headers: [[UInt8]] = [
    Signal.header(format: 1, channels: 1, rate: 16_000, bits: 16, dataBytes: 64),
    bytes(["RF64", 4, "WAVEds64", UInt32(28), UInt64(1), UInt64(64), 12, "data", 4]),
    bytes(["riff", [0x2E, 0x91, 0xCF, 0x11] as [UInt8], 8, UInt64(200), 16, "data", 12, UInt64(88)]),
    bytes(["FORM", UInt32(9), "AIFFSSND", 12]), bytes([".snd", 20]),
    bytes(["caff", [0, 1, 0, 0] as [UInt8], "data", [0, 0, 0, 0, 0, 0, 0, 68] as [UInt8], 4]),
    bytes([[0, 0, 0, 24] as [UInt8], "ftypM4A ", 12, [0, 0, 0, 1] as [UInt8], "mdat", UInt64(90)]),
    bytes(["OggS", 22, [1, 19] as [UInt8], "OpusHead"]), bytes(["ID3", 7, frame, frame]),
    bytes([frame, frame, "APETAGEX", 24, frame]), bytes(["fLaC", [0, 0, 0, 34] as [UInt8], 34]),
  ]

  @Test(arguments: headers.indices) func `no number in a header brings it down`(index: Int) throws {
    let folder = try Folder()
    let bytes = Self.headers[index] + [UInt8](repeating: 1, count: 300)
    let container = try #require(Container(firstBytes: bytes))
    try Shell.write(bytes, to: folder.file("a"))
    let file = open(folder.file("a"), O_RDWR)
    defer { close(file) }
    let ends: [UInt64] = [.max, .max - 7, UInt64(Int64.max), UInt64(Int64.max) - 15, 1 << 63, 0, 100]
    for place in 0..<120 {
      for end in ends {
        for number in [Signal.number(end), Signal.number(end).reversed()] {
          pwrite(file, Array(number), 8, off_t(place))
          guard var survey = Survey(descriptor: file, container: container) else {
            Issue.record("it is a regular file")
            return
          }
          for _ in 0..<20 {
            guard let part = survey.next(after: 200) else { break }
            #expect(part.pieces.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= bytes.count })
            #expect(zip(part.pieces, part.pieces.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            #expect((0...1).contains(part.missing))
          }
          _ = Survey.ofForeign(file)
        }
      }
      pwrite(file, Array(bytes[place..<place + 8]), 8, off_t(place))
    }
  }

  @Test(arguments: 0..<200) func `a view reads what its pieces hold, wherever it begins`(seed: UInt64) throws
  {
    let folder = try Folder()
    var dice = Dice(seed: seed)
    let bytes = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &dice) }
    try Shell.write(bytes, to: folder.file("a"))
    let file = open(folder.file("a"), O_RDONLY)
    defer { close(file) }
    var part = FilePart(0..<0)
    var wanted: [UInt8] = []
    var place = 0
    while place < 1900 {
      let end = Int.random(in: place...min(2000, place + 300), using: &dice)
      part.join(Int64(place)..<Int64(end))
      wanted += bytes[place..<end]
      place = end + Int.random(in: 0...50, using: &dice)
    }
    var view = FileView(descriptor: file, part: part)
    #expect(view.size == wanted.count)
    for _ in 0..<20 {
      let start = Int.random(in: 0...wanted.count, using: &dice)
      let count = Int.random(in: 1...700, using: &dice)
      #expect(view.seek(Int64(start), SEEK_SET) == Int64(start))
      var block = [UInt8](repeating: 0, count: count)
      let got = Int(view.read(into: &block, Int64(count)))
      #expect(Array(block[..<got]) == Array(wanted[start..<min(wanted.count, start + count)]))
    }
  }
}

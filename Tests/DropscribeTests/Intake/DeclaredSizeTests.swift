import Testing

@testable import Dropscribe

@Suite struct DeclaredSizeTests {
  private func little(_ number: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
  }

  private func big(_ number: UInt64, _ count: Int) -> [UInt8] { little(number, count).reversed() }

  /// Headers that declare a whole file of so many bytes.
  private func headers(of total: UInt64) -> [(name: String, bytes: [UInt8])] {
    let text = { (text: String) in Array(text.utf8) }
    return [
      ("RIFF", text("RIFF") + little(total - 8, 4) + text("WAVEfmt ")),
      ("RIFX", text("RIFX") + big(total - 8, 4) + text("WAVEfmt ")),
      ("AIFF", text("FORM") + big(total - 8, 4) + text("AIFFCOMM")),
      (
        "RF64",
        text("RF64") + little(0xFFFF_FFFF, 4) + text("WAVEds64") + little(28, 4) + little(total - 8, 8)
      ),
      ("W64", text("riff") + [UInt8](repeating: 9, count: 12) + little(total, 8)),
      (
        "CAF",
        text("caff") + [0, 1, 0, 0] + text("desc") + big(4, 8) + [1, 2, 3, 4] + text("data")
          + big(total - 36, 8)
      ),
      ("AU", text(".snd") + big(24, 4) + big(total - 24, 4)),
      (
        "M4A",
        big(16, 4) + text("ftypM4A \0\0\0\0") + big(8, 4) + text("moov") + big(total - 24, 4) + text("mdat")
      ),
      ("Matroska", [0x1A, 0x45, 0xDF, 0xA3, 0x81, 0, 0x18, 0x53, 0x80, 0x67, 0x01] + big(total - 18, 7)),
    ]
  }

  @Test(arguments: [UInt64(1_000), 70_000, 12_345_678]) func declaresTheWholeFile(total: UInt64) {
    for (name, bytes) in headers(of: total) {
      #expect(DeclaredSize.bytes(firstBytes: bytes, size: total) == total, "\(name)")
      #expect(!DeclaredSize.declaresMore(firstBytes: bytes, size: Int64(total)), "\(name)")
      #expect(DeclaredSize.declaresMore(firstBytes: bytes, size: Int64(total / 2)), "\(name)")
      // A file may well have more behind what its header declares, and writers miscount a few bytes.
      #expect(!DeclaredSize.declaresMore(firstBytes: bytes, size: Int64(total + 5_000)), "\(name)")
      #expect(!DeclaredSize.declaresMore(firstBytes: bytes, size: Int64(total - 8)), "\(name)")
    }
  }

  @Test(arguments: [UInt64(0), 0xFFFF_FFFF, 0x7FFF_FFFF, 0x7FFF_F000, 0xFFFF_FFF7])
  func aStreamDeclaresNothing(size: UInt64) {
    #expect(DeclaredSize.bytes(firstBytes: Array("RIFF".utf8) + little(size, 4), size: 100) == nil)
  }

  @Test(arguments: UInt64.max - 20...UInt64.max) func aBoxThatEndsAtTheLastNumberIsRead(length: UInt64) {
    let head = big(1, 4) + Array("ftyp".utf8) + big(length, 8) + Array("M4A \0\0\0\0".utf8)
    // Beyond the largest number there is nothing to wait for.
    #expect(DeclaredSize.declaresMore(firstBytes: head, size: 24) == (length <= .max - 17))
  }

  @Test func anMPEG4FileWhoseIndexIsToComeIsIncomplete() {
    let head = big(16, 4) + Array("ftypM4A \0\0\0\0".utf8) + big(1_000, 4) + Array("mdat".utf8)
    #expect(DeclaredSize.declaresMore(firstBytes: head, size: 500))
    #expect(DeclaredSize.declaresMore(firstBytes: head, size: 1_016))
    #expect(!DeclaredSize.declaresMore(firstBytes: head, size: 2_000))
  }

  @Test func anEmptyFileIsIncompleteAndAnUnknownOneIsNot() {
    #expect(DeclaredSize.declaresMore(firstBytes: [], size: 0))
    #expect(!DeclaredSize.declaresMore(firstBytes: Array("fLaC".utf8), size: 4))
  }

  @Test func noHeaderMakesItTrapOrLoop() {
    var random = IntakeRandom(seed: 1)
    for round in 0..<20_000 {
      var (_, bytes) = headers(of: 1_000)[round % 9]
      bytes += (0..<random.next(below: 80)).map { _ in UInt8(random.next(below: 256)) }
      for _ in 0..<random.next(below: 6) {
        let extremes: [UInt8] = [0, 0xFF, 0x7F, 0x80, UInt8(random.next(below: 256))]
        bytes[random.next(below: bytes.count)] = extremes[random.next(below: 5)]
      }
      bytes.removeLast(random.next(below: bytes.count + 1))
      _ = DeclaredSize.declaresMore(firstBytes: bytes, size: Int64(random.next(below: 5_000)))
    }
  }
}

/// The beginning of a file. Looking beyond what is there finds nothing.
struct FirstBytes {
  private let bytes: [UInt8]

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.prefix(Container.bytesNeeded)) }

  var count: Int { bytes.count }

  subscript(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  /// `count` bytes as characters; empty when they are not all there.
  func text(_ start: Int, _ count: Int) -> String {
    guard start + count <= bytes.count else { return "" }
    return String(String.UnicodeScalarView(bytes[start..<start + count].map { Unicode.Scalar($0) }))
  }

  func has(_ wanted: [UInt8], at start: Int) -> Bool {
    start + wanted.count <= bytes.count && bytes[start..<start + wanted.count].elementsEqual(wanted)
  }

  func contains(_ wanted: [UInt8], before end: Int) -> Bool {
    (0..<max(0, min(end, bytes.count) - wanted.count + 1)).contains { has(wanted, at: $0) }
  }

  /// How long the ID3v2 tag at the start is, header and footer included; nil when there is none.
  ///
  /// The size is 28 bits in four bytes (ID3v2.4.0, section 3.1).
  var id3Length: Int? {
    guard text(0, 3) == "ID3", bytes.count >= 10, bytes[6...9].allSatisfy({ $0 < 0x80 }) else { return nil }
    let size = bytes[6...9].reduce(0) { $0 << 7 | Int($1) }
    return 10 + size + (bytes[5] & 0x10 != 0 ? 10 : 0)
  }

  /// The length of the MPEG audio frame whose header stands here.
  func mpegFrame(at start: Int) -> Int? {
    guard start + MPEGFrameHeader.size <= bytes.count else { return nil }
    return MPEGFrameHeader(bytes[start..<start + MPEGFrameHeader.size].reduce(0) { $0 << 8 | UInt32($1) })?
      .length
  }

  /// The length of the ADTS frame (ISO 13818-7) whose header stands here.
  func adtsFrame(at start: Int) -> Int? {
    guard start + 7 <= bytes.count, bytes[start] == 0xFF, bytes[start + 1] & 0xF6 == 0xF0,
      bytes[start + 2] >> 2 & 15 < 13
    else { return nil }
    let length =
      Int(bytes[start + 3] & 3) << 11 | Int(bytes[start + 4]) << 3 | Int(bytes[start + 5]) >> 5
    return length >= 7 ? length : nil
  }

  /// The length of the AC-3 or E-AC-3 frame (ATSC A/52) whose header stands here.
  func ac3Frame(at start: Int) -> Int? {
    guard start + 7 <= bytes.count, bytes[start] == 0x0B, bytes[start + 1] == 0x77 else { return nil }
    let version = bytes[start + 5] >> 3
    if version > 10 {
      guard version <= 16 else { return nil }
      return 2 * ((Int(bytes[start + 2] & 7) << 8 | Int(bytes[start + 3])) + 1)
    }
    let (rate, code) = (Int(bytes[start + 4] >> 6), Int(bytes[start + 4] & 0x3F))
    guard rate < 3, code < 38 else { return nil }
    let kilobits = Self.ac3BitRates[code / 2]
    return [4 * kilobits, 2 * (320 * kilobits / 147 + code % 2), 6 * kilobits][rate]
  }

  private static let ac3BitRates = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
  ]

  /// The length of the LOAS frame, AAC as broadcasters send it (ISO 14496-3), whose header stands here.
  func loasFrame(at start: Int) -> Int? {
    guard start + 3 <= bytes.count, bytes[start] == 0x56, bytes[start + 1] & 0xE0 == 0xE0 else { return nil }
    return 3 + (Int(bytes[start + 1] & 0x1F) << 8 | Int(bytes[start + 2]))
  }

  /// Where the contents of a chunk of this name begin, among those from `start` on; nil when it is not in sight.
  func chunk(_ name: String, from start: Int, isBigEndian: Bool) -> Int? {
    var start = start
    while start + 8 <= bytes.count {
      if text(start, 4) == name { return start + 8 }
      let size = bytes[start + 4..<start + 8]
      let length = isBigEndian ? Array(size) : size.reversed()
      start += 8 + length.reduce(0) { $0 << 8 | Int($1) }
      start += start & 1
    }
    return nil
  }

  /// Whether a frame ends where the bytes in sight end, or another begins there.
  func ends(at end: Int, or frame: (Int) -> Int?) -> Bool {
    end + 7 > bytes.count || frame(end) != nil
  }
}

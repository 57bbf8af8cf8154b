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

  /// The length of the MPEG audio frame (layers I to III, ISO 11172-3 and 13818-3) whose header stands here.
  func mpegFrame(at start: Int) -> Int? {
    guard start + 4 <= bytes.count, bytes[start] == 0xFF, bytes[start + 1] & 0xE0 == 0xE0 else { return nil }
    let version = bytes[start + 1] >> 3 & 3
    let layer = 4 - Int(bytes[start + 1] >> 1 & 3)
    let (rateIndex, hertzIndex) = (Int(bytes[start + 2] >> 4), Int(bytes[start + 2] >> 2 & 3))
    guard version != 1, layer != 4, (1...14).contains(rateIndex), hertzIndex != 3,
      bytes[start + 3] & 3 != 2
    else { return nil }
    let isFirst = version == 3
    let kilobits = Self.bitRates[isFirst ? layer - 1 : (layer == 1 ? 3 : 4)][rateIndex - 1]
    let hertz = [44_100, 48_000, 32_000][hertzIndex] >> (isFirst ? 0 : version == 2 ? 1 : 2)
    let padding = Int(bytes[start + 2] >> 1 & 1)
    if layer == 1 { return (12_000 * kilobits / hertz + padding) * 4 }
    return (layer == 3 && !isFirst ? 72_000 : 144_000) * kilobits / hertz + padding
  }

  private static let bitRates = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ]

  /// The length of the ADTS frame (ISO 13818-7) whose header stands here.
  func adtsFrame(at start: Int) -> Int? {
    guard start + 7 <= bytes.count, bytes[start] == 0xFF, bytes[start + 1] & 0xF6 == 0xF0,
      bytes[start + 2] >> 2 & 15 < 13
    else { return nil }
    let length =
      Int(bytes[start + 3] & 3) << 11 | Int(bytes[start + 4]) << 3 | Int(bytes[start + 5]) >> 5
    return length >= 7 ? length : nil
  }

  /// Whether a frame ends where the bytes in sight end, or another begins there.
  func ends(at end: Int, or frame: (Int) -> Int?) -> Bool {
    end + 7 > bytes.count || frame(end) != nil
  }
}

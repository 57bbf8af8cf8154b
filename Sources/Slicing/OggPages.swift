/// The pages of an Ogg file (RFC 3533): where one recording ends and the next begins, and what is wrong with it.
///
/// libsndfile reads the first recording of several, takes a missing end for an end, and may stop at damage or give
/// up; it says little of that. So it is shown sound pages alone, and each recording by itself.
struct OggPages {
  /// The recordings, one behind the other.
  private(set) var parts: [FilePart] = []

  private var part = FilePart(0..<0)
  private var serial: UInt32?
  /// Whether pages of audio were seen in the present recording, so that a first page begins another.
  private var hasBody = false
  private var isEnded = false
  /// Stretches that are no sound pages: between two of this recording's, and since the last of them. What lies
  /// behind an end is none of its pages.
  private var damaged = 0
  private var behind = 0

  /// Looks at every page, from its first bytes to its checksum.
  init(_ file: inout FileBytes) {
    var position: Int64 = 0
    while position < file.size {
      guard let page = Page(&file, at: position) else {
        behind += 1
        guard let next = file.position(of: Page.capture, from: position + 1) else { break }
        position = next
        continue
      }
      if page.begins, hasBody { close() }
      if serial == nil { serial = page.serial }
      if !page.begins { hasBody = true }
      if page.ends, page.serial == serial { isEnded = true }
      (damaged, behind) = (damaged + behind, 0)
      part.join(position..<position + Int64(page.length))
      position += Int64(page.length)
    }
    close()
  }

  private mutating func close() {
    if damaged > 0 {
      part.faults.append(
        "is damaged in \(damaged == 1 ? "one place" : "\(damaged) places"): pages are left out"
      )
    }
    if !isEnded { part.faults.append("is cut off: its end is missing") }
    if !part.pieces.isEmpty { parts.append(part) }
    part = FilePart(0..<0)
    (serial, hasBody, isEnded, damaged, behind) = (nil, false, false, 0, 0)
  }

  /// One page.
  private struct Page {
    static let capture = Array("OggS".utf8)

    /// Header and body, in bytes.
    let length: Int
    let serial: UInt32
    /// Whether it is a stream's first, and its last.
    let begins: Bool
    let ends: Bool

    /// Reads the page that begins at `position`; nil when it is none, is not whole or is damaged.
    init?(_ file: inout FileBytes, at position: Int64) {
      // The longest page has a header of 282 bytes and 255 times 255 of body.
      let bytes = file.bytes(at: position, 65_307)
      guard bytes.count >= 27, bytes.prefix(4).elementsEqual(Self.capture), bytes[4] == 0 else { return nil }
      let header = 27 + Int(bytes[26])
      guard bytes.count >= header else { return nil }
      length = bytes[27..<header].reduce(header) { $0 + Int($1) }
      guard bytes.count >= length else { return nil }
      begins = bytes[5] & 2 != 0
      ends = bytes[5] & 4 != 0
      serial = bytes.loadUnaligned(fromByteOffset: 14, as: UInt32.self)
      let checksum = bytes.loadUnaligned(fromByteOffset: 22, as: UInt32.self)
      guard Self.checksum(bytes.prefix(length)) == UInt32(littleEndian: checksum) else { return nil }
    }

    /// CRC-32 as RFC 3533 has it: polynomial 0x04C11DB7, nothing reflected; its own field counts as zeros.
    private static func checksum(_ page: Slice<UnsafeRawBufferPointer>) -> UInt32 {
      var sum: UInt32 = 0
      table.withUnsafeBufferPointer { table in
        for (index, byte) in page.enumerated() {
          let value = (22..<26).contains(index) ? 0 : byte
          sum = sum << 8 ^ table[Int(UInt8(sum >> 24) ^ value)]
        }
      }
      return sum
    }

    private static let table: [UInt32] = (0..<256).map { index in
      (0..<8).reduce(UInt32(index) << 24) { sum, _ in
        sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1
      }
    }
  }
}

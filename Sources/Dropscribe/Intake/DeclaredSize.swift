/// How many bytes a file has according to its own header. Pure.
///
/// A copy that is still under way, or was cut, has fewer. A header that declares nothing (a stream, a recorder that
/// fills it in at the end) says nothing here either.
enum DeclaredSize {
  /// So many of the file's first bytes are worth handing in; fewer may hide a declaration.
  static let bytesUseful = 4_096

  /// Some writers count their header, or the last padding byte, wrongly; so few bytes prove nothing.
  static let tolerance: UInt64 = 16

  /// Whether the header declares more than is there. An empty file is taken for one whose header is to come.
  static func declaresMore(firstBytes: [UInt8], size: Int64) -> Bool {
    guard size > 0 else { return true }
    guard let declared = bytes(firstBytes: firstBytes, size: UInt64(size)) else { return false }
    return declared > UInt64(size) + tolerance
  }

  /// The declared size of the whole file; nil where the header does not tell.
  static func bytes(firstBytes: [UInt8], size: UInt64) -> UInt64? {
    let header = Header(bytes: firstBytes)
    if header.big32(0) == 0x1A45_DFA3 { return matroska(header) }
    switch header.text(0, 4) {
    case "RIFF": return riff(header.little32(4))
    case "RIFX", "FORM": return riff(header.big32(4))
    case "RF64", "BW64":
      guard header.text(12, 4) == "ds64" else { return nil }
      return header.little64(20).flatMap { plus($0, 8) }
    case "riff": return header.little64(16)
    case "caff": return coreAudio(header)
    case ".snd":
      guard let start = header.big32(4), let count = header.big32(8), count != .max else { return nil }
      return UInt64(start) + UInt64(count)
    default: break
    }
    return header.text(4, 4) == "ftyp" ? mp4(header, size: size) : nil
  }

  /// The size stands for what follows it. Streams write 0, all ones, or a round number near 2 or 4 GiB.
  private static func riff(_ size: UInt32?) -> UInt64? {
    guard let size, size != 0, size < 0xFFFF_0000, !(0x7FFF_0000...0x8000_0000).contains(size) else {
      return nil
    }
    return UInt64(size) + 8
  }

  /// Core Audio Format: chunks after an 8-byte header, the sound in `data`.
  private static func coreAudio(_ header: Header) -> UInt64? {
    var start: UInt64 = 8
    while let kind = header.text(start, 4), let size = header.big64(start + 4) {
      if size > UInt64(Int64.max) { return nil }  // -1: to the end of the file
      guard let end = plus(start, 12).flatMap({ plus($0, size) }) else { return nil }
      if kind == "data" { return end }
      start = end
    }
    return nil
  }

  /// MPEG-4: boxes, of which `moov` says where the sound is. A phone writes it last.
  private static func mp4(_ header: Header, size: UInt64) -> UInt64? {
    var (start, hasIndex): (UInt64, Bool) = (0, false)
    while start < header.bytes.count, let kind = header.text(start + 4, 4), let small = header.big32(start) {
      // 0: to the end of the file; 1: the size follows in 64 bits.
      guard small != 0, let length = small == 1 ? header.big64(start + 8) : UInt64(small), length >= 8 else {
        return nil
      }
      if kind == "moov" || kind == "moof" { hasIndex = true }
      guard let end = plus(start, length) else { return nil }
      start = end
    }
    // What follows the last box that was seen lies beyond these bytes; without an index there must be more.
    return hasIndex || start < size ? start : plus(start, tolerance + 1)
  }

  /// Matroska and WebM: an EBML header, then one segment whose size may be unknown.
  private static func matroska(_ header: Header) -> UInt64? {
    guard let (headerSize, headerWidth) = header.ebmlSize(4) else { return nil }
    guard let segment = plus(4 + headerWidth, headerSize), segment < 1 << 32 else { return nil }
    guard header.big32(segment) == 0x1853_8067, let (size, width) = header.ebmlSize(segment + 4) else {
      return nil
    }
    return plus(segment + 4 + width, size)
  }

  private static func plus(_ a: UInt64, _ b: UInt64) -> UInt64? {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  }

  /// Numbers at offsets; nil beyond the end.
  private struct Header {
    let bytes: [UInt8]

    func slice(_ offset: UInt64, _ count: Int) -> ArraySlice<UInt8>? {
      guard let start = Int(exactly: offset), start <= bytes.count, bytes.count - start >= count else {
        return nil
      }
      return bytes[start..<start + count]
    }

    func text(_ offset: UInt64, _ count: Int) -> String? {
      slice(offset, count).map { String(decoding: $0, as: UTF8.self) }
    }

    func big64(_ offset: UInt64) -> UInt64? { slice(offset, 8)?.reduce(0) { $0 << 8 | UInt64($1) } }
    func little64(_ offset: UInt64) -> UInt64? {
      slice(offset, 8)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func big32(_ offset: UInt64) -> UInt32? { slice(offset, 4)?.reduce(0) { $0 << 8 | UInt32($1) } }
    func little32(_ offset: UInt64) -> UInt32? {
      slice(offset, 4)?.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A number whose leading zeros tell its width; nil for all ones, which means unknown.
    func ebmlSize(_ offset: UInt64) -> (size: UInt64, width: UInt64)? {
      guard let first = slice(offset, 1)?.first, first != 0 else { return nil }
      let width = first.leadingZeroBitCount + 1
      guard let all = slice(offset, width) else { return nil }
      let mask = UInt64.max >> UInt64(64 - 7 * width)
      let size = all.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & mask
      return size == mask ? nil : (size, UInt64(width))
    }
  }
}

import Messages

/// The frames of an MP3 or its older layers: where one recording ends and the next begins, and what is wrong.
///
/// The decoder stops where an index says that the recording ends, where the rate or the channels change, and
/// where bytes make no sense: it is shown frames alone, and what stands behind such an end as another recording.
struct MPEGFrames {
  /// The recordings, one behind the other; none when no frame is found.
  private(set) var parts: [FilePart] = []

  private var open: Open?

  /// The recording whose end has not been seen.
  private struct Open {
    /// Its first frame's.
    let header: MPEGFrameHeader
    /// Its frames, without an index.
    var part: FilePart
    /// Where its last frame ends.
    var end: Int64
    var frames: Int64 = 0
    /// An index that stands before them, and how many frames that declares.
    var index: (declared: Int64, bytes: Range<Int64>)?
    var lost: Int64 = 0
    var isCutShort = false
  }

  private static let mostParts = 10_000

  /// Looks at every frame's header.
  init(_ file: inout FileBytes) {
    var position: Int64 = 0
    while position < file.size, parts.count < Self.mostParts {
      if let tag = Self.tag(&file, at: position) {
        // One amid the file stands before another recording, or behind this one.
        close()
        position += tag
      } else if let header = frame(&file, at: position) {
        take(header, &file, at: position)
        position += Int64(header.length)
      } else {
        position = skip(&file, from: position)
      }
    }
    close()
  }

  /// The header of a frame that is one: it continues what is there, or another frame or a tag follows it.
  private func frame(_ file: inout FileBytes, at position: Int64) -> MPEGFrameHeader? {
    guard let header = Self.header(&file, at: position) else { return nil }
    if let open, position == open.end, header.continues(open.header) { return header }
    let next = position + Int64(header.length)
    if next == file.size { return header }
    let follows = Self.header(&file, at: next)?.continues(header) ?? (Self.tag(&file, at: next) != nil)
    return follows ? header : nil
  }

  private mutating func take(_ header: MPEGFrameHeader, _ file: inout FileBytes, at position: Int64) {
    let bytes = position..<position + Int64(header.length)
    let declared = Self.declaredFrames(&file, at: position, header)
    if declared != nil || open.map({ !header.continues($0.header) }) == true { close() }
    var now = open ?? Open(header: header, part: FilePart(position..<position, isStream: true), end: position)
    now.end = bytes.upperBound
    if let declared {
      now.index = (declared, bytes)
    } else if bytes.upperBound > file.size {
      now.isCutShort = true
    } else {
      now.part.join(bytes)
      now.frames += 1
    }
    open = now
  }

  /// Returns where the next frame or tag stands behind what is neither.
  private mutating func skip(_ file: inout FileBytes, from position: Int64) -> Int64 {
    var next = position + 1
    while next < file.size {
      let block = file.bytes(at: next, 4096)
      // Only these begin a frame or a tag.
      let far = block.firstIndex { [0xFF, 0x49, 0x54, 0x41].contains($0) } ?? block.count
      next += Int64(far)
      if far < block.count {
        if frame(&file, at: next) != nil || Self.tag(&file, at: next) != nil { break }
        next += 1
      }
    }
    // What stands before the first frame was cut out of a longer stream; what stands at the end is no audio.
    if next < file.size { open?.lost += next - position }
    open?.end = next
    return next
  }

  private mutating func close() {
    guard let found = open else { return }
    open = nil
    guard found.frames > 0 || found.isCutShort else { return }
    var part = found.part
    // An index that tells of fewer frames than there are would end the decoding too early.
    if let index = found.index, found.frames <= index.declared {
      part.pieces = []
      for bytes in [index.bytes] + found.part.pieces { part.join(bytes) }
    }
    if found.lost > 0 { part.faults.append("has \(found.lost) bytes amid it that are no audio") }
    if found.isCutShort { part.faults.append("is cut off amid a frame") }
    parts.append(part)
  }

  private static func header(_ file: inout FileBytes, at position: Int64) -> MPEGFrameHeader? {
    let bytes = file.bytes(at: position, MPEGFrameHeader.size)
    guard bytes.count == MPEGFrameHeader.size else { return nil }
    return MPEGFrameHeader(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
  }

  /// How many frames an index frame declares, as Xing's and Fraunhofer's programs write it; nil for others.
  private static func declaredFrames(
    _ file: inout FileBytes,
    at position: Int64,
    _ header: MPEGFrameHeader
  ) -> Int64? {
    guard header.layer == 3 else { return nil }
    let side = header.isFirstVersion ? (header.isMono ? 17 : 32) : (header.isMono ? 9 : 17)
    let place = position + Int64(MPEGFrameHeader.size + side)
    let name = file.text(at: place, 4)
    if name == "Xing" || name == "Info" {
      guard let flags = file.number(at: place + 4, 4, bigEndian: true) else { return nil }
      return flags & 1 == 0 ? .max : file.number(at: place + 8, 4, bigEndian: true)
    }
    return file.text(at: position + 36, 4) == "VBRI"
      ? file.number(at: position + 50, 4, bigEndian: true) : nil
  }

  /// The length of the tag that stands here: ID3v2, ID3v1 or APE.
  private static func tag(_ file: inout FileBytes, at position: Int64) -> Int64? {
    let bytes = file.bytes(at: position, 32)
    if bytes.starts(with: "TAG".utf8) { return 128 }
    if bytes.starts(with: "ID3".utf8), bytes.count >= 10, bytes[6..<10].allSatisfy({ $0 < 0x80 }) {
      return bytes[6..<10].reduce(0) { $0 << 7 | Int64($1) } + (bytes[5] & 0x10 != 0 ? 20 : 10)
    }
    if bytes.starts(with: "APETAGEX".utf8), bytes.count == 32 {
      // The size counts the footer and leaves out the header, whose flags say that it is one.
      let size = Int64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
      return bytes[23] & 0x20 != 0 ? size + 32 : 32
    }
    return nil
  }
}

import Messages

/// The recordings in a file, as its own bytes tell of them before a decoder sees any: nearly always one, and
/// several where files were joined, of which a decoder reads the first and says nothing of the others.
struct Survey: ~Copyable {
  private var file: FileBytes
  private let isFLAC: Bool
  private var parts: ArraySlice<FilePart>
  /// Where the FLAC that was found last begins, and how many there are so far.
  private var last: Int64 = 0
  private var found = 1

  /// Looks through a file for libsndfile; nil when it is no regular one.
  init?(descriptor: Int32, container: Container) {
    guard var file = FileBytes(descriptor: descriptor) else { return nil }
    let magic = file.text(at: 0, 4)
    isFLAC = magic == "fLaC" || magic.hasPrefix("ID3") && container.name == "FLAC"
    var parts: [FilePart] = []
    if container.decoder == .soundFileStreamed {
      parts = MPEGFrames(&file).parts
    } else if magic == "OggS" {
      parts = OggPages(&file).parts
    } else if !isFLAC {
      parts = Self.chunked(&file)
    }
    if parts.isEmpty {
      parts = [FilePart(0..<file.size, isStream: container.decoder == .soundFileStreamed)]
    }
    if isFLAC { last = file.position(of: Self.flac, from: 0) ?? 0 }
    self.parts = parts[...]
    self.file = file
  }

  /// What shows of a file that another decoder reads, as one part without bytes.
  static func ofForeign(_ descriptor: Int32) -> FilePart {
    var part = FilePart(0..<0)
    guard var file = FileBytes(descriptor: descriptor) else { return part }
    if file.text(at: 0, 4) == "OggS" {
      part.faults = OggPages(&file).parts.first { !$0.faults.isEmpty }?.faults ?? []
    } else {
      let header = FileHeader(&file)
      part.missing = header?.missingPart ?? 0
      let next = header.flatMap { end(of: $0, &file, from: 0) } ?? FileHeader.secondMovie(&file)
      if let next, Container(firstBytes: file.bytes(at: next, Container.bytesNeeded)) != nil {
        part.faults = ["has another recording joined on behind it, which is not read"]
      }
    }
    return part
  }

  /// The next recording in it; nil after the last.
  ///
  /// - Parameter consumed: How far into the file the decoder has read: where a FLAC ends, only its decoder knows.
  mutating func next(after consumed: Int64) -> FilePart? {
    if let part = parts.popFirst() { return part }
    guard isFLAC, consumed > 0, found < Self.mostParts else { return nil }
    found += 1
    // A decoder reads ahead.
    let from = max(last + Int64(Self.flac.count), consumed - Self.readAhead)
    guard let start = file.position(of: Self.flac, from: from) else { return nil }
    last = start
    return FilePart(start..<file.size)
  }

  /// The first bytes of a FLAC: its name, and the header of the block that always comes first, 34 bytes long.
  private static let flac = Array("fLaC".utf8) + [0, 0, 0, 34]
  private static let readAhead: Int64 = 1 << 17
  private static let mostParts = 10_000

  /// WAV, AIFF and their like: another one may stand where the first one's header says that it ends.
  private static func chunked(_ file: inout FileBytes) -> [FilePart] {
    var parts: [FilePart] = []
    var start: Int64 = 0
    while parts.count < mostParts {
      guard let header = FileHeader(&file, from: start) else {
        parts.append(FilePart(start..<file.size))
        break
      }
      let another = end(of: header, &file, from: start).flatMap { isAnother(&file, at: $0) ? $0 : nil }
      var part = FilePart(start..<(another ?? file.size))
      part.isUnfinished = header.isUnfinished
      part.missing = header.missingPart
      // A length of 0 is taken at its word, and one beyond the file's end is too much for some readers.
      if let field = header.lengthField, header.isUnfinished || header.missingPart > 0 {
        let bytes = field.bytes(saying: header.bytesThere)
        part.patch = FilePart.Patch(position: field.position, bytes: bytes)
      }
      parts.append(part)
      guard let another else { break }
      start = another
    }
    return parts
  }

  /// Where the file that begins at `start` ends according to its header.
  private static func end(of header: FileHeader, _ file: inout FileBytes, from start: Int64) -> Int64? {
    // What its header counts, and how many bytes before that it leaves out.
    let (counted, before): (Int64?, Int64) =
      switch file.text(at: start, 4) {
      case "RIFF": (file.number(at: start + 4, 4, bigEndian: false), 8)
      case "RIFX", "FORM": (file.number(at: start + 4, 4, bigEndian: true), 8)
      case "RF64", "BW64": (file.number(at: start + 20, 8, bigEndian: false), 8)
      case "riff": (file.number(at: start + 16, 8, bigEndian: false), 0)
      default: (header.declaredBytes, header.audioStart - start)
      }
    guard let counted, counted > 0, counted < file.size - start - before else { return nil }
    let size = counted + before
    return start + size + (size & 1)
  }

  private static func isAnother(_ file: inout FileBytes, at position: Int64) -> Bool {
    guard let next = Container(firstBytes: file.bytes(at: position, Container.bytesNeeded)) else {
      return false
    }
    return next.decoder == .soundFile
  }
}

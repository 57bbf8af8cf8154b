import Glibc

/// What a container's chunks say about the length of its audio, compared with the file that is there.
///
/// libsndfile quietly mends both lies that recorders tell: a file cut short is taken to be as long as it is,
/// and one whose length was never filled in is taken to be empty. The first must be told, the second mended.
struct FileHeader: Equatable {
  /// Where the audio begins, in bytes.
  var audioStart: Int64
  /// Bytes of audio that the header declares; nil when it leaves the length open, as streams do.
  var declaredBytes: Int64?
  /// Bytes from the audio's beginning to the file's end.
  var bytesThere: Int64
  /// Where the audio chunk's length stands, when it is four bytes little-endian.
  var lengthField: Int64?

  /// The part of the declared audio that is missing, from 0 to 1.
  var missingPart: Double {
    guard let declaredBytes, declaredBytes > bytesThere else { return 0 }
    return Double(declaredBytes - bytesThere) / Double(declaredBytes)
  }

  /// Whether the length was never filled in: a recorder that crashed leaves 0 and its audio behind it.
  var isUnfinished: Bool { declaredBytes == 0 && bytesThere > 0 && lengthField != nil }

  /// Reads a WAV, RF64, AIFF, W64 or MP4 header; nil for other files and for chunks that lead nowhere.
  init?(descriptor: Int32) {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int64(facts.st_size)
    guard let start = Self.read(descriptor, at: 0, count: 16) else { return nil }
    switch String(decoding: start[0..<4], as: UTF8.self) {
    case "RIFF", "RF64", "BW64": self.init(chunks: descriptor, size: size, bigEndian: false, audio: "data")
    case "RIFX": self.init(chunks: descriptor, size: size, bigEndian: true, audio: "data")
    case "FORM": self.init(chunks: descriptor, size: size, bigEndian: true, audio: "SSND")
    case "riff": self.init(wave64: descriptor, size: size)
    default:
      guard Self.isBoxName(start[4..<8]) else { return nil }
      self.init(boxes: descriptor, size: size)
    }
  }

  private init?(chunks descriptor: Int32, size: Int64, bigEndian: Bool, audio: String) {
    var position: Int64 = 12
    var large: Int64?
    for _ in 0..<Self.mostChunks {
      guard let header = Self.read(descriptor, at: position, count: 8) else { return nil }
      let length = Self.number(header[4..<8], bigEndian: bigEndian)
      let name = String(decoding: header[0..<4], as: UTF8.self)
      if name == "ds64", let sizes = Self.read(descriptor, at: position + 8, count: 16) {
        large = Self.number(sizes[8..<16], bigEndian: false)
      }
      if name == audio {
        let open: Set<Int64> = [0xFFFF_FFFF, 0xFFFF_FFFE, 0x7FFF_FFFF, 0x7FFF_F000, 0x8000_0000]
        audioStart = position + 8
        bytesThere = size - audioStart
        declaredBytes = length == 0xFFFF_FFFF && large != nil ? large : open.contains(length) ? nil : length
        lengthField = bigEndian ? nil : position + 4
        return
      }
      position += 8 + length + (length & 1)
    }
    return nil
  }

  private init?(wave64 descriptor: Int32, size: Int64) {
    var position: Int64 = 40
    for _ in 0..<Self.mostChunks {
      guard let header = Self.read(descriptor, at: position, count: 24) else { return nil }
      let length = Self.number(header[16..<24], bigEndian: false)
      guard length >= 24, length < Int64.max - size - 8 else { return nil }
      if String(decoding: header[0..<4], as: UTF8.self) == "data" {
        audioStart = position + 24
        bytesThere = size - audioStart
        declaredBytes = length - 24
        return
      }
      position += (length + 7) / 8 * 8
    }
    return nil
  }

  /// An MP4's boxes: only whether the last of them is cut off matters, and whether there is an index.
  private init?(boxes descriptor: Int32, size: Int64) {
    var position: Int64 = 0
    for _ in 0..<Self.mostChunks where position + 8 <= size {
      guard
        let header = Self.read(descriptor, at: position, count: 16)
          ?? Self.read(descriptor, at: position, count: 8)
      else { return nil }
      var length = Self.number(header[0..<4], bigEndian: true)
      if length == 1, header.count == 16 { length = Self.number(header[8..<16], bigEndian: true) }
      // A length of 0 means "to the end of the file".
      guard length >= 8, Self.isBoxName(header[4..<8]) else { return nil }
      if length > size - position {
        audioStart = position
        bytesThere = size - position
        declaredBytes = length
        return
      }
      position += length
    }
    return nil
  }

  private static let mostChunks = 10_000

  private static func isBoxName(_ bytes: ArraySlice<UInt8>) -> Bool {
    ["ftyp", "moov", "mdat", "wide", "free", "skip", "moof", "mfra", "uuid", "pnot", "meta", "sidx", "styp"]
      .contains(String(decoding: bytes, as: UTF8.self))
  }

  private static func number(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> Int64 {
    let value = (bigEndian ? Array(bytes) : bytes.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int64(clamping: value)
  }

  private static func read(_ descriptor: Int32, at position: Int64, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = pread(descriptor, &bytes, count, off_t(position))
    return got == count ? bytes : nil
  }
}

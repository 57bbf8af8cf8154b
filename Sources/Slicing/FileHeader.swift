/// What a container's chunks say about the length of its audio, compared with the file that is there.
///
/// libsndfile quietly mends both lies that recorders tell: a file cut short is taken to be as long as it is,
/// and one whose length was never filled in is taken to be empty. The first must be told, the second mended.
struct FileHeader: Equatable {
  /// Where the audio begins, in bytes.
  var audioStart: Int64
  /// Bytes of audio that the header declares; nil when it leaves the length open, as streams do.
  var declaredBytes: Int64?
  /// Where the file ends, in bytes.
  var fileEnd: Int64
  /// Where the audio's length stands, and how; nil where there is no telling.
  var lengthField: LengthField?

  /// A number in a header that counts bytes of audio.
  struct LengthField: Equatable {
    /// Where it stands, in bytes of the file.
    var position: Int64
    /// How many bytes it has.
    var width: Int
    var isBigEndian: Bool
    /// How much more than the audio it counts.
    var extra: Int64 = 0

    /// The bytes that say `length`, held to what the field can hold.
    func bytes(saying length: Int64) -> [UInt8] {
      let most = width == 4 ? Int64(UInt32.max) : .max
      let value = UInt64(min(length + extra, most))
      let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
      return isBigEndian ? little.reversed() : little
    }
  }

  /// Bytes from the audio's beginning to the file's end.
  var bytesThere: Int64 { max(0, fileEnd - audioStart) }

  /// The part of the declared audio that is missing, from 0 to 1.
  var missingPart: Double {
    guard let declaredBytes, declaredBytes > bytesThere else { return 0 }
    return Double(declaredBytes - bytesThere) / Double(declaredBytes)
  }

  /// Whether the length was never filled in: a recorder that crashed leaves 0 and its audio behind it.
  var isUnfinished: Bool { declaredBytes == 0 && bytesThere > 0 && lengthField != nil }

  /// Reads a WAV, RF64, AIFF, W64, AU, CAF or MP4 header that stands at `start`; nil for other files and for
  /// chunks that lead nowhere.
  init?(_ file: inout FileBytes, from start: Int64 = 0) {
    switch file.text(at: start, 4) {
    case "RIFF": self.init(chunks: &file, from: start, bigEndian: false, audio: "data")
    case "RF64", "BW64": self.init(chunks: &file, from: start, bigEndian: false, audio: "data")
    case "RIFX": self.init(chunks: &file, from: start, bigEndian: true, audio: "data")
    case "FORM": self.init(chunks: &file, from: start, bigEndian: true, audio: "SSND")
    case "riff": self.init(wave64: &file, from: start)
    case ".snd": self.init(au: &file, from: start, bigEndian: true)
    case "dns.": self.init(au: &file, from: start, bigEndian: false)
    case "caff": self.init(caf: &file, from: start)
    default:
      guard Self.isBoxName(file.text(at: start + 4, 4)) else { return nil }
      self.init(boxes: &file)
    }
  }

  private init(_ file: borrowing FileBytes, audioStart: Int64, declared: Int64?, field: LengthField?) {
    self.audioStart = audioStart
    declaredBytes = declared
    fileEnd = file.size
    lengthField = field
  }

  private init?(chunks file: inout FileBytes, from start: Int64, bigEndian: Bool, audio: String) {
    var position = start + 12
    var large: (length: Int64, field: LengthField)?
    // AIFF's audio chunk begins with an offset and a block size.
    let lead: Int64 = audio == "SSND" ? 8 : 0
    for _ in 0..<Self.mostChunks {
      guard let length = file.number(at: position + 4, 4, bigEndian: bigEndian) else { return nil }
      let name = file.text(at: position, 4)
      if name == "ds64", let size = file.number(at: position + 16, 8, bigEndian: false) {
        large = (size, LengthField(position: position + 16, width: 8, isBigEndian: false))
      }
      if name == audio {
        let isLarge = length == 0xFFFF_FFFF && large != nil
        let small = LengthField(position: position + 4, width: 4, isBigEndian: bigEndian, extra: lead)
        self.init(
          file,
          audioStart: position + 8 + lead,
          declared: isLarge ? large?.length : Self.isOpen(length) ? nil : max(0, length - lead),
          field: isLarge ? large?.field : small
        )
        return
      }
      position += 8 + length + (length & 1)
    }
    return nil
  }

  private init?(wave64 file: inout FileBytes, from start: Int64) {
    var position = start + 40
    for _ in 0..<Self.mostChunks {
      guard let length = file.number(at: position + 16, 8, bigEndian: false) else { return nil }
      if file.text(at: position, 4) == "data" {
        self.init(
          file,
          audioStart: position + 24,
          declared: max(0, length - 24),
          field: LengthField(position: position + 16, width: 8, isBigEndian: false, extra: 24)
        )
        return
      }
      guard length >= 24, length < Int64.max - file.size - 8 else { return nil }
      position += (length + 7) / 8 * 8
    }
    return nil
  }

  private init?(au file: inout FileBytes, from start: Int64, bigEndian: Bool) {
    guard let offset = file.number(at: start + 4, 4, bigEndian: bigEndian),
      let length = file.number(at: start + 8, 4, bigEndian: bigEndian)
    else { return nil }
    self.init(
      file,
      audioStart: start + offset,
      declared: Self.isOpen(length) ? nil : length,
      field: LengthField(position: start + 8, width: 4, isBigEndian: bigEndian)
    )
  }

  private init?(caf file: inout FileBytes, from start: Int64) {
    var position = start + 8
    for _ in 0..<Self.mostChunks {
      guard let length = file.number(at: position + 4, 8, bigEndian: true) else { return nil }
      if file.text(at: position, 4) == "data" {
        // The audio begins behind a counter of edits. All ones mean "to the end of the file".
        self.init(
          file,
          audioStart: position + 16,
          declared: file.bytes(at: position + 4, 8).allSatisfy { $0 == 0xFF } ? nil : max(0, length - 4),
          field: LengthField(position: position + 4, width: 8, isBigEndian: true, extra: 4)
        )
        return
      }
      guard length < Int64.max - file.size - 12 else { return nil }
      position += 12 + length
    }
    return nil
  }

  /// An MP4's boxes: only whether the last of them is cut off matters, and whether there is an index.
  private init?(boxes file: inout FileBytes) {
    var position: Int64 = 0
    for _ in 0..<Self.mostChunks where position + 8 <= file.size {
      guard var length = file.number(at: position, 4, bigEndian: true),
        Self.isBoxName(file.text(at: position + 4, 4))
      else { return nil }
      if length == 1 { length = file.number(at: position + 8, 8, bigEndian: true) ?? 0 }
      // A length of 0 means "to the end of the file".
      guard length >= 8 else { return nil }
      if length > file.size - position {
        self.init(file, audioStart: position, declared: length, field: nil)
        return
      }
      position += length
    }
    return nil
  }

  /// Where another MP4 begins behind the first; nil for other files, and where there is none.
  static func secondMovie(_ file: inout FileBytes) -> Int64? {
    var position: Int64 = 0
    for _ in 0..<mostChunks {
      guard var length = file.number(at: position, 4, bigEndian: true),
        case let name = file.text(at: position + 4, 4), isBoxName(name)
      else { return nil }
      if name == "ftyp", position > 0 { return position }
      if length == 1 { length = file.number(at: position + 8, 8, bigEndian: true) ?? 0 }
      guard length >= 8, length < file.size - position else { return nil }
      position += length
    }
    return nil
  }

  private static let mostChunks = 10_000

  /// What streams write where a length belongs.
  private static func isOpen(_ length: Int64) -> Bool {
    [0xFFFF_FFFF, 0xFFFF_FFFE, 0x7FFF_FFFF, 0x7FFF_F000, 0x8000_0000].contains(length)
  }

  private static func isBoxName(_ name: String) -> Bool {
    ["ftyp", "moov", "mdat", "wide", "free", "skip", "moof", "mfra", "uuid", "pnot", "meta", "sidx", "styp"]
      .contains(name)
  }
}

/// What kind of file a recording is, by its first bytes, and which program reads it.
///
/// A file's name decides nothing here: only the kinds in this list ever reach a decoder, and each decoder is
/// told the kind, so that no decoder's own guessing is let near a stranger's bytes.
public struct Container: Equatable, Sendable {
  /// Who makes samples of it.
  public enum Decoder: Equatable, Sendable {
    /// libsndfile, on the file itself.
    case soundFile
    /// libsndfile, which is not told the file's size. An MP3 with a variable bit rate and no index is cut short
    /// when libsndfile guesses its length from that; as a stream it is read to its end.
    case soundFileStreamed
    /// ffmpeg, with the demuxer of this name.
    case ffmpeg(demuxer: String)
  }

  /// How many of a file's first bytes ``init(firstBytes:)`` wants to see; fewer are fine for a shorter file.
  public static let bytesNeeded = 4096

  /// The container in words that a person knows, such as `WAV`.
  public let name: String
  /// Who makes samples of it.
  public let decoder: Decoder

  /// Recognises a recording by its first bytes; nil when they are those of no kind in the list.
  public init?(firstBytes: some Sequence<UInt8>) {
    let bytes = FirstBytes(firstBytes)
    guard
      let (name, decoder) = Self.riffLike(bytes) ?? Self.plain(bytes) ?? Self.isoMedia(bytes)
        ?? Self.foreign(bytes) ?? Self.framed(bytes)
    else { return nil }
    self.name = name
    self.decoder = decoder
  }

  /// RIFF, IFF and their 64-bit heirs: the form's name stands at byte 8.
  private static func riffLike(_ bytes: FirstBytes) -> (String, Decoder)? {
    switch (bytes.text(0, 4), bytes.text(8, 4)) {
    case ("RIFF", "WAVE"), ("RIFX", "WAVE"): ("WAV", wave(bytes))
    case ("RF64", "WAVE"), ("BW64", "WAVE"): ("RF64", .soundFile)
    case ("FORM", "AIFF"): ("AIFF", .soundFile)
    case ("FORM", "AIFC"): ("AIFF", aifc(bytes))
    case ("RIFF", "AVI "): ("AVI", .ffmpeg(demuxer: "avi"))
    // The first four bytes of Sony's Wave64 are those of a longer identifier.
    case ("riff", _) where bytes.has([0x2E, 0x91, 0xCF, 0x11], at: 4): ("W64", .soundFile)
    default: nil
    }
  }

  /// A WAV may hold nearly every encoding; the format chunk's first number says which. libsndfile reads PCM,
  /// float, A-law, mu-law, GSM 6.10 and two kinds of ADPCM; of an MP3 in a WAV it misses the end.
  private static func wave(_ bytes: FirstBytes) -> Decoder {
    let isLittle = bytes.text(0, 4) == "RIFF"
    guard let format = bytes.chunk("fmt ", from: 12, isBigEndian: !isLittle),
      let first = bytes[format], let second = bytes[format + 1]
    else { return .soundFile }
    let tag = isLittle ? Int(first) | Int(second) << 8 : Int(first) << 8 | Int(second)
    return [1, 2, 3, 6, 7, 0x11, 0x31, 0xFFFE].contains(tag) ? .soundFile : .ffmpeg(demuxer: "wav")
  }

  /// An AIFF-C's common chunk names its encoding behind 18 bytes of other facts.
  private static func aifc(_ bytes: FirstBytes) -> Decoder {
    guard let common = bytes.chunk("COMM", from: 12, isBigEndian: true) else { return .soundFile }
    let plain = [
      "", "NONE", "sowt", "twos", "raw ", "in24", "42ni", "in32", "23ni", "fl32", "FL32", "fl64", "FL64",
      "ulaw",
      "ULAW", "alaw", "ALAW", "ima4", "GSM ",
    ]
    return plain.contains(bytes.text(common + 18, 4)) ? .soundFile : .ffmpeg(demuxer: "aiff")
  }

  private static func plain(_ bytes: FirstBytes) -> (String, Decoder)? {
    switch bytes.text(0, 4) {
    case ".snd", "dns.": return ("AU", .soundFile)
    case "caff": return caf(bytes)
    case "fLaC": return ("FLAC", .soundFile)
    case "OggS": return ogg(bytes)
    default: return nil
    }
  }

  /// A CAF's first chunk names its encoding. libsndfile reads the plain ones, and ALAC where the source's bit
  /// depth stands beside it, as Apple's own programs write it.
  private static func caf(_ bytes: FirstBytes) -> (String, Decoder) {
    switch bytes.text(28, 4) {
    case "lpcm", "ulaw", "alaw", "": ("CAF", .soundFile)
    case "alac" where (1...4).contains(bytes[35] ?? 0): ("CAF", .soundFile)
    default: ("CAF", .ffmpeg(demuxer: "caf"))
    }
  }

  /// The first page of an Ogg stream says what is in it. libsndfile reads two kinds and ffmpeg the rest, FLAC
  /// too: libsndfile 1.2.0 opens only some of those.
  private static func ogg(_ bytes: FirstBytes) -> (String, Decoder) {
    guard let segments = bytes[26] else { return ("Ogg", .soundFile) }
    let packet = 27 + Int(segments)
    if bytes.text(packet, 8) == "OpusHead" { return ("Ogg Opus", .soundFile) }
    if bytes.text(packet + 1, 6) == "vorbis" { return ("Ogg Vorbis", .soundFile) }
    if bytes.text(packet + 1, 4) == "FLAC" { return ("Ogg FLAC", .ffmpeg(demuxer: "ogg")) }
    let isSpeex = bytes.text(packet, 8) == "Speex   "
    return (isSpeex ? "Ogg Speex" : "Ogg", .ffmpeg(demuxer: "ogg"))
  }

  /// MP4 and its family; the brand says what a person would call it.
  private static func isoMedia(_ bytes: FirstBytes) -> (String, Decoder)? {
    switch bytes.text(4, 4) {
    case "ftyp":
      let name =
        switch bytes.text(8, 3) {
        case "M4A", "M4B", "M4P": "M4A"
        case "3gp", "3g2", "3ge", "3gg": "3GP"
        case "qt ": "QuickTime"
        default: "MP4"
        }
      return (name, .ffmpeg(demuxer: "mov"))
    // QuickTime files from before the brand was invented begin with one of these boxes.
    case "moov", "mdat", "wide", "pnot": return ("QuickTime", .ffmpeg(demuxer: "mov"))
    default: return nil
    }
  }

  private static func foreign(_ bytes: FirstBytes) -> (String, Decoder)? {
    if bytes.has([0x1A, 0x45, 0xDF, 0xA3], at: 0) {
      let isWebM = bytes.contains(Array("webm".utf8), before: 128)
      return (isWebM ? "WebM" : "Matroska", .ffmpeg(demuxer: "matroska"))
    }
    if bytes.has([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], at: 0) {
      return ("WMA", .ffmpeg(demuxer: "asf"))
    }
    if bytes.text(0, 6) == "#!AMR\n" || bytes.text(0, 9) == "#!AMR-WB\n" {
      return ("AMR", .ffmpeg(demuxer: "amr"))
    }
    if bytes.text(0, 4) == "FLV\u{1}" { return ("FLV", .ffmpeg(demuxer: "flv")) }
    if bytes.text(0, 4) == "MAC " { return ("Monkey's Audio", .ffmpeg(demuxer: "ape")) }
    if bytes.text(0, 4) == "wvpk" { return ("WavPack", .ffmpeg(demuxer: "wv")) }
    if bytes.text(0, 4) == "TTA1" { return ("TTA", .ffmpeg(demuxer: "tta")) }
    if bytes.has([0x00, 0x00, 0x01, 0xBA], at: 0) { return ("MPEG video", .ffmpeg(demuxer: "mpeg")) }
    // Packets of 188 bytes, on discs with a time of 4 bytes before each.
    if (0..<5).allSatisfy({ bytes[188 * $0] == 0x47 }) || (0..<5).allSatisfy({ bytes[192 * $0 + 4] == 0x47 })
    {
      return ("MPEG-TS", .ffmpeg(demuxer: "mpegts"))
    }
    if bytes.has([0x7F, 0xFE, 0x80, 0x01], at: 0) { return ("DTS", .ffmpeg(demuxer: "dts")) }
    if let length = bytes.ac3Frame(at: 0), bytes.ends(at: length, or: bytes.ac3Frame) {
      let isEnhanced = (bytes[5] ?? 0) >> 3 > 10
      return isEnhanced ? ("E-AC-3", .ffmpeg(demuxer: "eac3")) : ("AC-3", .ffmpeg(demuxer: "ac3"))
    }
    if let length = bytes.loasFrame(at: 0), bytes.ends(at: length, or: bytes.loasFrame) {
      return ("AAC", .ffmpeg(demuxer: "loas"))
    }
    return nil
  }

  /// Streams of frames without a header: MP3 and AAC, behind an ID3v2 tag or not.
  private static func framed(_ bytes: FirstBytes) -> (String, Decoder)? {
    let mp3: (String, Decoder) = ("MP3", .soundFileStreamed)
    let aac: (String, Decoder) = ("AAC", .ffmpeg(demuxer: "aac"))
    var start = 0
    if let tag = bytes.id3Length {
      start = tag
      // A picture in the tag pushes the first frame out of sight; nearly always an MP3 follows.
      guard start + 4 <= bytes.count else { return mp3 }
      if bytes.text(start, 4) == "fLaC" { return ("FLAC", .soundFile) }
      if start + 3000 > bytes.count {
        return bytes.adtsFrame(at: start) == nil ? mp3 : aac
      }
    }
    // Some encoders pad with zeros before the first frame.
    while start < bytes.count, bytes[start] == 0 { start += 1 }
    if let length = bytes.adtsFrame(at: start), bytes.ends(at: start + length, or: bytes.adtsFrame) {
      return aac
    }
    // A stream that was cut out of a longer one begins amid a frame; two frames in a row are no accident.
    for offset in start..<max(start, min(bytes.count, start + 1500)) {
      guard let length = bytes.mpegFrame(at: offset) else { continue }
      let isWhole = offset == start && bytes.ends(at: start + length, or: bytes.mpegFrame)
      if isWhole || bytes.mpegFrame(at: offset + length) != nil { return mp3 }
    }
    return nil
  }

  /// Whether a file of this name is meant to be audio or video: what intake asks about a file whose first
  /// bytes say nothing, so that a damaged recording is reported and a text file ignored.
  public static func extensionSuggestsMedia(_ name: [UInt8]) -> Bool {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
      name.count - dot - 1 <= longestExtension
    else { return false }
    let lowered = name[(dot + 1)...].map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    return mediaExtensions.contains(String(decoding: lowered, as: UTF8.self))
  }

  private static let longestExtension = 5
  private static let mediaExtensions: Set<String> = [
    "3g2", "3ga", "3gp", "aac", "ac3", "aif", "aifc", "aiff", "amr", "ape", "asf", "au", "avi", "awb", "bw64",
    "caf", "dts", "eac3", "ec3", "f4a", "f4v", "flac", "flv", "latm", "loas", "m2t", "m2ts", "m4a", "m4b",
    "m4p",
    "m4v", "mka", "mkv", "mov", "mp1", "mp2", "mp3", "mp4", "mpeg", "mpg", "mpga", "mts", "oga", "ogg", "ogm",
    "ogv", "opus", "qt", "rf64", "snd", "spx", "tta", "vob", "w64", "wav", "wave", "weba", "webm", "wma",
    "wmv",
    "wv",
  ]
}

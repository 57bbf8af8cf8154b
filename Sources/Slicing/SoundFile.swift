import CSndFile
import Glibc

/// A recording that libsndfile reads, from its first frame to its last, in order. The only file that knows
/// libsndfile.
///
/// It never seeks: on hostile input a seek may not come back.
struct SoundFile: ~Copyable {
  /// Frames a second.
  let sampleRate: Int
  /// Channels, 1 to 64.
  let channels: Int
  /// Frames that the header declares; nil when it declares none that make sense.
  let declaredFrames: Int64?
  /// How samples are stored, such as `16-bit PCM`.
  let encoding: String

  private let handle: OpaquePointer
  private let patch: UnsafeMutablePointer<PatchedFile>?

  /// Opens a recording on a copy of `descriptor`, which stays the caller's.
  ///
  /// - Parameters:
  ///   - descriptor: A regular file, or a pipe whose writer sends an MP3 or AU stream.
  ///   - unfinished: The header of a WAV whose length was never filled in: it is read as if it said "to the
  ///     end of the file".
  /// - Throws: ``UnreadableSound``.
  init(descriptor: Int32, unfinished header: FileHeader? = nil) throws(UnreadableSound) {
    var facts = SF_INFO()
    let (handle, patch) = try Self.open(descriptor, header, &facts)
    let encoding = Self.encodings[Int(facts.format) & Int(SF_FORMAT_SUBMASK)]
    if let fault = Self.fault(facts, isKnown: encoding != nil) {
      sf_close(handle)
      patch.map(PatchedFile.release)
      throw UnreadableSound(fault)
    }
    self.handle = handle
    self.patch = patch
    self.encoding = encoding ?? ""
    sampleRate = Int(facts.samplerate)
    channels = Int(facts.channels)
    // libsndfile says "I do not know" with the largest number, or one that only looks like a length.
    declaredFrames = (0..<Int64.max / 2).contains(facts.frames) ? facts.frames : nil
  }

  private static func open(
    _ descriptor: Int32,
    _ header: FileHeader?,
    _ facts: inout SF_INFO
  ) throws(UnreadableSound) -> (OpaquePointer, UnsafeMutablePointer<PatchedFile>?) {
    var patch: UnsafeMutablePointer<PatchedFile>?
    let opened: OpaquePointer?
    if let header, let field = header.lengthField {
      let file = UnsafeMutablePointer<PatchedFile>.allocate(capacity: 1)
      file.initialize(to: PatchedFile(descriptor: descriptor, header: header, field: field))
      patch = file
      var callbacks = PatchedFile.callbacks
      opened = sf_open_virtual(&callbacks, Int32(SFM_READ), &facts, file)
    } else {
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      guard copy >= 0 else { throw UnreadableSound("the recording cannot be opened a second time") }
      // With SF_TRUE the copy is libsndfile's to close, when opening fails too.
      opened = sf_open_fd(copy, Int32(SFM_READ), &facts, Int32(SF_TRUE))
    }
    guard let opened else {
      patch.map(PatchedFile.release)
      throw UnreadableSound("libsndfile cannot read it: \(lastError(of: nil))")
    }
    return (opened, patch)
  }

  private static func fault(_ facts: SF_INFO, isKnown: Bool) -> String? {
    guard isKnown else { return "its encoding is none that is safe to decode" }
    guard (1000...768_000).contains(facts.samplerate) else {
      return "it declares \(facts.samplerate) samples a second; 1,000 to 768,000 make sense"
    }
    guard (1...64).contains(facts.channels) else {
      return "it declares \(facts.channels) channels; 1 to 64 make sense"
    }
    return nil
  }

  deinit {
    sf_close(handle)
    patch.map(PatchedFile.release)
  }

  /// Reads the next frames, interleaved, full scale being 1; returns how many there were, 0 at the end.
  mutating func read(_ frames: Int, into samples: UnsafeMutablePointer<Float>) -> Int {
    Int(max(0, sf_readf_float(handle, samples, sf_count_t(frames))))
  }

  /// What libsndfile found wrong since it opened the recording; nil when nothing.
  var failure: String? { sf_error(handle) == 0 ? nil : Self.lastError(of: handle) }

  private static func lastError(of handle: OpaquePointer?) -> String {
    guard let text = sf_strerror(handle) else { return "no reason given" }
    let words = String(cString: text)
    // What it says for junk behind a known first byte has nothing to do with files or their existence.
    let misleading = words.contains("does not exist") || words.contains("System error")
    let trimmed = words.last == "." ? String(words.dropLast()) : words
    return misleading ? "nothing in it can be decoded" : trimmed
  }

  /// The encodings that may be decoded. NMS and VOX ADPCM are left out: Debian 12's decoders for them write
  /// outside their buffers.
  private static let encodings: [Int: String] = [
    Int(SF_FORMAT_PCM_S8): "8-bit PCM", Int(SF_FORMAT_PCM_U8): "8-bit PCM",
    Int(SF_FORMAT_PCM_16): "16-bit PCM", Int(SF_FORMAT_PCM_24): "24-bit PCM",
    Int(SF_FORMAT_PCM_32): "32-bit PCM", Int(SF_FORMAT_FLOAT): "32-bit float",
    Int(SF_FORMAT_DOUBLE): "64-bit float", Int(SF_FORMAT_ULAW): "mu-law", Int(SF_FORMAT_ALAW): "A-law",
    Int(SF_FORMAT_IMA_ADPCM): "IMA ADPCM", Int(SF_FORMAT_MS_ADPCM): "Microsoft ADPCM",
    Int(SF_FORMAT_GSM610): "GSM 6.10", Int(SF_FORMAT_G721_32): "G.721 ADPCM",
    Int(SF_FORMAT_G723_24): "G.723 ADPCM", Int(SF_FORMAT_G723_40): "G.723 ADPCM",
    Int(SF_FORMAT_VORBIS): "Vorbis", Int(SF_FORMAT_OPUS): "Opus", Int(SF_FORMAT_ALAC_16): "ALAC",
    Int(SF_FORMAT_ALAC_20): "ALAC", Int(SF_FORMAT_ALAC_24): "ALAC", Int(SF_FORMAT_ALAC_32): "ALAC",
    Int(SF_FORMAT_DWVW_12): "DWVW", Int(SF_FORMAT_DWVW_16): "DWVW", Int(SF_FORMAT_DWVW_24): "DWVW",
    Int(SF_FORMAT_MPEG_LAYER_I): "MPEG layer I", Int(SF_FORMAT_MPEG_LAYER_II): "MPEG layer II",
    Int(SF_FORMAT_MPEG_LAYER_III): "MPEG layer III",
  ]
}

/// Why a recording cannot be read.
public struct UnreadableSound: Error, Equatable {
  /// The reason, for a person.
  public let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A file as libsndfile should see it: with the length of its audio filled in.
private struct PatchedFile {
  let descriptor: Int32
  let size: Int64
  let field: Int64
  let length: [UInt8]
  var position: Int64 = 0

  init(descriptor: Int32, header: FileHeader, field: Int64) {
    self.descriptor = descriptor
    self.field = field
    size = header.audioStart + header.bytesThere
    length = withUnsafeBytes(of: UInt32(clamping: header.bytesThere).littleEndian) { Array($0) }
  }

  static func release(_ file: UnsafeMutablePointer<PatchedFile>) {
    file.deinitialize(count: 1)
    file.deallocate()
  }

  mutating func read(into target: UnsafeMutableRawPointer, _ count: Int64) -> Int64 {
    let got = Int64(pread(descriptor, target, Int(count), off_t(position)))
    guard got > 0 else { return 0 }
    for (offset, byte) in length.enumerated() {
      let place = field + Int64(offset) - position
      if (0..<got).contains(place) { target.storeBytes(of: byte, toByteOffset: Int(place), as: UInt8.self) }
    }
    position += got
    return got
  }

  mutating func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    let origin = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position : size
    let (target, overflow) = origin.addingReportingOverflow(offset)
    guard !overflow, target >= 0 else { return -1 }
    position = target
    return target
  }

  static var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { $0?.assumingMemoryBound(to: PatchedFile.self).pointee.size ?? -1 },
      seek: { $2?.assumingMemoryBound(to: PatchedFile.self).pointee.seek($0, $1) ?? -1 },
      read: { target, count, file in
        guard let target, let file else { return 0 }
        return file.assumingMemoryBound(to: PatchedFile.self).pointee.read(into: target, count)
      },
      write: { _, _, _ in 0 },
      tell: { $0?.assumingMemoryBound(to: PatchedFile.self).pointee.position ?? -1 }
    )
  }
}

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
  private let view: UnsafeMutablePointer<FileView>?
  private var done: Int64 = 0
  private var complaint: String?

  /// Opens a decoder's output: a pipe that an AU stream comes from.
  ///
  /// - Throws: ``UnreadableSound``.
  init(pipe: Int32) throws(UnreadableSound) {
    let copy = fcntl(pipe, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw UnreadableSound("the recording cannot be opened a second time") }
    var facts = SF_INFO()
    // With SF_TRUE the copy is libsndfile's to close, when opening fails too.
    try self.init(sf_open_fd(copy, Int32(SFM_READ), &facts, Int32(SF_TRUE)), facts, nil)
  }

  /// Opens a part of a regular file, which stays the caller's.
  ///
  /// - Throws: ``UnreadableSound``.
  init(_ part: FilePart, of descriptor: Int32) throws(UnreadableSound) {
    let view = UnsafeMutablePointer<FileView>.allocate(capacity: 1)
    view.initialize(to: FileView(descriptor: descriptor, part: part))
    var facts = SF_INFO()
    var callbacks = FileView.callbacks
    try self.init(sf_open_virtual(&callbacks, Int32(SFM_READ), &facts, view), facts, view)
  }

  private init(
    _ opened: OpaquePointer?,
    _ facts: SF_INFO,
    _ view: UnsafeMutablePointer<FileView>?
  ) throws(UnreadableSound) {
    let encoding = Self.encodings[Int(facts.format) & Int(SF_FORMAT_SUBMASK)]
    let fault =
      opened == nil
      ? "libsndfile cannot read it: \(Self.lastError(of: nil))" : Self.fault(facts, isKnown: encoding != nil)
    guard let opened, fault == nil else {
      opened.map { _ = sf_close($0) }
      view.map(FileView.release)
      throw UnreadableSound(fault ?? "")
    }
    handle = opened
    self.view = view
    self.encoding = encoding ?? ""
    sampleRate = Int(facts.samplerate)
    channels = Int(facts.channels)
    // libsndfile says "I do not know" with the largest number; of a pipe it knows nothing, whatever it says.
    declaredFrames = view != nil && (0..<Int64.max / 2).contains(facts.frames) ? facts.frames : nil
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
    view.map(FileView.release)
  }

  /// How far into the file the decoder has read, in bytes; 0 for a pipe.
  var consumed: Int64 { view?.pointee.consumed ?? 0 }

  /// Reads the next frames, interleaved, full scale being 1; returns how many there were, 0 at the end.
  mutating func read(_ frames: Int, into samples: UnsafeMutablePointer<Float>) -> Int {
    // Asked for more than is declared, FLAC's decoder takes what stands behind the file for damage.
    let wanted = min(Int64(frames), (declaredFrames ?? .max) - done)
    guard wanted > 0 else { return 0 }
    let count = Int(max(0, sf_readf_float(handle, samples, wanted)))
    done += Int64(count)
    // libsndfile forgets at its next call, and reads on over damage.
    if complaint == nil, sf_error(handle) != 0 { complaint = Self.lastError(of: handle) }
    return count
  }

  /// What libsndfile found wrong first since it opened the recording; nil when nothing.
  var failure: String? { complaint }

  private static func lastError(of handle: OpaquePointer?) -> String {
    guard let text = sf_strerror(handle) else { return "no reason given" }
    let words = String(cString: text)
    // What it says for junk behind a known first byte has nothing to do with files or their existence.
    let misleading = words.contains("does not exist") || words.contains("System error")
    if words.contains("internal error") { return "its data make no sense" }
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

extension FileView {
  fileprivate static func release(_ view: UnsafeMutablePointer<FileView>) {
    view.deinitialize(count: 1)
    view.deallocate()
  }

  private static func at(_ view: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<FileView>? {
    view?.assumingMemoryBound(to: FileView.self)
  }

  /// What libsndfile calls with a pointer to a view.
  fileprivate static var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { FileView.at($0)?.pointee.size ?? -1 },
      seek: { FileView.at($2)?.pointee.seek($0, $1) ?? -1 },
      read: { target, count, view in
        guard let target, let view = FileView.at(view) else { return 0 }
        return view.pointee.read(into: target, count)
      },
      write: { _, _, _ in 0 },
      tell: { FileView.at($0)?.pointee.position ?? -1 }
    )
  }
}

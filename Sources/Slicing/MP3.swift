import CLame
import Messages

/// The file that a clip travels as where bytes are dear: MPEG-2 layer III, 16 kHz, mono, at a constant bit rate.
/// The only file that knows LAME.
///
/// An encoder makes one file, and knows no time and nothing of the files before: equal samples give equal bytes,
/// under whose digest a reply is kept. No tag says how late the coder is, so what a decoder gives begins 1,105
/// samples (69 ms) late and ends up to 0.15 s after the clip.
struct MP3: ~Copyable {
  private let encoder: lame_t
  private var bytes: [UInt8]
  private var count = 0

  /// Samples that LAME is given at a time: it copies what it is given into memory of its own.
  private static let block = 16_384
  /// Room for what LAME may write beyond the bit rate's, by its documentation: for a block, and for the rest.
  private static let slack = block * 5 / 4 + 2 * 7200

  /// A whole MP3 file of `samples`, with silence on both sides up to `minFrames` when there are fewer.
  ///
  /// - Throws: ``LameFailure``.
  static func file(
    _ samples: UnsafeBufferPointer<Int16>,
    minFrames: Int
  ) throws(LameFailure) -> [UInt8] {
    let padding = max(0, minFrames - samples.count)
    let seconds = (samples.count + padding) / ClipRange.sampleRate + 1
    var mp3 = try MP3(capacity: seconds * ClipEncoding.mp3.bytesASecond + slack)
    try mp3.encodeSilence(padding / 2)
    try mp3.encode(samples)
    try mp3.encodeSilence(padding - padding / 2)
    return try mp3.finish()
  }

  private init(capacity: Int) throws(LameFailure) {
    guard let encoder = lame_init() else { throw LameFailure() }
    // It would write to standard error.
    lame_set_errorf(encoder, nil)
    lame_set_in_samplerate(encoder, Int32(ClipRange.sampleRate))
    lame_set_out_samplerate(encoder, Int32(ClipRange.sampleRate))
    lame_set_num_channels(encoder, 1)
    lame_set_mode(encoder, MONO)
    lame_set_VBR(encoder, vbr_off)
    lame_set_brate(encoder, Int32(ClipEncoding.kilobitsASecond))
    lame_set_bWriteVbrTag(encoder, 0)
    lame_set_write_id3tag_automatic(encoder, 0)
    guard lame_init_params(encoder) == 0 else {
      lame_close(encoder)
      throw LameFailure()
    }
    self.encoder = encoder
    bytes = [UInt8](repeating: 0, count: capacity)
  }

  deinit { lame_close(encoder) }

  private mutating func encode(_ samples: UnsafeBufferPointer<Int16>) throws(LameFailure) {
    var rest = samples
    while !rest.isEmpty {
      let some = min(rest.count, Self.block)
      try take { encoder, target, room in
        lame_encode_buffer(encoder, rest.baseAddress, rest.baseAddress, Int32(some), target, room)
      }
      rest = UnsafeBufferPointer(rebasing: rest[some...])
    }
  }

  private mutating func encodeSilence(_ count: Int) throws(LameFailure) {
    let silence = UnsafeMutableBufferPointer<Int16>.allocate(capacity: count)
    defer { silence.deallocate() }
    silence.initialize(repeating: 0)
    try encode(UnsafeBufferPointer(silence))
  }

  private consuming func finish() throws(LameFailure) -> [UInt8] {
    try take { lame_encode_flush($0, $1, $2) }
    return Array(bytes.prefix(count))
  }

  /// Keeps what `write` makes: the number of bytes that it wrote, negative when it could not.
  private mutating func take(
    _ write: (lame_t, UnsafeMutablePointer<UInt8>?, Int32) -> Int32
  ) throws(LameFailure) {
    let (encoder, offset) = (encoder, count)
    let written = bytes.withUnsafeMutableBufferPointer { buffer in
      let room = UnsafeMutableBufferPointer(rebasing: buffer[offset...])
      return write(encoder, room.baseAddress, Int32(room.count))
    }
    guard written >= 0 else { throw LameFailure() }
    count += Int(written)
  }
}

/// LAME could not encode a clip: there was no memory.
struct LameFailure: Error, CustomStringConvertible {
  var description: String { "a clip could not be encoded as MP3: there was no memory" }
}

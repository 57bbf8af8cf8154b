import Messages

/// The file that a clip travels as: RIFF WAVE, 16 kHz, mono, 16-bit PCM, which every endpoint decodes alike.
enum WAV {
  static let headerBytes = ClipEncoding.wav.headerBytes

  /// A whole WAV file of `samples`, with silence on both sides up to `minFrames` when there are fewer.
  static func file(_ samples: UnsafeBufferPointer<Int16>, minFrames: Int) -> [UInt8] {
    let padding = max(0, minFrames - samples.count)
    let audioBytes = 2 * (samples.count + padding)
    return [UInt8](unsafeUninitializedCapacity: headerBytes + audioBytes) { memory, initialized in
      let bytes = UnsafeMutableRawBufferPointer(memory)
      header(audioBytes: audioBytes, into: bytes)
      let audio = UnsafeMutableRawBufferPointer(rebasing: bytes[headerBytes...])
      let before = 2 * (padding / 2)
      let end = before + 2 * samples.count
      if padding > 0 { audio.initializeMemory(as: UInt8.self, repeating: 0) }
      // Linux on a little-endian machine is what this is built for; the samples are in the file's order.
      UnsafeMutableRawBufferPointer(rebasing: audio[before..<end]).copyMemory(
        from: UnsafeRawBufferPointer(samples)
      )
      initialized = headerBytes + audioBytes
    }
  }

  private static func header(audioBytes: Int, into bytes: UnsafeMutableRawBufferPointer) {
    var position = 0
    func text(_ text: StaticString) {
      bytes.baseAddress.map { ($0 + position).copyMemory(from: text.utf8Start, byteCount: 4) }
      position += 4
    }
    func long(_ value: Int) {
      bytes.storeBytes(of: UInt32(value).littleEndian, toByteOffset: position, as: UInt32.self)
      position += 4
    }
    func short(_ value: Int) {
      bytes.storeBytes(of: UInt16(value).littleEndian, toByteOffset: position, as: UInt16.self)
      position += 2
    }
    text("RIFF")
    long(headerBytes - 8 + audioBytes)
    text("WAVE")
    text("fmt ")
    long(16)
    short(1)
    short(1)
    long(ClipRange.sampleRate)
    long(2 * ClipRange.sampleRate)
    short(2)
    short(16)
    text("data")
    long(audioBytes)
  }
}

/// How a clip's audio travels: 16 kHz and mono either way. The raw values stand in the configuration, on the
/// slicing child's command line, and as the `format` of a request.
public enum ClipEncoding: String, CaseIterable, Codable, Sendable {
  /// RIFF WAVE, 16-bit PCM: what every endpoint decodes alike.
  case wav
  /// MPEG-2 layer III at a constant bit rate: a fifth of the bytes, for those who pay for their uplink.
  case mp3

  /// The bit rate of ``mp3``.
  public static let kilobitsASecond = 48

  /// Bytes of a second of audio.
  public var bytesASecond: Int {
    switch self {
    case .wav: 2 * ClipRange.sampleRate
    case .mp3: 1000 * Self.kilobitsASecond / 8
    }
  }

  /// Bytes of a file that hold none of the clip's audio: WAV's header, MP3's frames of padding at the most.
  public var headerBytes: Int {
    switch self {
    case .wav: 44
    case .mp3: 4 * 576 * bytesASecond / ClipRange.sampleRate
    }
  }

  /// How much audio a file of so many bytes holds, in whole tenths of a second.
  public func seconds(inBytes bytes: Int) -> Double {
    Double((bytes - headerBytes) * 10 / bytesASecond) / 10
  }
}

/// How a clip's audio travels: 16 kHz and mono either way. The raw values stand in the configuration, on the
/// slicing child's command line, and as the `format` of a request.
public enum ClipEncoding: String, CaseIterable, Codable, Sendable {
  /// RIFF WAVE, 16-bit PCM: what every endpoint decodes alike.
  case wav
  /// MPEG-2 layer III at a constant bit rate: a fifth of the bytes, for those who pay for their uplink.
  case mp3

  /// Bytes of a second of audio; a WAV file has 44 more.
  public var bytesASecond: Int {
    switch self {
    case .wav: 2 * ClipRange.sampleRate
    case .mp3: 1000 * Self.kilobitsASecond / 8
    }
  }

  /// The bit rate of ``mp3``.
  public static let kilobitsASecond = 48
}

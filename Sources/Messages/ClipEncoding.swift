/// How a clip's audio travels: 16 kHz and mono.
public enum ClipEncoding: Sendable {
  /// RIFF WAVE, 16-bit PCM: what every endpoint decodes alike.
  case wav

  /// Bytes of a second of audio.
  public var bytesASecond: Int {
    switch self {
    case .wav: 2 * ClipRange.sampleRate
    }
  }

  /// Bytes of a file that are no audio.
  public var headerBytes: Int {
    switch self {
    case .wav: 44
    }
  }

  /// How much audio a file of so many bytes holds, in whole tenths of a second.
  public func seconds(inBytes bytes: Int) -> Double {
    Double((bytes - headerBytes) * 10 / bytesASecond) / 10
  }
}

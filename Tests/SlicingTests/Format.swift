/// Every kind of file that the tests can make, and how it is made of a WAV file.
struct Format: Sendable {
  /// What a person calls it.
  let title: String
  /// The name of a file of it.
  let file: String
  let recipe: Recipe
  /// The rate and the channels of the source.
  var rate = 44_100
  var channels = 1
  /// The least part of a second's power that lies at its pitch afterwards: speech coders are no friends of tones.
  var fidelity = 0.8
  /// How much longer or shorter it may come out, in seconds: some coders pad, and say nowhere by how much.
  var tolerance = 0.1
  /// Where the kind's header counts the audio's bytes, by what more than them: unfinished headers are tried.
  var counts: Int?

  /// How a file is made.
  enum Recipe: Sendable {
    case ffmpeg([String])
    case sox([String])
    case lame([String])
    /// By a library's encoder, since no program in Debian 12 makes it.
    case amr(AMREncoder)
  }

  static let seconds = 12.0

  static let all: [Format] = [
    Format(title: "WAV, 16-bit", file: "a.wav", recipe: .ffmpeg([]), counts: 0),
    Format(title: "WAV, 8-bit", file: "a.wav", recipe: .ffmpeg(["-c:a", "pcm_u8"]), counts: 0),
    Format(title: "WAV, 24-bit, stereo", file: "a.wav", recipe: .ffmpeg(["-c:a", "pcm_s24le"]), channels: 2),
    Format(title: "WAV, 32-bit", file: "a.wav", recipe: .ffmpeg(["-c:a", "pcm_s32le"])),
    Format(title: "WAV, float", file: "a.wav", recipe: .ffmpeg(["-c:a", "pcm_f32le"])),
    Format(title: "WAV, double", file: "a.wav", recipe: .ffmpeg(["-c:a", "pcm_f64le"])),
    Format(title: "WAV, A-law", file: "a.wav", recipe: .ffmpeg(["-c:a", "pcm_alaw"]), rate: 8000),
    Format(title: "WAV, mu-law", file: "a.wav", recipe: .ffmpeg(["-c:a", "pcm_mulaw"]), rate: 8000),
    Format(title: "WAV, IMA ADPCM", file: "a.wav", recipe: .ffmpeg(["-c:a", "adpcm_ima_wav"])),
    Format(title: "WAV, Microsoft ADPCM", file: "a.wav", recipe: .ffmpeg(["-c:a", "adpcm_ms"])),
    Format(
      title: "WAV, GSM 6.10",
      file: "a.wav",
      recipe: .ffmpeg(["-c:a", "libgsm_ms"]),
      rate: 8000,
      fidelity: 0.5
    ),
    Format(
      title: "WAV, extensible, 5.1",
      file: "a.wav",
      recipe: .ffmpeg(["-c:a", "pcm_s24le"]),
      channels: 6
    ),
    Format(
      title: "WAV, big-endian (RIFX)",
      file: "a.wav",
      recipe: .sox(["-B", "-e", "signed", "-b", "16"]),
      counts: 0
    ),
    Format(title: "RF64", file: "a.wav", recipe: .ffmpeg(["-rf64", "always"]), counts: 0),
    Format(title: "W64", file: "a.w64", recipe: .ffmpeg([]), counts: 24),
    Format(title: "AIFF", file: "a.aiff", recipe: .ffmpeg([]), counts: 8),
    Format(title: "AIFF-C, float", file: "a.aifc", recipe: .sox(["-e", "float", "-b", "32"])),
    Format(title: "AU", file: "a.au", recipe: .ffmpeg([]), counts: 0),
    Format(title: "CAF", file: "a.caf", recipe: .ffmpeg([]), counts: 4),
    Format(title: "CAF, ALAC", file: "a.caf", recipe: .ffmpeg(["-c:a", "alac"])),
    Format(title: "FLAC", file: "a.flac", recipe: .ffmpeg([])),
    Format(
      title: "FLAC, 24-bit, 96 kHz",
      file: "a.flac",
      recipe: .ffmpeg(["-sample_fmt", "s32"]),
      rate: 96_000
    ),
    Format(title: "Ogg Vorbis", file: "a.ogg", recipe: .ffmpeg(["-c:a", "libvorbis"])),
    Format(title: "Ogg Opus", file: "a.opus", recipe: .ffmpeg(["-b:a", "24k"]), rate: 48_000),
    Format(title: "MP3, constant bit rate", file: "a.mp3", recipe: .lame(["-b", "64"])),
    Format(title: "MP3, variable bit rate", file: "a.mp3", recipe: .lame(["-V", "4"])),
    Format(title: "MP3, variable bit rate, no index", file: "a.mp3", recipe: .lame(["-t", "-V", "4"])),
    Format(title: "MP3, MPEG 2", file: "a.mp3", recipe: .lame(["--resample", "16", "-b", "32"])),
    Format(
      title: "MP3, MPEG 2.5",
      file: "a.mp3",
      recipe: .lame(["--resample", "8", "-b", "16"]),
      tolerance: 0.2
    ),
    Format(title: "MP2", file: "a.mp2", recipe: .ffmpeg(["-b:a", "96k"])),
    Format(title: "M4A, AAC", file: "a.m4a", recipe: .ffmpeg([])),
    Format(title: "M4A, AAC, index first", file: "a.m4a", recipe: .ffmpeg(["-movflags", "+faststart"])),
    Format(title: "M4A, ALAC", file: "a.m4a", recipe: .ffmpeg(["-c:a", "alac"])),
    Format(
      title: "MP4, video",
      file: "a.mp4",
      recipe: .ffmpeg(Self.video + ["-c:v", "mpeg4", "-c:a", "aac"])
    ),
    Format(title: "QuickTime", file: "a.mov", recipe: .ffmpeg(["-c:a", "pcm_s16le"])),
    Format(title: "3GP, AAC", file: "a.3gp", recipe: .ffmpeg(["-c:a", "aac"])),
    Format(title: "AAC, raw (ADTS)", file: "a.aac", recipe: .ffmpeg([])),
    Format(title: "AAC, raw (LATM)", file: "a.latm", recipe: .ffmpeg(["-c:a", "aac", "-f", "latm"])),
    Format(title: "AMR-NB", file: "a.amr", recipe: .amr(.narrow), rate: 8000, fidelity: 0.5),
    Format(title: "AMR-WB", file: "a.awb", recipe: .amr(.wide), rate: 16_000, fidelity: 0.5),
    Format(title: "WMA", file: "a.wma", recipe: .ffmpeg([])),
    Format(
      title: "WMV, video",
      file: "a.wmv",
      recipe: .ffmpeg(Self.video + ["-c:v", "wmv2", "-c:a", "wmav2"])
    ),
    Format(title: "WebM, Opus", file: "a.webm", recipe: .ffmpeg(["-c:a", "libopus"]), rate: 48_000),
    Format(title: "WebM, Vorbis", file: "a.webm", recipe: .ffmpeg(["-c:a", "libvorbis"])),
    Format(
      title: "Matroska, video",
      file: "a.mkv",
      recipe: .ffmpeg(Self.video + ["-c:v", "mpeg4", "-c:a", "aac"])
    ),
    Format(title: "Ogg FLAC", file: "a.oga", recipe: .ffmpeg(["-c:a", "flac"])),
    Format(
      title: "Ogg Speex",
      file: "a.spx",
      recipe: .ffmpeg(["-c:a", "libspeex"]),
      rate: 16_000,
      fidelity: 0.5
    ),
    Format(title: "AC-3", file: "a.ac3", recipe: .ffmpeg([])),
    Format(title: "E-AC-3", file: "a.eac3", recipe: .ffmpeg([])),
    Format(title: "DTS", file: "a.dts", recipe: .ffmpeg(["-strict", "-2"]), rate: 48_000, channels: 2),
    Format(title: "MPEG-TS", file: "a.ts", recipe: .ffmpeg(["-c:a", "aac"])),
    Format(title: "MPEG-TS, of a camera", file: "a.m2ts", recipe: .ffmpeg(["-c:a", "ac3"])),
    Format(
      title: "MPEG-PS, video",
      file: "a.mpg",
      recipe: .ffmpeg(Self.video + ["-c:v", "mpeg2video", "-c:a", "mp2"])
    ),
    Format(title: "FLV", file: "a.flv", recipe: .ffmpeg(["-c:a", "aac"])),
    Format(
      title: "AVI, video",
      file: "a.avi",
      recipe: .ffmpeg(Self.video + ["-c:v", "mpeg4", "-c:a", "libmp3lame"])
    ),
    Format(title: "WavPack", file: "a.wv", recipe: .ffmpeg([])),
    Format(title: "TTA", file: "a.tta", recipe: .ffmpeg([])),
    Format(title: "WAV, MP3", file: "a.wav", recipe: .ffmpeg(["-c:a", "libmp3lame"])),
    Format(title: "WAV, MP2", file: "a.wav", recipe: .ffmpeg(["-c:a", "mp2"])),
    Format(title: "WAV, G.722", file: "a.wav", recipe: .ffmpeg(["-c:a", "g722"]), rate: 16_000),
    Format(title: "WAV, G.726", file: "a.wav", recipe: .ffmpeg(["-c:a", "g726", "-b:a", "32k"]), rate: 8000),
    Format(
      title: "WAV, G.723.1",
      file: "a.wav",
      recipe: .ffmpeg(["-c:a", "g723_1", "-b:a", "6300"]),
      rate: 8000,
      fidelity: 0.4
    ),
    Format(title: "WAV, WMA", file: "a.wav", recipe: .ffmpeg(["-c:a", "wmav2"])),
  ]

  /// Ahead of the audio: a picture five times a second.
  private static let video = ["-f", "lavfi", "-i", "testsrc=d=12:s=64x48:r=5"]

  /// Makes the file and returns its bytes.
  func make(in folder: borrowing Folder) throws -> [UInt8] {
    let signal = Signal.clock(rate: rate, seconds: Self.seconds)
    let (source, target) = (folder.file("source.wav"), folder.file(file))
    try Shell.write(Signal.floatWAV(Array(repeating: signal, count: channels)), to: source)
    switch recipe {
    case .ffmpeg(let arguments):
      try Shell.make("ffmpeg", ["-v", "error", "-i", source] + arguments + ["-fflags", "+bitexact", target])
    case .sox(let arguments): try Shell.make("sox", [source] + arguments + [target])
    case .lame(let arguments): try Shell.make("lame", ["--quiet"] + arguments + [source, target])
    case .amr(let encoder): try Shell.write(try encoder.file(signal.samples), to: target)
    }
    return Shell.read(target)
  }
}

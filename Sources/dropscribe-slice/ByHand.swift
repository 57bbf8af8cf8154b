import Glibc
import Messages

/// The way a person uses this program: a file in, numbered clips and a list of them out.
enum ByHand {
  static let help = """
    USAGE: dropscribe-slice FILE [--out DIR] [options]

    Cuts a recording into clips, in pauses, and prints where they lie, as JSON. With --out, each clip is written
    to DIR as 0001.wav, 0002.wav … (16 kHz, mono, 16-bit) or as MP3, and the list as clips.json. FILE is never
    changed.

    OPTIONS
      --out DIR                     where clips are written; made if it is not there. Files that are there
                                    already are never overwritten
      --max-seconds N               the longest clip (30)
      --min-seconds N               shorter clips are padded with silence to this (1)
      --channels mix|split          one signal of all channels (mix), or each of up to 8 channels by itself; where
                                    channels say the same, the first of them alone is written
      --encoding wav|mp3            what clips are written as (wav); mp3 is mono, 48 kbit/s
      --skip silence|nonspeech|none what is left out: stretches in which nothing sounds but the recording's own
                                    noise (silence), all in which no speech is heard, or nothing
      --skip-silence-seconds N      such stretches are left out when they are longer than this (10)
      --overlap-seconds N           clips that touch share so much (0); less than half of --max-seconds
      --longest-seconds N           decode no more than this of the recording (86400)
      --ffmpeg PATH                 the ffmpeg for M4A, MP4, WebM …; by default the one in PATH
      --help, --version

    EXIT STATUS
      0   done; a damaged recording is named on standard error
      64  the command line makes no sense
      65  nothing could be made of the recording, or not all of it
      73  DIR cannot be written to, or has such files already
    """

  /// What is wrong with the command line or the folder, and the exit status for it.
  private struct Refusal: Error {
    let reason: String
    let status: Int32

    init(_ reason: String, status: Int32 = 64) {
      self.reason = reason
      self.status = status
    }
  }

  /// Does what the arguments say; returns the exit status.
  static func run(arguments: [Argument]) -> Int32 {
    let texts = arguments.map(\.text)
    if texts.contains("--help") || texts.contains("-h") {
      Output.say(help)
      return 0
    }
    if texts == ["--version"] {
      Output.say("dropscribe-slice \(Version.current)")
      return 0
    }
    do {
      let (file, folder, request) = try read(arguments)
      try open(file)
      return try slice(file, into: folder, request)
    } catch {
      Output.complain(error.reason)
      return error.status
    }
  }

  private static func read(
    _ arguments: [Argument]
  ) throws(Refusal) -> (file: Argument, folder: Argument?, request: SliceRequest) {
    var (file, folder): (Argument?, Argument?)
    var settings: [String] = []
    var rest = arguments[...]
    var areOptionsOver = false
    while let argument = rest.popFirst() {
      guard !areOptionsOver, argument.bytes.first == UInt8(ascii: "-") else {
        guard file == nil else { throw Refusal("one FILE at a time: \(argument.text) is a second one") }
        file = argument
        continue
      }
      if argument.text == "--" {
        areOptionsOver = true
        continue
      }
      var option = argument
      if !argument.bytes.contains(UInt8(ascii: "=")) {
        guard let value = rest.popFirst() else { throw Refusal("\(argument.text) needs a value; see --help") }
        option = Argument(bytes: argument.bytes + [UInt8(ascii: "=")] + value.bytes)
      }
      if let value = option.value(of: "--out") { folder = value } else { settings.append(option.text) }
    }
    guard let file else { throw Refusal("no FILE is named; see --help") }
    do {
      var request = try SliceRequest(arguments: settings)
      request.ffmpeg = request.ffmpeg ?? ffmpegInPath()
      return (file, folder, request)
    } catch {
      throw Refusal("\(error.argument) makes no sense; see --help")
    }
  }

  /// Makes `file` standard input, as if the daemon had.
  private static func open(_ file: Argument) throws(Refusal) {
    // A FIFO without a writer would keep an ordinary open waiting for good.
    let descriptor = file.withCString { Glibc.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw Refusal("\(file.text) cannot be opened: \(String(cString: strerror(errno)))", status: 65)
    }
    dup2(descriptor, STDIN_FILENO)
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  private static func slice(
    _ file: Argument,
    into folder: Argument?,
    _ request: SliceRequest
  ) throws(Refusal) -> Int32 {
    let clips: ClipFolder?
    do { clips = try folder.map { folder throws(ClipFolder.Failure) in try ClipFolder(folder) } } catch {
      throw Refusal(error.reason, status: 73)
    }
    let name = file.bytes.split(separator: UInt8(ascii: "/")).last.map { Argument(bytes: Array($0)).text }
    var list = ClipList(name: name ?? "", files: folder == nil ? nil : request.encoding)
    do {
      let end = try Recording.slice(request, writing: .files(folder: clips?.descriptor)) {
        frame throws(ClipFolder.Failure) in
        if case .clip(let clip) = frame, clip.equalChannel == nil {
          try clips?.write(clip.audio, to: ClipList.fileName(clip.index, request.encoding))
        }
        list.add(frame)
      }
      let json = list.json(end)
      try clips?.write(Array("\(json)\n".utf8), to: ClipFolder.listName)
      if folder == nil { Output.say(json) }
      return report(end, file)
    } catch {
      throw Refusal(error.reason, status: 73)
    }
  }

  private static func report(_ end: SliceFrame.End, _ file: Argument) -> Int32 {
    switch end.verdict {
    case .whole: return 0
    case .damaged:
      Output.complain("warning: \(file.text) is damaged: \(end.reason)")
      return 0
    case .unreadable: Output.complain("\(file.text) cannot be read: \(end.reason)")
    case .limit: Output.complain("\(file.text) was not read to its end: \(end.reason)")
    case .decoderMissing: Output.complain("\(file.text): \(end.reason)")
    }
    return 65
  }

  private static func ffmpegInPath() -> String? {
    guard let path = getenv("PATH") else { return nil }
    return String(cString: path).split(separator: ":").map { "\($0)/ffmpeg" }.first { access($0, X_OK) == 0 }
  }
}

import Messages

/// What came of one kind of file, whole and damaged.
struct FormatOutcome: Sendable {
  let format: Format
  /// Who made samples of it, for a person.
  let decoder: String
  let whole: Sliced
  /// Cut off at 60 % of its bytes.
  let cut: Sliced
  /// With 200 bytes in its middle overwritten by chance.
  let overwritten: Sliced
  /// Followed by itself.
  let joined: Sliced
  /// With a header that says that there is no audio; nil where a header counts none.
  let unfinished: Sliced?

  /// Makes the file and feeds it to the program.
  init(_ format: Format) throws {
    self.format = format
    let folder = try Folder()
    let bytes = try format.make(in: folder)
    func slice(_ bytes: [UInt8]) throws -> Sliced {
      try Shell.write(bytes, to: folder.file("fed"))
      return try Sliced(folder.file("fed"))
    }
    decoder =
      switch Container(firstBytes: bytes.prefix(Container.bytesNeeded))?.decoder {
      case .soundFile, .soundFileStreamed: "libsndfile"
      case .ffmpeg(let demuxer): "ffmpeg (`\(demuxer)`)"
      case nil: "none"
      }
    whole = try slice(bytes)
    cut = try slice(Array(bytes.prefix(bytes.count * 6 / 10)))
    var dice = Dice(seed: 1)
    var damaged = bytes
    for place in bytes.count / 2..<bytes.count / 2 + 200 {
      damaged[place] = .random(in: 0...255, using: &dice)
    }
    overwritten = try slice(damaged)
    joined = try slice(bytes + bytes)
    unfinished = try format.counts.map { try slice(Self.unfinished(bytes, format, counts: $0)) }
  }

  /// The file with 0 where its header counts the audio's bytes, as a recorder that crashed leaves it.
  private static func unfinished(_ bytes: [UInt8], _ format: Format, counts more: Int) -> [UInt8] {
    var bytes = bytes
    let sample = format.title.contains("8-bit") ? 1 : 2
    let number = UInt32(Int(Format.seconds) * format.rate * format.channels * sample + more)
    for needle in [Signal.number(number), Signal.number(number).reversed()] {
      for place in 0..<4096 where bytes[place...].starts(with: needle) {
        bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0, 0])
      }
    }
    return bytes
  }

  /// How long the whole file is, in seconds.
  var seconds: Double { Self.seconds(whole) }

  static func seconds(_ sliced: Sliced) -> Double { Double(sliced.end.length) / 16_000 }

  /// The part of a second's power that lies at its pitch; coders smear the edges.
  func part(ofSecond second: Int) -> Double {
    let start = second * 16_000 + 2400
    for clip in whole.clips where clip.range.start <= start && clip.range.end >= start + 11_200 {
      let first = start - Int(clip.range.start)
      return Signal.part(at: Signal.pitch(second), of: clip.samples[first..<first + 11_200])
    }
    return 0
  }
}

/// The page that tells what every kind of file comes to.
enum FormatsPage {
  /// The page, from what was found.
  static func text(_ outcomes: [FormatOutcome]) -> String {
    """
    # Formats

    <!-- Made by feeding a file of every kind to dropscribe-slice; to make it anew, run
         DROPSCRIBE_WRITE_DOCS=1 swift test --filter FormatsTests -->

    What a recording is shows in its first bytes; its name decides nothing. Only the kinds in this table reach a
    decoder, and each decoder is told the kind. What libsndfile reads needs nothing else; the rest needs
    [ffmpeg](https://ffmpeg.org), which is told its demuxer. Without ffmpeg such a recording ends with an
    `error.json` that says so, and is taken up by itself once ffmpeg is there.

    The table says what was found with the libraries of Debian 12, with 12 s of sound in a file of each kind:

    - *cut off*: the file's first 60 %. *Overwritten*: 200 bytes in its middle are others.
    - A percentage is the part of the recording that was still read, in tens. *Named*: the recording counts as
      damaged, and the usage sidecar says how. *Unnoticed*: nothing in the file tells, or nobody looks.
    - *Joined*: the file followed by itself, as `cat a b` makes it. *Unfinished*: a recorder crashed before it
      wrote the length into the header.

    | kind | decoder | cut off | overwritten | joined | unfinished |
    |---|---|---|---|---|---|
    \(outcomes.map(row).joined(separator: "\n"))

    Multi-channel recordings are mixed down to one channel: the mean of all, or, where channels cancel each other
    out, the loudest. Of a file with several audio tracks the first is taken, of a video its sound. A video
    without sound is refused and says so.

    Not read: raw samples (`.raw`, `.pcm`, `.gsm`, `.vox`), which nothing tells from other bytes; MP3 with a "free"
    bit rate; AAC in WAV; encrypted files (M4P, WMA with rights management); playlists. Recognised, but not in the
    table since nothing in Debian 12 makes them: Monkey's Audio, AAC in CAF, AMR in 3GP.

    ## Limits

    A recording may have 1 to 64 channels and 1,000 to 768,000 frames a second. At most 24 hours of one are decoded
    (`--longest-seconds` of `dropscribe-slice`); a longer one keeps what was read, and the reason names the limit.
    A decoder may use a minute of processor time and three more for each hour that is allowed, and little memory;
    one that says nothing for two minutes is ended.

    """
  }

  private static func row(_ outcome: FormatOutcome) -> String {
    let cells = [
      outcome.format.title, outcome.decoder, damage(outcome.cut, of: outcome.seconds),
      damage(outcome.overwritten, of: outcome.seconds), joined(outcome.joined, of: outcome.seconds),
      outcome.unfinished.map { damage($0, of: outcome.seconds) } ?? "",
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  private static func damage(_ sliced: Sliced, of whole: Double) -> String {
    let part = FormatOutcome.seconds(sliced) / whole
    let isNamed = sliced.end.verdict != .whole
    if sliced.end.verdict == .unreadable { return "refused" }
    let words = part > 0.97 ? "all" : "\(Int((part * 10).rounded()) * 10) %"
    return "\(words), \(isNamed ? "named" : "unnoticed")"
  }

  private static func joined(_ sliced: Sliced, of whole: Double) -> String {
    if sliced.end.verdict == .unreadable { return "refused" }
    let part = FormatOutcome.seconds(sliced) / whole
    return part > 1.95 ? "both" : "the first\(sliced.end.verdict == .whole ? ", unnoticed" : ", named")"
  }
}

/// What the daemon asks of one slicing child. It travels as command-line arguments; the recording is the
/// child's standard input.
public struct SliceRequest: Equatable, Sendable {
  /// A cut that was made before and stands: the slicer follows it instead of planning.
  public struct Pinned: Equatable, Sendable {
    /// The channel that it was cut from, from 0; nil where all channels are mixed into one.
    public var channel: Int?
    /// Where the clip lies.
    public var range: ClipRange
    /// Whether the daemon wants its audio (again); a clip whose reply is stored is only passed over.
    public var wanted: Bool

    /// A standing cut.
    public init(channel: Int? = nil, range: ClipRange, wanted: Bool) {
      self.channel = channel
      self.range = range
      self.wanted = wanted
    }
  }

  /// Which stretches are left out. The raw values stand in the configuration and on the command line.
  public enum Skip: String, CaseIterable, Codable, Sendable {
    /// Where nothing sounds but the recording's own noise.
    case silence
    /// Where no speech was heard, whatever else sounds there.
    case nonspeech
    /// None: everything is sent.
    case nothing = "none"
  }

  /// What is cut: one signal, or one for each channel. The raw values stand in the configuration.
  public enum Channels: String, CaseIterable, Codable, Sendable {
    /// All channels are mixed into one.
    case mix
    /// Each channel by itself, up to ``mostSplitChannels``; more are mixed.
    case split
  }

  /// So many channels can be cut by themselves: each takes the memory of a clip.
  public static let mostSplitChannels = 8

  /// The program that decodes what libsndfile cannot read; nil when there is none.
  public var ffmpeg: String?
  /// The longest clip, in seconds; cuts come as near to it as a pause allows.
  public var maxSeconds: Double = 30
  /// Clips shorter than this are padded with silence on both sides, in seconds.
  public var minSeconds: Double = 1
  /// Which stretches are left out.
  public var skip = Skip.silence
  /// Such a stretch is left out when it is longer than this, in seconds.
  public var skipSilenceSeconds: Double = 10
  /// A clip that follows another without a stretch left out between them begins so long before that one's end,
  /// in seconds; less than half of ``maxSeconds``.
  public var overlapSeconds: Double = 0
  /// What is cut.
  public var channels = Channels.mix
  /// How clips are encoded.
  public var encoding = ClipEncoding.wav
  /// Decoding stops, and says so, after this many seconds of audio.
  public var longestSeconds: Double = 24 * 3600
  /// The cuts that stand, in the order of their indices; of one channel, each begins and ends after the one before.
  /// Stretches between them were left out.
  public var pinned: [Pinned] = []

  /// A request with the defaults: clips of 1 to 30 seconds, silences over 10 seconds left out.
  public init() {}

  /// Ranges in one argument: Linux takes at most 128 KiB an argument.
  private static let rangesAnArgument = 2_000

  /// The request as the child's arguments, the program's name not included.
  public var arguments: [String] {
    var list: [String] = []
    if let ffmpeg { list.append("--ffmpeg=\(ffmpeg)") }
    list.append("--max-seconds=\(maxSeconds)")
    list.append("--min-seconds=\(minSeconds)")
    list.append("--skip=\(skip.rawValue)")
    list.append("--skip-silence-seconds=\(skipSilenceSeconds)")
    list.append("--overlap-seconds=\(overlapSeconds)")
    list.append("--channels=\(channels.rawValue)")
    list.append("--encoding=\(encoding.rawValue)")
    list.append("--longest-seconds=\(longestSeconds)")
    var rest = pinned[...]
    while !rest.isEmpty {
      let some = rest.prefix(Self.rangesAnArgument)
      rest = rest.dropFirst(Self.rangesAnArgument)
      let ranges = some.map {
        "\($0.channel.map { "\($0):" } ?? "")\($0.range.start)-\($0.range.end)\($0.wanted ? "w" : "")"
      }
      list.append("--pinned=" + ranges.joined(separator: ","))
    }
    return list
  }

  /// Reads a request from arguments in the form of ``arguments``.
  ///
  /// - Throws: ``BadSliceRequest``, naming the argument that makes no sense.
  public init(arguments: some Sequence<String>) throws(BadSliceRequest) {
    self.init()
    for argument in arguments {
      guard let equals = argument.firstIndex(of: "="), argument.hasPrefix("--") else {
        throw BadSliceRequest(argument: argument)
      }
      let value = argument[argument.index(after: equals)...]
      switch argument[..<equals] {
      case "--ffmpeg": ffmpeg = String(value)
      case "--max-seconds": maxSeconds = try Self.seconds(value, 1...3600, argument)
      case "--min-seconds": minSeconds = try Self.seconds(value, 0...60, argument)
      case "--skip":
        guard let known = Skip(rawValue: String(value)) else { throw BadSliceRequest(argument: argument) }
        skip = known
      case "--skip-silence-seconds": skipSilenceSeconds = try Self.seconds(value, 0.5...86_400, argument)
      case "--overlap-seconds": overlapSeconds = try Self.seconds(value, 0...1800, argument)
      case "--channels":
        guard let named = Channels(rawValue: String(value)) else { throw BadSliceRequest(argument: argument) }
        channels = named
      case "--encoding":
        guard let named = ClipEncoding(rawValue: String(value)) else {
          throw BadSliceRequest(argument: argument)
        }
        encoding = named
      case "--longest-seconds": longestSeconds = try Self.seconds(value, 1...8_640_000, argument)
      case "--pinned": try pin(value, argument)
      default: throw BadSliceRequest(argument: argument)
      }
    }
    guard overlapSeconds < maxSeconds / 2 else {
      throw BadSliceRequest(argument: "--overlap-seconds=\(overlapSeconds)")
    }
  }

  private static func seconds(
    _ value: Substring,
    _ allowed: ClosedRange<Double>,
    _ argument: String
  ) throws(BadSliceRequest) -> Double {
    guard let number = Double(value), allowed.contains(number) else {
      throw BadSliceRequest(argument: argument)
    }
    return number
  }

  private mutating func pin(_ value: Substring, _ argument: String) throws(BadSliceRequest) {
    var reached: [Int?: ClipRange] = [:]
    for pin in pinned { reached[pin.channel] = pin.range }
    for item in value.split(separator: ",", omittingEmptySubsequences: false) {
      let wanted = item.last == "w"
      var (channel, place): (Int?, Substring) = (nil, wanted ? item.dropLast() : item)
      if let colon = place.firstIndex(of: ":") {
        guard let number = Int(place[..<colon]), (0..<Self.mostSplitChannels).contains(number) else {
          throw BadSliceRequest(argument: argument)
        }
        (channel, place) = (number, place[place.index(after: colon)...])
      }
      let bounds = place.split(separator: "-", omittingEmptySubsequences: false)
      guard bounds.count == 2, let start = Int64(bounds[0]), let end = Int64(bounds[1]),
        start >= 0, start < end, end < ClipRange.beyondAll,
        reached[channel].map({ $0.start < start && $0.end < end }) ?? true
      else { throw BadSliceRequest(argument: argument) }
      let range = ClipRange(start: start, end: end)
      pinned.append(Pinned(channel: channel, range: range, wanted: wanted))
      reached[channel] = range
    }
  }
}

/// An argument of a slicing child that makes no sense.
public struct BadSliceRequest: Error, Equatable {
  /// The argument as it was given, its end cut off when it is long.
  public let argument: String

  init(argument: String) { self.argument = String(argument.prefix(200)) }
}

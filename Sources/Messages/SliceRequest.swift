/// What the daemon asks of one slicing child. It travels as command-line arguments; the recording is the
/// child's standard input.
public struct SliceRequest: Equatable, Sendable {
  /// A cut that was made before and stands: the slicer follows it instead of planning.
  public struct Pinned: Equatable, Sendable {
    /// Where the clip lies.
    public var range: ClipRange
    /// Whether the daemon wants its audio (again); a clip whose reply is stored is only passed over.
    public var wanted: Bool

    /// A standing cut.
    public init(range: ClipRange, wanted: Bool) {
      self.range = range
      self.wanted = wanted
    }
  }

  /// The program that decodes what libsndfile cannot read; nil when there is none.
  public var ffmpeg: String?
  /// The longest clip, in seconds; cuts come as near to it as a pause allows.
  public var maxSeconds: Double = 30
  /// Clips shorter than this are padded with silence on both sides, in seconds.
  public var minSeconds: Double = 1
  /// How clips are encoded.
  public var encoding = ClipEncoding.wav
  /// Stretches longer than this at the recording's noise floor are left out, in seconds; nil sends all.
  public var skipSilenceSeconds: Double? = 10
  /// Decoding stops, and says so, after this many seconds of audio.
  public var longestSeconds: Double = 24 * 3600
  /// The cuts that stand, in order, without overlap; stretches between them were left out as silence.
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
    list.append("--encoding=\(encoding.rawValue)")
    list.append("--skip-silence-seconds=\(skipSilenceSeconds.map { "\($0)" } ?? "none")")
    list.append("--longest-seconds=\(longestSeconds)")
    var rest = pinned[...]
    while !rest.isEmpty {
      let some = rest.prefix(Self.rangesAnArgument)
      rest = rest.dropFirst(Self.rangesAnArgument)
      let ranges = some.map { "\($0.range.start)-\($0.range.end)\($0.wanted ? "w" : "")" }
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
      case "--encoding":
        guard let named = ClipEncoding(rawValue: String(value)) else {
          throw BadSliceRequest(argument: argument)
        }
        encoding = named
      case "--skip-silence-seconds":
        skipSilenceSeconds = value == "none" ? nil : try Self.seconds(value, 0.5...86_400, argument)
      case "--longest-seconds": longestSeconds = try Self.seconds(value, 1...8_640_000, argument)
      case "--pinned": try pin(value, argument)
      default: throw BadSliceRequest(argument: argument)
      }
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
    for item in value.split(separator: ",", omittingEmptySubsequences: false) {
      let wanted = item.last == "w"
      let bounds = (wanted ? item.dropLast() : item).split(separator: "-", omittingEmptySubsequences: false)
      guard bounds.count == 2, let start = Int64(bounds[0]), let end = Int64(bounds[1]),
        start < end, end < ClipRange.beyondAll, start >= (pinned.last?.range.end ?? 0)
      else { throw BadSliceRequest(argument: argument) }
      pinned.append(Pinned(range: ClipRange(start: start, end: end), wanted: wanted))
    }
  }
}

/// An argument of a slicing child that makes no sense.
public struct BadSliceRequest: Error, Equatable {
  /// The argument as it was given, its end cut off when it is long.
  public let argument: String

  init(argument: String) { self.argument = String(argument.prefix(200)) }
}

import Messages
import Testing

@Suite struct SliceRequestTests {
  static func random(_ dice: inout Dice) -> SliceRequest {
    var request = SliceRequest()
    if Bool.random(using: &dice) { request.ffmpeg = "/opt/media tools/ffmpeg=5" }
    request.maxSeconds = .random(in: 1...3600, using: &dice)
    request.minSeconds = .random(in: 0...60, using: &dice)
    request.skip = SliceRequest.Skip.allCases.randomElement(using: &dice) ?? .silence
    request.skipSilenceSeconds = .random(in: 0.5...86_400, using: &dice)
    request.overlapSeconds = .random(in: 0..<request.maxSeconds / 2, using: &dice)
    request.encoding = ClipEncoding.allCases.randomElement(using: &dice) ?? .wav
    request.longestSeconds = .random(in: 1...8_640_000, using: &dice)
    request.channels = SliceRequest.Channels.allCases.randomElement(using: &dice) ?? .mix
    let channels: [Int?] = request.channels == .mix ? [nil] : [0, 1, 7]
    var position: Int64 = 0
    for _ in 0..<Int.random(in: 0...6000, using: &dice) {
      // With or without an overlap: it begins after the one before begins, and ends after that one's end.
      let last = request.pinned.last?.range.start ?? -1
      let start = Int64.random(in: last + 1...position + 50_000, using: &dice)
      position = max(start, position) + .random(in: 1...600_000, using: &dice)
      request.pinned.append(
        .init(
          channel: channels.randomElement(using: &dice) ?? nil,
          range: ClipRange(start: start, end: position),
          wanted: .random(using: &dice)
        )
      )
    }
    return request
  }

  @Test(arguments: 0..<30) func `a request survives the command line`(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let request = Self.random(&dice)
    let arguments = request.arguments
    #expect(try SliceRequest(arguments: arguments) == request)
    #expect(arguments.allSatisfy { $0.utf8.count < 128 << 10 }, "Linux takes 128 KiB an argument")
  }

  @Test(arguments: 0..<200) func `damaged arguments are refused or read, and never trap`(seed: UInt64) {
    var dice = Dice(seed: seed)
    let arguments = Self.random(&dice).arguments.map { argument in
      var bytes = Array(argument.utf8)
      for _ in 0..<3 where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &dice)] = .random(in: 32...126, using: &dice)
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    _ = try? SliceRequest(arguments: arguments)
  }

  @Test(arguments: [
    "", "--", "--max-seconds", "--max-seconds=", "--max-seconds=0", "--max-seconds=nan", "--max-seconds=1e9",
    "--min-seconds=-1", "--skip-silence-seconds=0", "--pinned=5-5", "--pinned=9-5", "--pinned=-5-9",
    "--pinned=0-9,0-20", "--pinned=0-9,5-9", "--skip=music", "--skip=", "--overlap-seconds=15",
    "--overlap-seconds=-1", "--pinned=0-99999999999999999999", "--pinned=0-9223372036854775807",
    "--encoding=ogg", "--channels=2",
    "--pinned=8:0-5", "--pinned=-1:0-5", "--pinned=1:0-9,1:0-20", "--encoding=", "--what=1",
    "talk.wav",
  ]) func `what makes no sense is refused and named`(argument: String) {
    #expect(throws: BadSliceRequest.self) { try SliceRequest(arguments: [argument]) }
  }
}

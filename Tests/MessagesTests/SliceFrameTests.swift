import Messages
import Testing

@Suite struct SliceFrameTests {
  static func range(_ dice: inout Dice) -> ClipRange {
    let start = Int64.random(in: 0...1 << 40, using: &dice)
    return ClipRange(start: start, end: start + .random(in: 0...1 << 30, using: &dice))
  }

  static func random(_ dice: inout Dice) -> SliceFrame {
    switch Int.random(in: 0..<4, using: &dice) {
    case 0:
      return .format(
        .init(
          name: "WAV, 16-bit PCM \u{1F3A4}",
          sampleRate: .random(in: 1...768_000, using: &dice),
          channels: .random(in: 1...64, using: &dice),
          declaredFrames: Bool.random(using: &dice) ? nil : .random(in: 0...Int64.max, using: &dice)
        )
      )
    case 1:
      let range = range(&dice)
      return .clip(
        .init(
          index: .random(in: 0...Int(Int32.max), using: &dice),
          channel: [nil, 0, 7].randomElement(using: &dice) ?? nil,
          equalChannel: [nil, 0, 6].randomElement(using: &dice) ?? nil,
          range: range,
          levelDBFS: .random(in: -120...0, using: &dice),
          joint: [.pause, .doubtful, .end].randomElement(using: &dice) ?? .end,
          speech: (0..<Int.random(in: 0...20, using: &dice)).map { _ in
            let start = Int64.random(in: range.start...range.end, using: &dice)
            return ClipRange(start: start, end: .random(in: start...range.end, using: &dice))
          },
          audio: dice.bytes(upTo: 5000)
        )
      )
    case 2: return .silence(range(&dice), channel: [nil, 0, 7].randomElement(using: &dice) ?? nil)
    default:
      return .end(
        .init(
          verdict: [.whole, .damaged, .unreadable, .limit, .decoderMissing].randomElement(using: &dice)
            ?? .whole,
          reason: ["", "its header declares 12 s, 9 s are there", "\u{0}\u{FFFF}"].randomElement(using: &dice)
            ?? "",
          framesRead: .random(in: 0...Int64.max, using: &dice),
          length: .random(in: 0..<ClipRange.beyondAll, using: &dice)
        )
      )
    }
  }

  static func decode(_ bytes: [UInt8]) throws -> SliceFrame {
    let length = bytes[1..<5].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length == bytes.count - 5)
    return try SliceFrame(kind: bytes[0], payload: Array(bytes[5...]))
  }

  @Test(arguments: 0..<300) func `frames come out as they went in`(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let frame = Self.random(&dice)
    #expect(try Self.decode(frame.encoded) == frame)
  }

  @Test(arguments: 0..<300) func `damaged frames are refused or read, and never trap`(seed: UInt64) {
    var dice = Dice(seed: seed)
    var bytes = Self.random(&dice).encoded
    for _ in 0..<4 { bytes[Int.random(in: bytes.indices, using: &dice)] = .random(in: 0...255, using: &dice) }
    let cut = Int.random(in: 5...bytes.count, using: &dice)
    _ = try? SliceFrame(kind: bytes[0], payload: Array(bytes[5..<cut]))
    _ = try? SliceFrame(kind: bytes[0], payload: dice.bytes(upTo: 100))
  }

  @Test(arguments: 0..<100) func `a frame that lacks its last byte, or has one more, is garbage`(seed: UInt64)
  {
    var dice = Dice(seed: seed)
    let bytes = Self.random(&dice).encoded
    #expect(throws: SliceGarbage.self) {
      try SliceFrame(kind: bytes[0], payload: Array(bytes[5...].dropLast()))
    }
    #expect(throws: SliceGarbage.self) { try SliceFrame(kind: bytes[0], payload: Array(bytes[5...]) + [0]) }
  }

  /// What a child that a recording has taken over may say in good form, to make the daemon overflow or choke.
  static let outrageous: [SliceFrame] = {
    let whole = ClipRange(start: 0, end: 16_000)
    let far = ClipRange(start: 0, end: .max)
    func clip(_ range: ClipRange, speech: ClipRange, level: Double = -20) -> SliceFrame {
      .clip(.init(index: 0, range: range, levelDBFS: level, joint: .end, speech: [speech], audio: []))
    }
    func end(_ reason: String, read: Int64, length: Int64) -> SliceFrame {
      .end(.init(verdict: .damaged, reason: reason, framesRead: read, length: length))
    }
    let tale = String(repeating: "a", count: SliceFrame.longestText + 1)
    return [
      clip(far, speech: whole),
      clip(whole, speech: ClipRange(start: 0, end: 16_001)),
      clip(whole, speech: whole, level: .nan),
      clip(whole, speech: whole, level: .infinity),
      .silence(far, channel: nil),
      .format(.init(name: tale, sampleRate: 16_000, channels: 1, declaredFrames: nil)),
      .format(.init(name: "WAV", sampleRate: 16_000, channels: 1, declaredFrames: -2)),
      end("", read: -1, length: 0),
      end("", read: 0, length: -1),
      end("", read: 0, length: .max),
      end(tale, read: 0, length: 0),
    ]
  }()

  @Test(arguments: outrageous) func `what no honest child says is garbage`(frame: SliceFrame) {
    #expect(throws: SliceGarbage.self) { try Self.decode(frame.encoded) }
  }

  @Test func `words that are no UTF-8 are garbage`() {
    let bytes = SliceFrame.end(.init(verdict: .whole, reason: "?", framesRead: 0, length: 0)).encoded
    let damaged = bytes.map { $0 == UInt8(ascii: "?") ? 0xFF : $0 }
    #expect(throws: SliceGarbage.self) { try Self.decode(damaged) }
  }

  @Test func `an hour's clip is not longer than the longest payload`() throws {
    let hour = 44 + 3600 * 2 * ClipRange.sampleRate
    let clip = SliceFrame.Clip(
      index: 0,
      range: ClipRange(start: 0, end: 3600 * 16_000),
      levelDBFS: -20,
      joint: .pause,
      speech: [],
      audio: [UInt8](repeating: 3, count: hour)
    )
    let bytes = SliceFrame.clip(clip).encoded
    #expect(bytes.count - 5 <= SliceFrame.longestPayload)
    #expect(try SliceFrame(kind: bytes[0], payload: Array(bytes[5...])) == .clip(clip))
  }
}

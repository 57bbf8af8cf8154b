import Messages
import Testing

@testable import Dropscribe

@Suite struct FrameReaderTests {
  private static let frames: [SliceFrame] =
    [FakeSlicer.format] + FakeSlicer.clips(0..<3, String(repeating: "sound ", count: 500)) + [
      .silence(ClipRange(start: 480_000, end: 640_000), channel: nil),
      FakeSlicer.end(4, .damaged, "it is cut off — “so”"),
    ]

  /// Reads `bytes` in pieces as `next` says.
  private func read(_ bytes: [UInt8], _ next: () -> Int) throws -> (
    frames: [SliceFrame], isWhole: Bool
  ) {
    var reader = Dropscribe.FrameReader()
    var frames: [SliceFrame] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(max(1, next()))
      rest = rest.dropFirst(piece.count)
      try piece.withUnsafeBytes { buffer in
        var part = buffer[...]
        while !part.isEmpty {
          if let frame = try reader.read(&part) { frames.append(frame) }
        }
      }
    }
    return (frames, reader.isBetweenFrames)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 11, 64, 4_096, 1 << 20])
  func framesAreReadHoweverTheStreamIsCut(_ size: Int) throws {
    let (frames, isWhole) = try read(Self.frames.flatMap(\.encoded)) { size }
    #expect(frames == Self.frames)
    #expect(isWhole)
  }

  @Test(arguments: 1...50)
  func framesAreReadAtRandomCuts(_ seed: UInt64) throws {
    var dice = SeededGenerator(state: seed)
    let (frames, isWhole) = try read(Self.frames.flatMap(\.encoded)) {
      Int.random(in: 1...3_000, using: &dice)
    }
    #expect(frames == Self.frames)
    #expect(isWhole)
  }

  @Test(arguments: 1...20)
  func aStreamThatStopsWithinAFrameIsSeenToBeCut(_ seed: UInt64) throws {
    var dice = SeededGenerator(state: seed)
    let bytes = Self.frames[1].encoded
    let (frames, isWhole) = try read(
      Array(bytes.prefix(Int.random(in: 1..<bytes.count, using: &dice)))
    ) { 64 }
    #expect(frames.isEmpty)
    #expect(!isWhole)
  }

  @Test(arguments: 1...300)
  func anyBytesAreFramesOrGarbageAndNeverACrash(_ seed: UInt64) throws {
    var dice = SeededGenerator(state: seed)
    var bytes = Self.frames.flatMap(\.encoded)
    for _ in 0..<Int.random(in: 1...20, using: &dice) {
      bytes[Int.random(in: 0..<min(200, bytes.count), using: &dice)] = UInt8.random(
        in: 0...255,
        using: &dice
      )
    }
    do { _ = try read(bytes) { 512 } } catch is SliceGarbage {}
  }

  @Test(arguments: [UInt32(SliceFrame.longestPayload) + 1, .max, 1 << 31])
  func aLengthThatNoHonestChildSendsIsGarbageAtOnce(_ length: UInt32) {
    let head = [UInt8(ascii: "C")] + withUnsafeBytes(of: length.littleEndian) { Array($0) }
    #expect(throws: SliceGarbage.self) { try read(head) { 64 } }
  }

  @Test func anUnknownKindIsGarbage() {
    #expect(throws: SliceGarbage.self) { try read([0x3F, 0, 0, 0, 0]) { 64 } }
  }

  @Test func aFrameWithNothingInItIsReadWithItsHead() throws {
    // An empty payload is garbage for every kind there is: it must be noticed without a further byte.
    #expect(throws: SliceGarbage.self) { try read([UInt8(ascii: "E"), 0, 0, 0, 0]) { 64 } }
  }
}

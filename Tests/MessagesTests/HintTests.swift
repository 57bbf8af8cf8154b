import Messages
import Testing

@Suite struct HintTests {
  static func random(_ dice: inout Dice) -> Hint {
    let path = dice.bytes(upTo: 300, avoiding: 0)
    return switch Int.random(in: 0..<6, using: &dice) {
    case 0: .closed(path)
    case 1: .arrived(path)
    case 2: .gone(path)
    case 3: .lookAgain(path)
    case 4: .unwatched(path)
    default: .ready
    }
  }

  @Test(arguments: 0..<50) func `hints come out as they went in, wherever the stream is cut`(seed: UInt64)
    throws
  {
    var dice = Dice(seed: seed)
    let hints = (0..<40).map { _ in Self.random(&dice) }
    var stream = hints.flatMap(\.encoded)[...]
    var reader = HintReader()
    var read: [Hint] = []
    while !stream.isEmpty {
      let piece = stream.prefix(Int.random(in: 1...97, using: &dice))
      stream = stream.dropFirst(piece.count)
      read += try reader.read(piece)
    }
    #expect(read == hints)
  }

  @Test(arguments: 0..<100) func `garbage is refused or read, and never traps`(seed: UInt64) {
    var dice = Dice(seed: seed)
    var reader = HintReader()
    for _ in 0..<20 { _ = try? reader.read(dice.bytes(upTo: 200)) }
  }

  @Test func `a kind that does not exist is garbage`() {
    var reader = HintReader()
    #expect(throws: HintGarbage.self) { try reader.read([UInt8(ascii: "x"), 0]) }
    #expect(throws: HintGarbage.self) { try reader.read([0]) }
  }

  @Test func `a hint that never ends is given up`() {
    var reader = HintReader()
    #expect(throws: HintGarbage.self) { try reader.read(repeatElement(7, count: HintReader.longest + 1)) }
  }
}

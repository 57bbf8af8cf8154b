import Testing

@testable import Dropscribe

@Suite struct SpellingTests {
  @Test(arguments: [
    ("instrution", "instruction"), ("pathh", "path"), ("ptah", "path"), ("Tasks", "tasks"), ("poll_", "poll"),
  ])
  func aSlipIsUnderstood(_ pair: (slip: String, meant: String)) {
    #expect(
      Spelling.nearest(pair.slip, in: ["instruction", "path", "tasks", "poll", "include"]) == pair.meant
    )
  }

  @Test func anotherWordIsNoSlip() {
    #expect(Spelling.nearest("budget", in: ["state", "clip", "daemon"]) == nil)
    #expect(Spelling.nearest("", in: ["state"]) == nil)
    #expect(Spelling.hint("x", in: []) == "")
  }

  @Test func editsAreADistance() {
    var random = RepeatableRandom(seed: 3)
    func word() -> String {
      String(
        (0..<Int.random(in: 0...6, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" }
      )
    }
    for _ in 0..<500 {
      let (one, other) = (word(), word())
      let edits = Spelling.edits(one, other)
      #expect(edits == Spelling.edits(other, one))
      #expect((edits == 0) == (one == other))
      #expect(edits >= abs(one.count - other.count) && edits <= max(one.count, other.count))
    }
  }
}

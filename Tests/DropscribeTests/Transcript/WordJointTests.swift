import Testing

@testable import Dropscribe

@Suite struct WordJointTests {
  static func joined(_ left: String, _ right: String, seconds: Double = 3) -> (text: String, agrees: Bool) {
    let joint = WordJoint(left, right, overlapping: seconds)
    let texts = [joint.left, joint.right].filter { !$0.isEmpty }
    return (texts.joined(separator: joint.agrees ? "" : " "), joint.agrees)
  }

  @Test(arguments: [
    ("It was the best of times", "the best of times, it was", "It was the best of times, it was"),
    // Models end what they hear with a full stop, and begin it with a capital.
    ("It was the best of times.", "The best of times, it was.", "It was the best of times, it was."),
    ("He said: “Go away now”", "«go away NOW!» she said", "He said: “Go away NOW!» she said"),
    // Words at the edges that the cut hurt: the other reply has them whole.
    ("the quick brown fox and jum", "Wick brown fox and jumps over", "the quick brown fox and jumps over"),
    ("a quick brown fox jump", "quick brown fox jumps over", "a quick brown fox jumps over"),
    // The run that is nearest to the edges, though another one is longer.
    (
      "It was the age of wisdom, it was the age", "it was the age of foolishness",
      "It was the age of wisdom, it was the age of foolishness"
    ),
    ("one two — three four", "two three — four five", "one two — three — four five"),
    ("今天天气很好我们去公园", "我们去公园玩吧。", ""), ("我们明天一起去公园玩", "天一起去公园玩吧。", "我们明天一起去公园玩吧。"),
    ("Don't you ever say", "don’t you ever say never", "Don't you ever say never"),
  ]) func whatAgreesStandsOnce(left: String, right: String, text: String) {
    // Five characters are fewer than three words of two.
    let expected = text.isEmpty ? "\(left) \(right)" : text
    let (joined, agrees) = Self.joined(left, right)
    #expect(joined == expected)
    #expect(agrees == !text.isEmpty)
  }

  @Test(arguments: [
    ("one two three", "two three four", "one two three two three four"),
    ("", "one two three", "one two three"),
    ("one two three", "", "one two three"),
    ("...", "one", "... one"),
    // A word that only one of the two has stays, and the place is doubtful.
    ("one two three four gum", "two three four five six", "one two three four gum five six"),
    ("one two three four", "Thank you. Two three four five", "one Thank you. two three four five"),
    ("one two three four five six", "two three four", "one two three four five six"),
  ]) func whatDoesNotAgreeIsKeptAndDoubtful(left: String, right: String, text: String) {
    let (joined, agrees) = Self.joined(left, right)
    #expect(joined == text)
    #expect(!agrees)
  }

  @Test func aPhraseFarFromTheEdgesIsNoOverlap() {
    let middle = (0..<40).map { "w\($0)x" }.joined(separator: " ")
    let (joined, agrees) = Self.joined("the same old song \(middle)", "the same old song again", seconds: 2)
    #expect(joined == "the same old song \(middle) the same old song again")
    #expect(!agrees)
  }

  /// Words none of which looks like another's beginning or end.
  static let words = (0..<40).map { number in
    let letters = Array("bcdfghjklm")
    return "\(letters[number / 10])a\(letters[number % 10])o\(letters[(number * 7 + 3) % 10])\(number)"
  }

  static func say(_ words: [String], _ random: inout SidecarRandom) -> String {
    words.map { word in
      let styled = Bool.random(using: &random) ? word : word.uppercased()
      return styled + (["", "", ",", ".", "?!"].randomElement(using: &random) ?? "")
    }.joined(separator: [" ", "  ", "\n"].randomElement(using: &random) ?? " ")
  }

  static func spoken(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map { $0.lowercased().filter { $0.isLetter || $0.isNumber } }
  }

  @Test(arguments: 0..<300) func aTextThatIsHeardInTwoPartsIsWhatWasSaid(seed: UInt64) {
    var random = SidecarRandom(seed: seed)
    let said = Self.words.shuffled(using: &random)
    let start = Int.random(in: 1...20, using: &random)
    let end = Int.random(in: start + 3...min(start + 12, said.count - 1), using: &random)
    let left = Self.say(Array(said[..<end]), &random)
    let right = Self.say(Array(said[start...]), &random)
    let (joined, agrees) = Self.joined(left, right)
    #expect(Self.spoken(joined) == said)
    #expect(agrees)
  }

  @Test(arguments: 0..<300) func noWordIsLostThatOnlyOneOfTheTwoHas(seed: UInt64) {
    var random = SidecarRandom(seed: seed)
    // Few words, so that they repeat and agree by chance.
    let some = Array(Self.words.shuffled(using: &random).prefix(Int.random(in: 2...12, using: &random)))
    func text() -> [String] {
      (0..<Int.random(in: 0...30, using: &random)).compactMap { _ in some.randomElement(using: &random) }
    }
    let (left, right) = (text(), text())
    let (joined, agrees) = Self.joined(Self.say(left, &random), Self.say(right, &random))
    let found = Self.spoken(joined)
    for word in some {
      let (before, after) = (left.count { $0 == word }, right.count { $0 == word })
      #expect(found.count { $0 == word } >= max(before, after))
    }
    // What goes is what agrees: at least three words in a row, or nothing.
    let gone = left.count + right.count - found.count
    #expect(gone == 0 ? !agrees : gone >= 3)
  }
}

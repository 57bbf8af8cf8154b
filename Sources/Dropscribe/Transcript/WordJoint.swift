/// Two replies about clips that share some sound, as one text in which what both of them say stands once.
///
/// Where three words in a row agree, the left reply is taken up to the middle of them and the right one from
/// there on: so the words at either clip's edge, which the cut may have hurt, come from the reply that heard them
/// whole. Only one such word on each side may go, and only if it looks like the one in its place. All other words
/// that only one of the two has are kept, and ``agrees`` is false.
struct WordJoint: Hashable {
  /// What stands of the left reply, and what of the right one behind it. The first ends as the second begins, with
  /// a space between or without, where ``agrees`` is true; else a space belongs between them.
  let left, right: String
  /// Whether the joint is beyond doubt. If not, words may stand twice.
  let agrees: Bool

  /// So much has to agree: three words, or six characters of a script that has no spaces between words.
  private static let enough = 6
  /// Nobody says more words a second.
  private static let wordsASecond = 6.0

  /// - Parameters:
  ///   - left: The reply about the earlier clip, as far as it stands yet.
  ///   - right: The reply about the later one.
  ///   - seconds: How much of their sound is the same.
  init(_ left: String, _ right: String, overlapping seconds: Double) {
    let reach = Int((seconds * Self.wordsASecond).rounded(.up)) + 2
    let last = Word.last(reach, of: Word.all(in: left))
    let first = Word.first(reach, of: Word.all(in: right))
    guard let run = Self.agreement(last, first) else {
      (self.left, self.right, agrees) = (left, right, false)
      return
    }
    let tail = last[(run.left + run.count)...]
    let head = first[..<run.right]
    let tailIsHeard =
      tail.isEmpty
      || tail.count == 1 && first.indices.contains(run.right + run.count)
        && tail[tail.startIndex].looksLikeTheBeginning(of: first[run.right + run.count])
    let headIsHeard =
      head.isEmpty || head.count == 1 && run.left > 0 && head[0].looksLikeTheEnd(of: last[run.left - 1])
    let middle = run.count / 2
    if tailIsHeard, headIsHeard {
      self.left = String(left[..<last[run.left + middle].start])
      self.right = String(right[first[run.right + middle].start...])
      agrees = true
    } else {
      // The words that agree stand once, in the left reply's place, and all others around them.
      let beforeRun = left[..<last[run.left].start]
      let afterRun = right[first[run.right + run.count - 1].end...]
      let between = headIsHeard ? "" : String(right[..<first[run.right].start])
      let rest =
        tailIsHeard
        ? left[last[run.left].start..<last[run.left + run.count - 1].end] : left[last[run.left].start...]
      self.left = [String(beforeRun), between, String(rest)].map(\.trimmed).filter { !$0.isEmpty }
        .joined(separator: " ")
      self.right = String(afterRun).trimmed
      agrees = false
    }
  }

  /// The words that both say: nearest to the edges at which the replies meet, and of those the most.
  private static func agreement(_ left: [Word], _ right: [Word]) -> (left: Int, right: Int, count: Int)? {
    var best: (left: Int, right: Int, count: Int)?
    var leastBetween = Int.max
    for start in left.indices {
      for other in right.indices {
        // The beginning of a run only.
        if start > 0, other > 0, left[start - 1].says(right[other - 1]) { continue }
        var count = 0
        var weight = 0
        while start + count < left.count, other + count < right.count,
          left[start + count].says(right[other + count])
        {
          weight += left[start + count].weight
          count += 1
        }
        guard weight >= enough else { continue }
        let between = other + left.count - start - count
        if between < leastBetween || between == leastBetween && count > best?.count ?? 0 {
          (best, leastBetween) = ((start, other, count), between)
        }
      }
    }
    return best
  }
}

/// A word of a text: what stands between two spaces, or one character of a script that has none.
private struct Word {
  /// Letters and digits, in lower case.
  let letters: String
  /// Where it begins, and where it ends with the punctuation behind it.
  let start: String.Index
  private(set) var end: String.Index
  /// What it counts for when words have to agree.
  let weight: Int

  func says(_ other: Word) -> Bool { letters == other.letters }

  /// Whether this may be `whole` with its end cut off: at least half of this is its beginning.
  func looksLikeTheBeginning(of whole: Word) -> Bool {
    Self.areHalf(zip(letters, whole.letters).prefix { $0 == $1 }.count, of: letters)
  }

  /// Whether this may be `whole` with its beginning cut off.
  func looksLikeTheEnd(of whole: Word) -> Bool {
    Self.areHalf(zip(letters.reversed(), whole.letters.reversed()).prefix { $0 == $1 }.count, of: letters)
  }

  private static func areHalf(_ count: Int, of letters: String) -> Bool { 2 * count >= letters.count }

  /// The last words of a list, so many at most; characters count for half of one.
  static func last(_ count: Int, of words: [Word]) -> [Word] { first(count, of: words.reversed()).reversed() }

  /// The first words of a list.
  static func first(_ count: Int, of words: [Word]) -> [Word] {
    var left = 2 * count
    return Array(
      words.prefix { word in
        left -= word.weight
        return left >= 0
      }
    )
  }

  static func all(in text: String) -> [Word] {
    var words: [Word] = []
    for chunk in text.split(whereSeparator: \.isWhitespace) {
      let hasSpaces = !chunk.unicodeScalars.contains(where: \.isWrittenWithoutSpaces)
      if hasSpaces {
        let letters = spoken(chunk)
        if letters.isEmpty {
          // A dash of its own belongs to the word before it.
          if !words.isEmpty { words[words.count - 1].end = chunk.endIndex }
        } else {
          words.append(Word(letters: letters, start: chunk.startIndex, end: chunk.endIndex, weight: 2))
        }
        continue
      }
      var start = chunk.startIndex
      for place in chunk.indices {
        let next = chunk.index(after: place)
        let letters = spoken(chunk[place..<next])
        if !letters.isEmpty {
          words.append(Word(letters: letters, start: start, end: next, weight: 1))
        } else if start < place || place > chunk.startIndex, !words.isEmpty {
          words[words.count - 1].end = next
        } else {
          continue
        }
        start = next
      }
    }
    return words
  }

  private static func spoken(_ text: Substring) -> String {
    String(text.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}

extension Unicode.Scalar {
  /// Han, kana, Thai, Lao, Burmese and Khmer, by their blocks.
  fileprivate var isWrittenWithoutSpaces: Bool {
    switch value {
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF,
      0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFF66...0xFF9F, 0x20000...0x3FFFF:
      true
    default: false
    }
  }
}

/// Finds what somebody probably meant.
enum Spelling {
  /// The word nearest to `word` by edits (a swap of neighbours counts as one), if one is near enough to be a
  /// slip: about one edit in three letters.
  static func nearest(_ word: String, in words: some Sequence<String>) -> String? {
    let limit = max(1, word.count / 3)
    return words.map { (edits(word.lowercased(), $0.lowercased()), $0) }
      .filter { $0.0 <= limit }
      .min { $0 < $1 }?.1
  }

  /// `; did you mean "…"?`, or nothing when no word is near.
  static func hint(_ word: String, in words: some Sequence<String>) -> String {
    nearest(word, in: words).map { "; did you mean \(TOMLNode.quoted($0))?" } ?? ""
  }

  /// How many insertions, deletions, replacements and swaps of neighbours lead from one to the other.
  static func edits(_ one: String, _ other: String) -> Int {
    // Nothing that a person mistypes is longer, and the table below grows with the product.
    let a = Array(one.prefix(100))
    let b = Array(other.prefix(100))
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}

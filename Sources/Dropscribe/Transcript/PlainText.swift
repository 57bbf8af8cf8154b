/// Text from outside, made safe to show.
enum PlainText {
  /// `text` with every kind of line end as a newline, without control characters other than newline and tab,
  /// and without white space at its ends. Without the escape character a terminal takes the rest of an
  /// escape sequence for plain words.
  static func cleaned(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in text.unicodeScalars {
      defer { afterReturn = scalar == "\r" }
      switch scalar.value {
      case 0x0A where afterReturn: continue
      case 0x09, 0x0A: scalars.append(scalar)
      case 0x0B...0x0D, 0x85, 0x2028, 0x2029: scalars.append("\n")
      case 0x00...0x1F, 0x7F...0x9F: continue
      default: scalars.append(scalar)
      }
    }
    return String(scalars).trimmed
  }
}

extension String {
  /// Without the white space at its ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}

/// A look at JSON that others wrote before a decoder that recurses sees it.
enum JSONBounds {
  /// Deeper than any reply nests, and shallow enough for any thread's stack.
  private static let deepest = 64
  /// More than any reply holds, log probabilities included.
  private static let mostValues = 2_000_000

  /// Whether brackets nest, and separators number, within bounds. Says nothing about whether it is sound.
  static func hold(_ body: [UInt8]) -> Bool {
    var depth = 0
    var values = 0
    var isText = false
    var isEscaped = false
    for byte in body {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ","): values += 1
      default: break
      }
      if depth > deepest || values > mostValues { return false }
    }
    return true
  }
}

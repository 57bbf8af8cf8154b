/// Reads the pieces of a TOML document: space, comments, keys, texts.
struct TOMLScanner {
  private(set) var bytes: [UInt8]
  private(set) var position = 0
  private var line = 1
  private var lineStart = 0
  private(set) var nulLines: [Int] = []

  init(_ text: String) {
    var source = Array(text.utf8)[...]
    if source.starts(with: [0xEF, 0xBB, 0xBF]) { source = source.dropFirst(3) }
    bytes = []
    bytes.reserveCapacity(source.count)
    for index in source.indices {
      // A carriage return counts only as part of the end of a line; another one is a control character.
      let isPart = source[index] == 0x0D && index + 1 < source.endIndex && source[index + 1] == 0x0A
      if !isPart { bytes.append(source[index]) }
    }
  }

  /// Line and column of the next byte, both from 1.
  var place: (line: Int, column: Int) { (line, position - lineStart + 1) }

  /// A mistake at the next byte, or at `place`.
  func problem(_ message: String, _ place: (line: Int, column: Int)? = nil) -> TOMLDocument.SyntaxError {
    let place = place ?? self.place
    return TOMLDocument.SyntaxError(line: place.line, column: place.column, message: message)
  }

  /// The next byte; nil at the end.
  func peek(_ ahead: Int = 0) -> UInt8? {
    position + ahead < bytes.count ? bytes[position + ahead] : nil
  }

  /// Passes the next byte if it is this one.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Passes `count` bytes, none of which ends a line.
  mutating func advance(_ count: Int) { position += count }

  /// Passes spaces and tabs.
  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 { position += 1 }
  }

  private mutating func newline() {
    position += 1
    line += 1
    lineStart = position
  }

  /// Passes space, comments and empty lines; false at the end of the document.
  mutating func skipToContent() throws(TOMLDocument.SyntaxError) -> Bool {
    while true {
      skipSpace()
      try skipComment()
      guard let byte = peek() else { return false }
      guard byte == 0x0A else {
        try refuseControl(byte)
        return true
      }
      newline()
    }
  }

  /// Passes what may follow a header or a pair on its line.
  mutating func endOfLine() throws(TOMLDocument.SyntaxError) {
    skipSpace()
    try skipComment()
    guard peek() == nil || peek() == 0x0A else {
      throw problem(
        "something follows that does not belong on this line; is a quotation mark or a , missing?"
      )
    }
  }

  private mutating func skipComment() throws(TOMLDocument.SyntaxError) {
    guard peek() == UInt8(ascii: "#") else { return }
    while let byte = peek(), byte != 0x0A {
      try refuseControl(byte)
      position += 1
    }
  }

  private func refuseControl(_ byte: UInt8) throws(TOMLDocument.SyntaxError) {
    if byte == 0 { throw problem("a NUL byte; is this a text file?") }
    if byte < 0x20 && byte != 0x09 || byte == 0x7F {
      throw problem("a control character, which TOML does not allow")
    }
  }

  /// One key, bare or quoted; nil when there is none.
  mutating func key() throws(TOMLDocument.SyntaxError) -> String? {
    if let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      guard peek(1) != quote || peek(2) != quote else {
        throw problem("a key has one quotation mark at each end")
      }
      return try text()
    }
    let start = position
    while let byte = peek(), Self.isBare(byte) { position += 1 }
    return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
  }

  /// Whether the byte may stand in a key without quotation marks.
  static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension TOMLScanner {
  /// Any of the four kinds of text, at whose first quotation mark the scanner stands.
  mutating func text() throws(TOMLDocument.SyntaxError) -> String {
    let start = place
    guard let quote = peek() else { throw problem("a text begins with a quotation mark") }
    let isLiteral = quote == UInt8(ascii: "'")
    let isLong = peek(1) == quote && peek(2) == quote
    position += isLong ? 3 : 1
    if isLong, peek() == 0x0A { newline() }
    var text: [UInt8] = []
    while let byte = peek() {
      if byte == quote {
        guard isLong else {
          position += 1
          return String(decoding: text, as: UTF8.self)
        }
        var count = 0
        while peek(count) == quote { count += 1 }
        // Up to two before the closing three belong to the text.
        let isEnd = count >= 3
        let own = isEnd ? min(count - 3, 2) : count
        text += [UInt8](repeating: quote, count: own)
        position += own
        if isEnd {
          position += 3
          return String(decoding: text, as: UTF8.self)
        }
      } else if byte == 0x0A {
        guard isLong else { break }
        text.append(byte)
        newline()
      } else if byte == UInt8(ascii: "\\"), !isLiteral {
        try escape(into: &text, isLong: isLong)
      } else {
        try refuseControl(byte)
        text.append(byte)
        position += 1
      }
    }
    throw problem("this text has no quotation mark at its end", start)
  }

  private mutating func escape(into text: inout [UInt8], isLong: Bool) throws(TOMLDocument.SyntaxError) {
    let start = place
    position += 1
    guard let byte = peek() else { throw problem("a text ends in a backslash", start) }
    position += 1
    switch byte {
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
    case UInt8(ascii: "u"): try unicode(into: &text, digits: 4, start)
    case UInt8(ascii: "U"): try unicode(into: &text, digits: 8, start)
    case 0x20, 0x09, 0x0A:
      position -= 1
      skipSpace()
      guard isLong, peek() == 0x0A else {
        throw problem("a backslash before a space means nothing; write \\\\ for a backslash", start)
      }
      // A backslash at the end of a line: the text goes on with what is no white space.
      while peek() == 0x0A {
        newline()
        skipSpace()
      }
    default:
      throw problem(
        "a backslash and this character mean nothing; write \\\\ for a backslash, or use ' '",
        start
      )
    }
  }

  private mutating func unicode(
    into text: inout [UInt8],
    digits: Int,
    _ start: (line: Int, column: Int)
  ) throws(TOMLDocument.SyntaxError) {
    var code: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = peek().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }), code < 0x1000_0000
      else {
        throw problem("\\\(digits == 4 ? "u" : "U") is followed by \(digits) hexadecimal digits", start)
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    guard let scalar = Unicode.Scalar(code) else { throw problem("no character has this number", start) }
    if code == 0 { nulLines.append(line) }
    text += Array(String(scalar).utf8)
  }
}

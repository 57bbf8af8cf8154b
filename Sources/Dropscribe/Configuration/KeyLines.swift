/// On which line each value of a TOML document stands. TOMLKit does not say it, so this walks the text once
/// more: it knows just enough of the grammar to follow keys, and is meant for a document that has already been
/// parsed. On any other it ends all the same, with an index that is of no use.
struct KeyLines: Sendable {
  /// From the way to a value to its line, counted from 1. Tables have the line of their header or of the first
  /// key that made them.
  private(set) var lines: [TOMLNode.Path: Int] = [:]
  /// Lines on which a text holds an escaped NUL, which the parser's C strings would cut silently.
  private(set) var nulLines: [Int] = []

  private var bytes: [UInt8]
  private var position = 0
  private var line = 1
  /// How many items each array of tables has so far.
  private var arraysOfTables: [TOMLNode.Path: Int] = [:]
  private var table: TOMLNode.Path = []

  /// Indexes `text`.
  init(_ text: String) {
    bytes = Array(text.utf8)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    while skipBlank() {
      if peek() == UInt8(ascii: "[") { header() } else { pair(in: table) }
      skipLine()
    }
    bytes = []
  }

  /// The line of the value at `path`, or of the nearest table around it that has one.
  func line(of path: TOMLNode.Path) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return nil
  }

  private mutating func header() {
    position += 1
    let isArray = peek() == UInt8(ascii: "[")
    if isArray { position += 1 }
    let keys = dottedKey()
    guard let last = keys.last else { return }
    var path = resolve(keys.dropLast())
    path.append(.key(last))
    if isArray {
      note(path)
      let count = arraysOfTables[path, default: 0]
      arraysOfTables[path] = count + 1
      path.append(.item(count))
    } else if let count = arraysOfTables[path] {
      path.append(.item(count - 1))
    }
    // A header says it better than the header of a table inside it that came first.
    lines[path] = line
    table = path
  }

  /// The way to the table that `keys` of a header lead to, into the newest item of each array of tables.
  private mutating func resolve(_ keys: ArraySlice<String>) -> TOMLNode.Path {
    var path: TOMLNode.Path = []
    for key in keys {
      path.append(.key(key))
      note(path)
      if let count = arraysOfTables[path] { path.append(.item(count - 1)) }
    }
    return path
  }

  private mutating func pair(in table: TOMLNode.Path) {
    var path = table
    for key in dottedKey() {
      path.append(.key(key))
      note(path)
    }
    skipSpace()
    guard path.count > table.count, peek() == UInt8(ascii: "=") else { return }
    position += 1
    value(path)
  }

  private mutating func note(_ path: TOMLNode.Path) {
    if lines[path] == nil { lines[path] = line }
  }

  private mutating func dottedKey() -> [String] {
    var keys: [String] = []
    while true {
      skipSpace()
      switch peek() {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): keys.append(quoted())
      default:
        let start = position
        while let byte = peek(), Self.isBare(byte) { position += 1 }
        guard position > start else { return keys }
        keys.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      skipSpace()
      guard peek() == UInt8(ascii: ".") else { return keys }
      position += 1
    }
  }

  private mutating func value(_ path: TOMLNode.Path) {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = quoted()
    case UInt8(ascii: "["): list(path)
    case UInt8(ascii: "{"): inlineTable(path)
    default:
      while let byte = peek(), !",]}#\n".utf8.contains(byte) { position += 1 }
    }
  }

  private mutating func list(_ path: TOMLNode.Path) {
    position += 1
    var count = 0
    while skipBlank(), peek() != UInt8(ascii: "]") {
      let start = position
      let item = path + [.item(count)]
      note(item)
      value(item)
      count += 1
      if skipBlank(), peek() == UInt8(ascii: ",") { position += 1 }
      if position == start { return }
    }
    position += 1
  }

  private mutating func inlineTable(_ path: TOMLNode.Path) {
    position += 1
    while skipBlank(), peek() != UInt8(ascii: "}") {
      let start = position
      pair(in: path)
      if skipBlank(), peek() == UInt8(ascii: ",") { position += 1 }
      if position == start { return }
    }
    position += 1
  }
}

extension KeyLines {
  /// Reads any of the four kinds of quoted text. What it says matters only for keys, which are never in
  /// three quotation marks.
  private mutating func quoted() -> String {
    guard let quote = peek() else { return "" }
    let isLiteral = quote == UInt8(ascii: "'")
    let isLong = position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
    position += isLong ? 3 : 1
    var text: [UInt8] = []
    while let byte = peek() {
      position += 1
      if byte == quote {
        guard isLong else { break }
        guard position + 1 < bytes.count, bytes[position] == quote, bytes[position + 1] == quote else {
          continue
        }
        position += 2
        // One or two more belong to the text itself.
        while peek() == quote { position += 1 }
        break
      } else if byte == UInt8(ascii: "\n") {
        if !isLong {
          position -= 1
          break
        }
        line += 1
      } else if byte == UInt8(ascii: "\\"), !isLiteral {
        escape(into: &text)
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape(into text: inout [UInt8]) {
    guard let byte = peek() else { return }
    // A backslash at the end of a line: the newline is counted where it is read.
    guard byte != UInt8(ascii: "\n") else { return }
    position += 1
    switch byte {
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let digits = bytes[position...].prefix(byte == UInt8(ascii: "u") ? 4 : 8)
      position += digits.count
      guard let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else { return }
      if code == 0 { nulLines.append(line) }
      if let scalar = Unicode.Scalar(code) { text += Array(String(scalar).utf8) }
    default: text.append(byte)
    }
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek(), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
  }

  /// Passes white space, empty lines and comments; false at the end of the document.
  private mutating func skipBlank() -> Bool {
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        position += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "#"):
        while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
      default: return true
      }
    }
    return false
  }

  /// Passes what is left of a line, up to its newline.
  private mutating func skipLine() {
    while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
  }
}

internal import TOMLKit

/// A value of a TOML document, copied out of the parser so that the rest never touches its memory.
indirect enum TOMLNode: Equatable, Sendable {
  case table([String: TOMLNode])
  case array([TOMLNode])
  case text(String)
  case whole(Int)
  case number(Double)
  case flag(Bool)
  /// A date or a time: no key takes one.
  case moment

  /// One step on the way to a value.
  enum Step: Hashable, Sendable {
    case key(String)
    case item(Int)
  }

  /// The way from the document to a value.
  typealias Path = [Step]

  /// Where a document is no TOML.
  struct SyntaxError: Error {
    var line: Int
    var column: Int
    var message: String
  }

  /// Parses a whole document.
  static func document(_ text: String) throws(SyntaxError) -> [String: TOMLNode] {
    // The parser takes a C string and would silently read no further than a NUL.
    if let end = text.utf8.firstIndex(of: 0) {
      let lines = text.utf8[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      throw SyntaxError(
        line: lines.count,
        column: (lines.last?.count ?? 0) + 1,
        message: "a NUL byte; is this a text file?"
      )
    }
    do {
      return entries(try TOMLTable(string: text))
    } catch let error as TOMLParseError {
      let place = error.source.begin
      throw SyntaxError(line: place.line, column: place.column, message: error.description)
    } catch {
      throw SyntaxError(line: 1, column: 1, message: "\(error)")
    }
  }

  private static func entries(_ table: TOMLTable) -> [String: TOMLNode] {
    var entries: [String: TOMLNode] = [:]
    for key in table.keys {
      if let value = table[key] { entries[key] = TOMLNode(value) }
    }
    return entries
  }

  private init(_ value: any TOMLValueConvertible) {
    if let table = value.table {
      self = .table(Self.entries(table))
    } else if let array = value.array {
      self = .array(array.map { TOMLNode($0) })
    } else if let text = value.string {
      self = .text(text)
    } else if let flag = value.bool {
      self = .flag(flag)
    } else if let whole = value.int {
      self = .whole(whole)
    } else if let number = value.double {
      self = .number(number)
    } else {
      self = .moment
    }
  }

  /// What it is, for a person.
  var kind: String {
    switch self {
    case .table: "a table"
    case .array: "a list"
    case .text: "a text"
    case .whole: "a whole number"
    case .number: "a number"
    case .flag: "true or false"
    case .moment: "a date or time"
    }
  }

  /// As it would stand in a TOML file.
  var toml: String {
    switch self {
    case .table(let entries):
      entries.isEmpty
        ? "{}"
        : "{ " + entries.sorted { $0.key < $1.key }.map { "\($0) = \($1.toml)" }.joined(separator: ", ")
          + " }"
    case .array(let items): "[" + items.map(\.toml).joined(separator: ", ") + "]"
    case .text(let text): Self.quoted(text)
    case .whole(let number): "\(number)"
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    case .flag(let flag): "\(flag)"
    case .moment: "a date or time"
    }
  }

  /// `text` in quotation marks on one line, its end cut off when it is long: safe to print on a terminal.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars.prefix(200) {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
          quoted += "\\u" + String(repeating: "0", count: max(0, 4 - hex(scalar).count)) + hex(scalar)
        default: quoted.unicodeScalars.append(scalar)
        }
      }
    }
    if text.unicodeScalars.count > 200 { quoted += "…" }
    return quoted + "\""
  }

  private static func hex(_ scalar: Unicode.Scalar) -> String {
    String(scalar.value, radix: 16, uppercase: true)
  }
}

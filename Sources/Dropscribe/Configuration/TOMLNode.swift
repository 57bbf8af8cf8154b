/// A value of a TOML document.
indirect enum TOMLNode: Equatable, Sendable {
  case table([String: TOMLNode])
  case array([TOMLNode])
  case text(String)
  case whole(Int)
  case number(Double)
  case flag(Bool)
  /// A date or a time, as it was written: no key takes one.
  case moment(String)

  /// One step on the way to a value.
  enum Step: Hashable, Sendable {
    case key(String)
    case item(Int)
  }

  /// The way from the document to a value.
  typealias Path = [Step]

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
        ? "{}" : "{ " + entries.sorted { $0.key < $1.key }.map(Self.pair).joined(separator: ", ") + " }"
    case .array(let items): "[" + items.map(\.toml).joined(separator: ", ") + "]"
    case .text(let text): Self.quoted(text)
    case .whole(let number): "\(number)"
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    case .flag(let flag): "\(flag)"
    case .moment(let text): text
    }
  }

  private static func pair(_ key: String, _ node: TOMLNode) -> String { "\(key) = \(node.toml)" }

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
          let code = String(scalar.value, radix: 16, uppercase: true)
          quoted += (code.count > 4 ? "\\U" : "\\u")
          quoted += String(repeating: "0", count: (code.count > 4 ? 8 : 4) - code.count) + code
        default: quoted.unicodeScalars.append(scalar)
        }
      }
    }
    if text.unicodeScalars.count > 200 { quoted += "…" }
    return quoted + "\""
  }
}

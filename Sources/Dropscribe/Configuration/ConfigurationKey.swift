/// One key of the configuration: what may stand there, what holds when it does not, and what it means.
struct ConfigurationKey: Sendable {
  /// What holds when the key is absent.
  enum Fallback: Sendable {
    /// This value.
    case value(TOMLNode)
    /// Something that depends on the rest, in words.
    case words(String)
    /// Nothing: the key must be there.
    case required
  }

  var name: String
  var form: ValueForm
  var fallback: Fallback
  /// Sentences for the manual.
  var meaning: String

  init(_ name: String, _ form: ValueForm, _ fallback: Fallback, _ meaning: String) {
    self.name = name
    self.form = form
    self.fallback = fallback
    self.meaning = meaning
  }
}

/// A table of the configuration and its keys.
struct ConfigurationSection: Sendable {
  /// The word in the brackets, or the key that holds it as an inline table.
  var name: String
  /// Its header in the manual: `[endpoint.NAME]`.
  var title: String
  /// Whether there may be several, each with a name of its own.
  var isNamed = false
  /// Sentences for the manual.
  var meaning: String
  /// What to say to somebody who wrote something else than a table.
  var hint: String?
  var keys: [ConfigurationKey]

  /// The key of that name.
  func key(_ name: String) -> ConfigurationKey? { keys.first { $0.name == name } }
}

/// What may stand as the value of a key.
indirect enum ValueForm: Sendable {
  /// Text; the empty one only where that means something.
  case text(mayBeEmpty: Bool = false)
  /// The way to a file or folder.
  case path
  case flag
  case whole(ClosedRange<Int>)
  /// A number with or without a fraction, and its unit, if it has one.
  case number(ClosedRange<Double>, unit: String?)
  case choice([String])
  /// A list of texts.
  case texts
  /// A list of some of these.
  case choices([String])
  /// A table whose values are texts, with keys of the user's own.
  case textTable
  /// A table with whatever JSON can say.
  case anyTable
  /// A table with keys of ours.
  case section(ConfigurationSection)
  /// Exactly this.
  case exactly(TOMLNode)
  /// Any of these.
  case either([ValueForm])

  /// For a person: what the value must be.
  var words: String {
    switch self {
    case .text(let mayBeEmpty): mayBeEmpty ? "a text, which may be empty" : "a text"
    case .path: "a path"
    case .flag: "true or false"
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range, let unit):
      "\(TOMLNode.number(range.lowerBound).toml) to \(TOMLNode.number(range.upperBound).toml)"
        + (unit.map { " " + $0 } ?? "")
    case .choice(let choices): Self.alternatives(choices.map(TOMLNode.quoted))
    case .texts: "a list of texts"
    case .choices(let choices): "a list of " + Self.alternatives(choices.map(TOMLNode.quoted))
    case .textTable: "a table of texts"
    case .anyTable: "a table"
    case .section(let section):
      "a table with " + Self.alternatives(section.keys.map { "`\($0.name)`" }, word: "and")
    case .exactly(let node): node.toml
    case .either(let forms): Self.alternatives(forms.map(\.words))
    }
  }

  private static func alternatives(_ items: [String], word: String = "or") -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(word) " + last
  }

  /// Whether `node` may stand there.
  func accepts(_ node: TOMLNode) -> Bool {
    switch (self, node) {
    case (.text(let mayBeEmpty), .text(let text)):
      mayBeEmpty || !text.allSatisfy(\.isWhitespace)
    case (.path, .text(let text)): !text.isEmpty
    case (.flag, .flag), (.section, .table): true
    case (.whole(let range), .whole(let number)): range.contains(number)
    case (.number(let range, _), .whole(let number)): range.contains(Double(number))
    case (.number(let range, _), .number(let number)): range.contains(number)
    case (.choice(let choices), .text(let text)): choices.contains(text)
    case (.texts, .array(let items)): items.allSatisfy { ValueForm.text().accepts($0) }
    case (.choices(let choices), .array(let items)):
      items.allSatisfy { ValueForm.choice(choices).accepts($0) }
    case (.textTable, .table(let entries)):
      entries.values.allSatisfy { ValueForm.text(mayBeEmpty: true).accepts($0) }
    case (.anyTable, .table): JSONValue(node) != nil
    case (.exactly(let only), _): node == only
    case (.either(let forms), _): forms.contains { $0.accepts(node) }
    default: false
    }
  }

  /// Whether `node` is of the right kind, though its value may be out of range.
  private func isOfKind(_ node: TOMLNode) -> Bool {
    switch (self, node) {
    case (.text, .text), (.path, .text), (.choice, .text), (.whole, .whole), (.number, .whole),
      (.number, .number), (.texts, .array), (.choices, .array), (.textTable, .table), (.anyTable, .table):
      true
    case (.either(let forms), _): forms.contains { $0.isOfKind(node) }
    default: false
    }
  }

  /// What is wrong with `node`, as the end of a sentence; nil when nothing is.
  func complaint(about node: TOMLNode) -> String? {
    guard !accepts(node) else { return nil }
    switch (self, node) {
    case (.either(let forms), .text(let text))
    where text.allSatisfy(\.isWhitespace) && forms.contains { $0.isOfKind(node) }:
      return "is empty; write something or leave the key out"
    case (.text, .text), (.path, .text): return "is empty; write something or leave the key out"
    case (.choice(let choices), .text(let text)):
      return "cannot be \(TOMLNode.quoted(text)), only \(words)" + Spelling.hint(text, in: choices)
    case (.anyTable, .table): return "holds a date or a number that is not finite, which JSON cannot say"
    case (.texts, .array), (.choices, .array): return "must be \(words)"
    case (.textTable, .table): return "must hold only texts"
    // Whatever stands there instead is not shown: it may be a key.
    case (.section(let section), _): return "must be \(words)" + (section.hint.map { "; " + $0 } ?? "")
    case (_, .table), (_, .array): return "must be \(words), not \(node.kind)"
    default:
      return isOfKind(node)
        ? "is \(node.toml), which is not \(words)" : "must be \(words), not \(node.kind) (\(node.toml))"
    }
  }
}

extension JSONValue {
  /// The same in JSON; nil where JSON has no word for it: dates, and numbers that are not finite.
  init?(_ node: TOMLNode) {
    switch node {
    case .text(let text): self = .string(text)
    case .whole(let number): self = .integer(number)
    case .number(let number):
      guard number.isFinite else { return nil }
      self = .number(number)
    case .flag(let flag): self = .bool(flag)
    case .moment: return nil
    case .array(let nodes):
      var items: [JSONValue] = []
      for node in nodes {
        guard let item = JSONValue(node) else { return nil }
        items.append(item)
      }
      self = .array(items)
    case .table(let nodes):
      var entries: [String: JSONValue] = [:]
      for (key, node) in nodes {
        guard let entry = JSONValue(node) else { return nil }
        entries[key] = entry
      }
      self = .object(entries)
    }
  }
}

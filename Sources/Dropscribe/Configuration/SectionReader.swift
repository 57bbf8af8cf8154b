import SystemPackage

/// One table of the file while it is read. Making one checks everything that its section says about its keys;
/// what is wrong is noted in `findings` and then treated as absent.
struct SectionReader {
  let section: ConfigurationSection
  let path: TOMLNode.Path
  let findings: ConfigurationFindings
  private let entries: [String: TOMLNode]
  private var sound: [String: TOMLNode] = [:]

  init(
    _ section: ConfigurationSection,
    _ entries: [String: TOMLNode],
    at path: TOMLNode.Path,
    findings: ConfigurationFindings
  ) {
    self.section = section
    self.path = path
    self.findings = findings
    self.entries = entries
    for (name, node) in entries {
      guard let key = section.key(name) else {
        let known = section.keys.map(\.name)
        var hint = Spelling.hint(name, in: known)
        if hint.isEmpty { hint = Self.home(of: name, not: section) }
        if hint.isEmpty { hint = "; known are \(known.joined(separator: ", "))" }
        report("unknown key \(TOMLNode.quoted(name)) in \(title)\(hint)", at: name)
        continue
      }
      if let complaint = key.form.complaint(about: node) {
        report("\(name) in \(title) \(complaint)", at: name)
      } else {
        sound[name] = node
      }
    }
    for key in section.keys {
      if case .required = key.fallback, entries[key.name] == nil {
        report("\(title) has no \(key.name), which is \(key.form.words)")
      }
    }
  }

  /// Says where a key belongs that stands in the wrong section.
  private static func home(of name: String, not section: ConfigurationSection) -> String {
    let homes = ConfigurationKeys.sections.filter { $0.title != section.title && $0.key(name) != nil }
    return homes.isEmpty ? "" : "; it belongs in \(homes.map(\.title).joined(separator: " or "))"
  }

  /// The header of the table, or the way to the inline one: `[endpoint.azure]`.
  var title: String {
    let names = path.map { step in
      switch step {
      case .key(let name): name
      case .item(let index): "\(index + 1)"
      }
    }
    return "[" + names.joined(separator: ".") + "]"
  }

  /// The name of a named table.
  var name: String {
    if case .key(let name) = path.last { name } else { "" }
  }

  /// Notes what is wrong with the table, or with one of its keys.
  func report(_ message: String, at key: String? = nil) {
    findings.report(message, at: key.map { path + [.key($0)] } ?? path)
  }

  /// Notes something that is hardly meant.
  func warn(_ message: String, at key: String? = nil) {
    findings.warn(message, at: key.map { path + [.key($0)] } ?? path)
  }

  /// Whether the key is in the file, right or wrong: who finds it wrong has already been told.
  func mentions(_ key: String) -> Bool { entries[key] != nil }

  /// The key's value in the file when it is sound, else the fallback that the table of keys names.
  subscript(key: String) -> TOMLNode? {
    if let node = sound[key] { return node }
    if case .value(let node) = section.key(key)?.fallback { return node }
    return nil
  }

  /// The key's value in the file when it is sound; nil when the file does not name it.
  subscript(written key: String) -> TOMLNode? { sound[key] }

  /// A key's text.
  func text(_ key: String) -> String? {
    if case .text(let text) = self[key] { text } else { nil }
  }

  /// A key's whole number.
  func whole(_ key: String) -> Int? {
    if case .whole(let number) = self[key] { number } else { nil }
  }

  /// A key's number, whole or not.
  func number(_ key: String) -> Double? {
    switch self[key] {
    case .whole(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }

  /// A key's true or false.
  func flag(_ key: String) -> Bool? {
    if case .flag(let flag) = self[key] { flag } else { nil }
  }

  /// A key's list of texts.
  func texts(_ key: String) -> [String]? {
    guard case .array(let items) = self[key] else { return nil }
    return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  /// A key's table of texts, empty when it is absent.
  func textTable(_ key: String) -> [String: String] {
    guard case .table(let entries) = self[key] else { return [:] }
    return entries.compactMapValues { if case .text(let text) = $0 { text } else { nil } }
  }

  /// A key's table with keys of ours; nil when it is absent.
  func section(_ key: String) -> SectionReader? {
    guard case .table(let entries) = self[key], let form = section.key(key)?.form else { return nil }
    return form.section.map { SectionReader($0, entries, at: path + [.key(key)], findings: findings) }
  }
}

extension ValueForm {
  /// The section whose keys a table here may have.
  var section: ConfigurationSection? {
    switch self {
    case .section(let section): section
    case .either(let forms): forms.lazy.compactMap(\.section).first
    default: nil
    }
  }
}

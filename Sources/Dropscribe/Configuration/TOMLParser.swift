/// Follows the structure of a TOML document: headers, pairs, tables, lists.
struct TOMLParser {
  /// A table that is still growing.
  private final class Table {
    /// How it came to be decides what may be added to it.
    enum Origin {
      /// By the header of a table inside it: a header of its own may follow.
      case implied
      /// By its own header, or as an item of an array of tables.
      case header
      /// By a dotted key.
      case dotted
    }

    var origin: Origin
    var entries: [String: Entry] = [:]

    init(_ origin: Origin) { self.origin = origin }

    var node: [String: TOMLNode] { entries.mapValues(\.node) }
  }

  private enum Entry {
    case value(TOMLNode)
    case table(Table)
    case tables([Table])

    var node: TOMLNode {
      switch self {
      case .value(let node): node
      case .table(let table): .table(table.node)
      case .tables(let tables): .array(tables.map { .table($0.node) })
      }
    }
  }

  /// Deeper nesting is a mistake, and would exhaust the stack.
  private static let deepest = 64

  var scanner: TOMLScanner
  private(set) var lines: [TOMLNode.Path: Int] = [:]
  private var depth = 0

  init(_ text: String) { scanner = TOMLScanner(text) }

  /// The whole document.
  mutating func document() throws(TOMLDocument.SyntaxError) -> [String: TOMLNode] {
    let root = Table(.header)
    var table = root
    var path: TOMLNode.Path = []
    while try scanner.skipToContent() {
      if scanner.take("[") {
        (table, path) = try header(root)
      } else {
        try pair(table, path)
      }
      try scanner.endOfLine()
    }
    return root.node
  }

  private mutating func header(_ root: Table) throws(TOMLDocument.SyntaxError) -> (Table, TOMLNode.Path) {
    let isArray = scanner.take("[")
    let start = scanner.place
    let keys = try dottedKey("the name of a section")
    guard scanner.take("]"), !isArray || scanner.take("]") else {
      throw scanner.problem("a header ends with \(isArray ? "]]" : "]")")
    }
    var table = root
    var path: TOMLNode.Path = []
    for key in keys.dropLast() {
      path.append(.key(key))
      note(path, start.line)
      switch table.entries[key] {
      case nil:
        let inner = Table(.implied)
        table.entries[key] = .table(inner)
        table = inner
      case .table(let inner)?: table = inner
      case .tables(let all)?:
        path.append(.item(all.count - 1))
        table = all[all.count - 1]
      case .value?:
        throw scanner.problem("\(TOMLNode.quoted(key)) already has a value that no header can add to", start)
      }
    }
    guard let last = keys.last else { throw scanner.problem("a section has a name", start) }
    path.append(.key(last))
    let new = Table(.header)
    switch (table.entries[last], isArray) {
    case (nil, false): table.entries[last] = .table(new)
    case (nil, true):
      table.entries[last] = .tables([new])
      note(path, start.line)
      path.append(.item(0))
    case (.tables(let all)?, true):
      table.entries[last] = .tables(all + [new])
      path.append(.item(all.count))
    case (.table(let there)?, false) where there.origin == .implied:
      there.origin = .header
      // Its own header says better where it is than that of a table inside it.
      lines[path] = start.line
      return (there, path)
    default:
      throw scanner.problem(
        "\(TOMLNode.quoted(last)) is there a second time; put all of it in one place",
        start
      )
    }
    note(path, start.line)
    return (new, path)
  }

  /// `key = value`, into `table`.
  private mutating func pair(_ table: Table, _ path: TOMLNode.Path) throws(TOMLDocument.SyntaxError) {
    let start = scanner.place
    let keys = try dottedKey("a key")
    guard scanner.take("=") else { throw scanner.problem("a key is followed by = and a value") }
    var table = table
    var path = path
    for key in keys.dropLast() {
      path.append(.key(key))
      note(path, start.line)
      switch table.entries[key] {
      case nil:
        let inner = Table(.dotted)
        table.entries[key] = .table(inner)
        table = inner
      case .table(let inner)? where inner.origin != .header:
        inner.origin = .dotted
        table = inner
      default:
        throw scanner.problem(
          "\(TOMLNode.quoted(key)) already stands elsewhere, where no dotted key can add to it",
          start
        )
      }
    }
    guard let last = keys.last else { throw scanner.problem("a line begins with a key", start) }
    guard table.entries[last] == nil else {
      throw scanner.problem("\(TOMLNode.quoted(last)) is there a second time", start)
    }
    path.append(.key(last))
    note(path, start.line)
    table.entries[last] = .value(try value(path))
  }

  /// The keys of `a.b."c d"`, with the space around them.
  private mutating func dottedKey(_ what: String) throws(TOMLDocument.SyntaxError) -> [String] {
    var keys: [String] = []
    repeat {
      scanner.skipSpace()
      let start = scanner.place
      guard let key = try scanner.key() else {
        throw scanner.problem(
          "\(what) is made of letters A to Z, digits, - and _, or stands in quotation marks"
        )
      }
      keys.append(key)
      guard keys.count <= Self.deepest else { throw scanner.problem("this key has too many parts", start) }
      scanner.skipSpace()
    } while scanner.take(".")
    return keys
  }

  private mutating func value(_ path: TOMLNode.Path) throws(TOMLDocument.SyntaxError) -> TOMLNode {
    guard depth < Self.deepest else { throw scanner.problem("lists and tables are nested too deeply") }
    depth += 1
    defer { depth -= 1 }
    scanner.skipSpace()
    if scanner.take("[") { return try list(path) }
    if scanner.take("{") { return try inlineTable(path) }
    return try scanner.scalar()
  }

  private mutating func list(_ path: TOMLNode.Path) throws(TOMLDocument.SyntaxError) -> TOMLNode {
    var items: [TOMLNode] = []
    while true {
      guard try scanner.skipToContent() else { throw scanner.problem("a list ends with ]") }
      if scanner.take("]") { break }
      let item = path + [.item(items.count)]
      note(item, scanner.place.line)
      items.append(try value(item))
      guard try scanner.skipToContent() else { throw scanner.problem("a list ends with ]") }
      if scanner.take(",") { continue }
      guard scanner.take("]") else {
        throw scanner.problem("the values of a list are parted by , and it ends with ]")
      }
      break
    }
    return .array(items)
  }

  private mutating func inlineTable(_ path: TOMLNode.Path) throws(TOMLDocument.SyntaxError) -> TOMLNode {
    let table = Table(.header)
    scanner.skipSpace()
    if scanner.take("}") { return .table([:]) }
    repeat {
      scanner.skipSpace()
      try pair(table, path)
      scanner.skipSpace()
    } while scanner.take(",")
    guard scanner.take("}") else {
      throw scanner.problem("the pairs of a table in { } stand on one line, are parted by , and end with }")
    }
    return .table(table.node)
  }

  private mutating func note(_ path: TOMLNode.Path, _ line: Int) {
    if lines[path] == nil { lines[path] = line }
  }
}

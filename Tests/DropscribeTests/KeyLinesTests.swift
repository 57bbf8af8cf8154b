import Testing

@testable import Dropscribe

@Suite struct KeyLinesTests {
  @Test func everySortOfKeyHasItsLine() {
    let lines = KeyLines(
      """
      # comment = 1
      top = 1
      [a]
      "quoted \\"key\\"" = '''
      x = 2
      '''
      b.c = { d = 1, e = [1, { f = "}" }] } # g = 1
      list = [
        1, # ]
        "]",
      ]
      long = \"""
      [not.a.table]
      \\\"""
      \"""
      after = 1979-05-27 07:32:00Z
      [[tables]]
      x = 1
      [[tables]]
      x = 2
      [tables.sub]
      y = 1
      """
    )
    func line(_ path: TOMLNode.Step...) -> Int? { lines.lines[path] }
    #expect(line(.key("top")) == 2)
    #expect(line(.key("a")) == 3)
    #expect(line(.key("a"), .key("quoted \"key\"")) == 4)
    #expect(line(.key("a"), .key("x")) == nil)
    #expect(line(.key("a"), .key("b")) == 7)
    #expect(line(.key("a"), .key("b"), .key("c"), .key("e"), .item(1), .key("f")) == 7)
    #expect(line(.key("a"), .key("list"), .item(1)) == 10)
    #expect(line(.key("a"), .key("after")) == 16)
    #expect(line(.key("tables"), .item(1), .key("x")) == 20)
    #expect(line(.key("tables"), .item(1), .key("sub"), .key("y")) == 22)
    #expect(!lines.lines.keys.contains { $0.contains(.key("not")) })
    #expect(lines.line(of: [.key("a"), .key("missing")]) == 3)
    #expect(lines.line(of: [.key("missing")]) == nil)
  }

  @Test func itKnowsTheSameKeysAsTheParserOnRandomDocuments() throws {
    for seed in 0..<400 as Range<UInt64> {
      var generator = DocumentGenerator(seed: seed)
      let text = generator.document()
      let document = try TOMLNode.document(text)
      var expected: Set<TOMLNode.Path> = []
      Self.collect(.table(document), at: [], into: &expected)
      let found = KeyLines(text)
      #expect(Set(found.lines.keys) == expected, "seed \(seed):\n\(text)")
      for (path, line) in generator.lines {
        #expect(found.lines[path] == line, "seed \(seed), \(path):\n\(text)")
      }
    }
  }

  @Test func garbageEnds() {
    var random = RepeatableRandom(seed: 7)
    let alphabet = Array("[]{}\"'\\=.,#\n\r ab1\u{0}é".utf8)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let count = text.utf8.count { $0 == 0x0A }
      #expect(KeyLines(text).lines.values.allSatisfy { (1...count + 1).contains($0) })
    }
  }

  private static func collect(_ node: TOMLNode, at path: TOMLNode.Path, into paths: inout Set<TOMLNode.Path>)
  {
    if !path.isEmpty { paths.insert(path) }
    switch node {
    case .table(let entries):
      for (key, node) in entries { collect(node, at: path + [.key(key)], into: &paths) }
    case .array(let items):
      for (index, node) in items.enumerated() { collect(node, at: path + [.item(index)], into: &paths) }
    default: break
    }
  }
}

/// A small generator of random numbers with a seed (SplitMix64), so that a failure can be had again.
struct RepeatableRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Writes random TOML that is hard to follow, and notes on which line it put each top-level pair.
struct DocumentGenerator {
  private var random: RepeatableRandom
  private var text = ""
  private var line = 1
  private var used: Set<String> = []
  private(set) var lines: [TOMLNode.Path: Int] = [:]

  init(seed: UInt64) { random = RepeatableRandom(seed: seed) }

  mutating func document() -> String {
    if chance(5) { text = "\u{FEFF}" }
    pairs(under: [])
    for number in 0..<Int.random(in: 0...5, using: &random) {
      noise()
      let name = "t\(number)"
      if chance(3) {
        for item in 0..<Int.random(in: 1...3, using: &random) {
          write("[[\(space())\(key(name))\(space())]]\(ending())")
          pairs(under: [.key(name), .item(item)])
          if chance(3) {
            write("[\(name).\"in.ner\"]\(ending())")
            pairs(under: [.key(name), .item(item), .key("in.ner")])
          }
        }
      } else {
        lines[[.key(name)]] = line
        write("[\(space())\(key(name))\(space())]\(ending())")
        pairs(under: [.key(name)])
        if chance(3) {
          write("[\(name) . deep . er]\(ending())")
          pairs(under: [.key(name), .key("deep"), .key("er")])
        }
      }
    }
    return text
  }

  private mutating func pairs(under path: TOMLNode.Path) {
    for number in 0..<Int.random(in: 0...4, using: &random) {
      noise()
      let name =
        ["k\(number)", "k \(number)", "k\"\(number)", "k=\(number)", "é\(number)"].randomElement(
          using: &random
        ) ?? ""
      lines[path + [.key(name)]] = line
      let tail = chance(4) ? "\(space()).\(space())sub" : ""
      write("\(space())\(key(name))\(tail)\(space())=\(space())")
      write("\(value(depth: 0))\(ending())")
    }
  }

  private mutating func key(_ name: String) -> String {
    let isBare = name.utf8.allSatisfy { $0 != 0x20 && $0 != 0x22 && $0 != 0x3D && $0 < 0x80 }
    if isBare, !chance(3) { return name }
    if chance(2) { return "'\(name)'" }
    return "\"" + name.replacing("\"", with: "\\u0022") + "\""
  }

  private mutating func value(depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 2 ? 8 : 11), using: &random) {
    case 0: return "12"
    case 1: return "-1_000.5e3"
    case 2: return "true"
    case 3: return "1979-05-27 07:32:00"
    case 4: return "\"a \\\" # = [ \\\\\""
    case 5: return "'c:\\ # ]'"
    case 6: return "\"\"\"\n[x]\ny = 1 \\\n  \"\" \\\"\"\" '''\n\"\"\"\"\""
    case 7: return "'''\nz = \"\\'' \n'''"
    case 8, 9:
      let items = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1) }
      let gap = chance(2) ? "\n # ] }\n" : " "
      return "[\(gap)" + items.joined(separator: "\(gap),")
        + "\(items.isEmpty || chance(2) ? "" : ",")\(gap)]"
    default:
      let count = Int.random(in: 0...3, using: &random)
      var pairs: [String] = []
      for number in 0..<count {
        let name = key("i \(number)")
        pairs.append("\(name)\(chance(3) ? ".x" : "") = \(value(depth: depth + 1))")
      }
      return "{\(space())" + pairs.joined(separator: " , ") + "\(space())}"
    }
  }

  private mutating func noise() {
    if chance(3) { write("\n") }
    if chance(3) { write("# [no.table] x = \"1\n") }
  }

  private mutating func ending() -> String {
    (chance(3) ? " # y = [" : "") + (chance(4) ? "\r\n" : "\n")
  }

  private mutating func space() -> String { ["", " ", "\t "].randomElement(using: &random) ?? "" }

  private mutating func chance(_ sides: Int) -> Bool { Int.random(in: 0..<sides, using: &random) == 0 }

  private mutating func write(_ more: String) {
    text += more
    line += more.utf8.count { $0 == 0x0A }
  }
}

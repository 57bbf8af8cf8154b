import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct TOMLDocumentTests {
  @Test func everySortOfKeyHasItsLine() throws {
    let lines = try TOMLDocument(
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

  @Test func everyValueOfARandomDocumentHasItsLine() throws {
    for seed in 0..<400 as Range<UInt64> {
      var generator = TOMLGenerator(seed: seed)
      let text = generator.document()
      let document = try TOMLDocument(text)
      var expected: Set<TOMLNode.Path> = []
      Self.collect(.table(document.entries), at: [], into: &expected)
      #expect(Set(document.lines.keys) == expected, "seed \(seed):\n\(text)")
      for (path, line) in generator.lines {
        #expect(document.lines[path] == line, "seed \(seed), \(path):\n\(text)")
      }
    }
  }

  /// Python's own TOML reader is an independent one: it must take and refuse the same documents, and find the
  /// same values in them.
  @Test func pythonReadsTheSame() async throws {
    var texts = TOMLExamples.all
    for seed in 0..<400 as Range<UInt64> {
      var generator = TOMLGenerator(seed: seed)
      let text = generator.document()
      texts.append(text)
      texts += TOMLExamples.damaged(text, seed: seed)
    }
    texts += (0..<30_000 as Range<UInt64>).map(TOMLExamples.soup)
    let theirs = try await Self.python(texts)
    try #require(theirs.count == texts.count)
    var sound = 0
    for (text, their) in zip(texts, theirs) {
      let our = (try? TOMLDocument(text)).map { Self.plain(.table($0.entries)) }
      #expect(our == their, "\(TOMLNode.quoted(text))")
      if our != nil { sound += 1 }
    }
    #expect(sound > 1_000)
    #expect(texts.count - sound > 1_000)
  }

  @Test func aDocumentOfBracketsEnds() {
    for piece in ["[", "a=[", "{a=", "a.", "[[", "a={b=["] {
      let text = String(repeating: piece, count: 50_000)
      #expect(throws: TOMLDocument.SyntaxError.self) { try TOMLDocument(text) }
      #expect(throws: TOMLDocument.SyntaxError.self) { try TOMLDocument("x = " + text) }
    }
  }

  @Test func aMistakeHasItsPlace() {
    for (text, line, column) in [
      ("a = 1\nb = = 2\n", 2, 5), ("a = \n", 1, 5), ("a = [1,\n2\n", 3, 1), ("\n [=\n", 2, 3),
      ("a = 1 b", 1, 7),
      ("a = 'x\n", 1, 5), ("a = \"\"\"\n\n\\q\"\"\"", 3, 1), ("a = 1\na = 2", 2, 1), ("[a]\r\n[a]", 2, 2),
      ("é = 1", 1, 1),
    ] {
      let error = #expect(throws: TOMLDocument.SyntaxError.self) { try TOMLDocument(text) }
      #expect(error?.line == line, "\(text): \(String(describing: error))")
      #expect(error?.column == column, "\(text): \(String(describing: error))")
    }
  }
}

extension TOMLDocumentTests {
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

  /// A document in a form in which two readers' values can be compared: leaves are texts with their kind.
  private static func plain(_ node: TOMLNode) -> JSONValue {
    switch node {
    case .table(let entries): .object(entries.mapValues(plain))
    case .array(let items): .array(items.map(plain))
    case .text(let text): .string("s" + text)
    case .whole(let number): .string("i\(number)")
    case .number(let number): .string(number.isNaN ? "fnan" : "f\(number.bitPattern)")
    case .flag(let flag): .string("b\(flag)")
    case .moment: .string("d")
    }
  }

  private static func python(_ texts: [String]) async throws -> [JSONValue?] {
    let file = FilePath("/tmp/dropscribe-toml-\(UUID().uuidString)")
    // Python's reader knows no byte order mark; editors write one all the same.
    let plain = texts.map {
      $0.unicodeScalars.first == "\u{FEFF}" ? String($0.unicodeScalars.dropFirst()) : $0
    }
    try JSONEncoder().encode(plain).write(to: URL(filePath: file.string))
    defer { try? FileManager.default.removeItem(atPath: file.string) }
    let script = """
      import json, struct, sys, tomllib

      def plain(value):
          if isinstance(value, dict): return {key: plain(inner) for key, inner in value.items()}
          if isinstance(value, list): return [plain(inner) for inner in value]
          if isinstance(value, str): return "s" + value
          if isinstance(value, bool): return "btrue" if value else "bfalse"
          if isinstance(value, int): return "i" + str(value)
          if isinstance(value, float):
              return "fnan" if value != value else "f" + str(struct.unpack("<Q", struct.pack("<d", value))[0])
          return "d"

      def read(text):
          try: return plain(tomllib.loads(text))
          except (ValueError, RecursionError): return None

      with open(sys.argv[1], encoding="utf-8") as file: texts = json.load(file)
      json.dump([read(text) for text in texts], sys.stdout)
      """
    let result = try await Subprocess.run(
      .name("python3"),
      arguments: ["-c", script, file.string],
      output: .bytes(limit: 100_000_000),
      error: .string(limit: 65_536)
    )
    try #require(result.terminationStatus == .exited(0), "\(result.standardError)")
    return try JSONDecoder().decode([JSONValue?].self, from: Data(result.standardOutput))
  }
}

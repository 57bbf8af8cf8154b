@testable import Dropscribe

/// Documents that meet the corners of TOML, sound and broken.
enum TOMLExamples {
  /// Rules that random documents seldom meet.
  static let all = tables + values + texts

  private static let tables = [
    "[a]\n[a]\n", "[a.b]\n[a]\nx=1\n", "[a]\nb.c=1\n[a.b]\n", "[a]\nb.c=1\n[a.b.d]\nx=1\n",
    "[a.b.c]\nz=9\n[a]\nb.c.t=1\n",
    "[a.b.c]\nz=9\n[a]\nb.x=1\n", "[a.b.c]\nz=9\n[a]\nb.x=1\n[a.b]\n", "a.b=1\na.c=2\n", "a=1\na.b=2\n",
    "a={b=1}\na.c=2\n",
    "a={b=1}\n[a.c]\n", "a=[{b=1}]\n[[a]]\n", "[[a]]\n[a.b]\n[[a]]\n[a.b]\n", "[[a]]\n[a]\n", "[a]\n[[a]]\n",
    "[[a.b]]\n[a]\nb.x=1\n",
    "[[a]]\nx=1\n[a.b.c]\n[[a.b.d]]\n", "a={b.c=1,b.d=2}", "a={b=1,b.d=2}", "a={b={c=1},b.d=2}", "a={x=1,}",
    "a={x=1\n}", "a=[1,,]",
    "a=[,]", "a=,", "a=", "=1", "a", "[=", "[[[a]]]", "[ü]", "[]", "[a", "[a.]", "[.a]", "[ a . b ]\n",
    "[a] b=1", "a=1 b=2",
    "a=\rb=1", "\"\"=1", "''=1", "\"\"\"a\"\"\"=1", "'a'.\"b\" . c=1", "a.1.2=3", "1979-05-27=1",
    "\u{FEFF}a=1", "[ [a]]", "[[a] ]",
    "\u{A0}a=1", "a=1\u{85}b=1", "a=1\u{0}", "# \u{1}", "#\t é\n", "a={ # x\n}", "a=[ # x\n 1 # y\n , # z\n]",
    "[[a]]\n[[a]]\n[a.b]\nx=1",
  ]

  private static let values = [
    "a=01", "a=+0", "a=-0", "a=1_0", "a=1__0", "a=_1", "a=1_", "a=0x_1", "a=0xdead_BEEF", "a=-0x1", "a=0o17",
    "a=0o8", "a=0b10",
    "a=0b2", "a=0X1", "a=1.", "a=.5", "a=1.5e", "a=1e5", "a=1E+5", "a=1e-0_5", "a=1.e5", "a=1_.5", "a=01.5",
    "a=-0.0", "a=inf", "a=-nan",
    "a=+inf", "a=Inf", "a=1e400", "a=-1e-400", "a=0e0", "a=00e0", "a=1e06", "a=+-1", "a=--1", "a=1-1",
    "a=9223372036854775807", "a=-9223372036854775808", "a=true", "a=True", "a=truex", "a=false,",
    "a=1979-05-27", "a=1979-02-29", "a=2000-02-29", "a=1900-02-29", "a=1979-13-01", "a=07:32:00", "a=07:32",
    "a=24:00:00", "a=07:32:60",
    "a=07:32:00.", "a=07:32:00.999999999", "a=1979-05-27T07:32:00Z", "a=1979-05-27t07:32:00z", "a=07:32:00Z",
    "a=1979-05-27 07:32:00+01:00", "a=1979-05-27 07:32:00+24:00", "a=1979-05-27  07:32:00", "a=1979-05-27T",
    "a=1979-5-27",
    "a=1979-05-27T07:32:00.5-00:00", "a=1979-05-27 # x", "a=[1979-05-27 ,1979-05-27 07:32:00 ]",
  ]

  private static let texts = [
    "a=\"\\u00e9\\U0001F600\"", "a=\"\\ud800\"", "a=\"\\U00110000\"", "a=\"\\UFFFFFFFF\"", "a=\"\\x41\"",
    "a=\"\\ \"", "a=\"\t\"",
    "a=\"\u{7F}\"", "a='\u{1}'", "a=\"\"\"\\\n   \n  b\"\"\"", "a=\"\"\"\\  \n b\"\"\"",
    "a=\"\"\"\\  b\"\"\"", "a=\"\\u00e\"",
    "a=\"\"\"\"\"\"", "a=\"\"\"\"\"\"\"", "a=\"\"\"\"\"\"\"\"", "a=\"\"\"\"\"\"\"\"\"", "a='''\na''''",
    "a=''''''", "a=\"\"\"\r\nx\r\n\"\"\"",
    "a=\"x\ny\"", "a=\"\\u0000\"", "a=\"\"\"\\\r\n x\"\"\"", "a='\\'", "a='\\''", "a=\"\\\"",
    "a=\"\"\"\n\n\"\"\"", "a=\"\\b\\t\\n\\f\\r\\\"\\\\\"", "a=\"\\e\"",
  ]

  /// Three versions of `text` with something lost, doubled or put in.
  static func damaged(_ text: String, seed: UInt64) -> [String] {
    var random = RepeatableRandom(seed: seed &+ 1_000_000)
    return (0..<3).map { _ in
      var scalars = Array(text.unicodeScalars)
      guard !scalars.isEmpty else { return text }
      let place = Int.random(in: 0..<scalars.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: scalars.remove(at: place)
      case 1: scalars.insert(scalars[place], at: place)
      default:
        scalars.insert("\"'[]{}=#.,0ax\\\n".unicodeScalars.randomElement(using: &random) ?? "=", at: place)
      }
      return String(String.UnicodeScalarView(scalars))
    }
  }

  /// A few pieces of TOML in any order.
  static func soup(_ seed: UInt64) -> String {
    let pieces = [
      "[", "]", "[[", "]]", "{", "}", "\"", "'", "\"\"\"", "\'\'\'", "=", ".", ",", "#", "\n", "\r\n", " ",
      "\t", "a", "b.c", "1", "-",
      "+", "1e9", "0x", "inf", "true", "1979-05-27", "T07:32", ":00", "\\", "\\u00", "é", "\u{FEFF}",
      "\u{2028}", "\u{7F}", "\r",
      "[a]\n", "x = 1\n", "y = [", "z = {", "[[t]]\n", "_", "\u{A0}", "a = ", "b = 1\n",
    ]
    var random = RepeatableRandom(seed: seed)
    let count = Int.random(in: 1...12, using: &random)
    return (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
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
struct TOMLGenerator {
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

extension TOMLScanner {
  /// A text, a number, a date, or true or false.
  mutating func scalar() throws(TOMLDocument.SyntaxError) -> TOMLNode {
    guard let byte = peek() else { throw problem("a value is missing here") }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return .text(try text()) }
    let token = self.token()
    guard !token.isEmpty else {
      throw problem("a value is missing here: a text in quotation marks, a number, true or false, [ ] or { }")
    }
    guard let node = TOMLScalar.node(token) else {
      // The token is not repeated: it may be a key without its quotation marks.
      throw problem("this is no value; does a text lack its quotation marks?")
    }
    advance(token.count)
    return node
  }

  /// The bytes of a value without quotation marks, with the space amid a date and a time.
  private func token() -> [UInt8] {
    func isPart(_ byte: UInt8) -> Bool { Self.isBare(byte) || "+.:".utf8.contains(byte) }
    func run(_ start: Int) -> Int {
      var end = start
      while let byte = peek(end), isPart(byte) { end += 1 }
      return end
    }
    var end = run(0)
    if TOMLScalar.isDate(bytes[position..<position + end]), peek(end) == 0x20,
      let next = peek(end + 1), (0x30...0x39).contains(next)
    {
      end = run(end + 1)
    }
    return Array(bytes[position..<position + end])
  }
}

/// What values without quotation marks mean.
enum TOMLScalar {
  /// The value that `token` writes; nil when it writes none.
  static func node(_ token: [UInt8]) -> TOMLNode? {
    let text = String(decoding: token, as: UTF8.self)
    switch text {
    case "true": return .flag(true)
    case "false": return .flag(false)
    case "inf", "+inf": return .number(.infinity)
    case "-inf": return .number(-.infinity)
    case "nan", "+nan", "-nan": return .number(.nan)
    default: return whole(text) ?? number(text) ?? (isMoment(token[...]) ? .moment(text) : nil)
    }
  }

  private static func whole(_ text: String) -> TOMLNode? {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
      guard let digits = digits(text.dropFirst(2), radix: radix) else { return nil }
      return Int(digits, radix: radix).map { .whole($0) }
    }
    let sign = text.first == "-" ? "-" : ""
    let unsigned = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    guard let digits = digits(unsigned, radix: 10), !hasLeadingZero(digits) else { return nil }
    return Int(sign + digits).map { .whole($0) }
  }

  private static func number(_ text: String) -> TOMLNode? {
    let sign = text.first == "-" ? "-" : ""
    let unsigned = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    let halves = unsigned.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard halves.count <= 2, let mantissa = halves.first else { return nil }
    let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count + halves.count > 2, parts.count <= 2, let before = digits(parts[0], radix: 10),
      !hasLeadingZero(before)
    else { return nil }
    var plain = sign + before
    if parts.count == 2 {
      guard let after = digits(parts[1], radix: 10) else { return nil }
      plain += "." + after
    }
    if halves.count == 2 {
      let exponent = halves[1].first == "-" || halves[1].first == "+" ? halves[1].dropFirst() : halves[1]
      guard let power = digits(exponent, radix: 10) else { return nil }
      plain += "e" + (halves[1].first == "-" ? "-" : "") + power
    }
    return Double(plain).map { .number($0) }
  }

  /// Digits without the single underscores between them; nil when anything else is there.
  private static func digits(_ text: Substring, radix: Int) -> String? {
    let groups = text.split(separator: "_", omittingEmptySubsequences: false)
    let isSound = groups.allSatisfy { group in
      !group.isEmpty && group.allSatisfy { $0.isASCII && ($0.hexDigitValue ?? 16) < radix }
    }
    return isSound ? groups.joined() : nil
  }

  private static func hasLeadingZero(_ digits: String) -> Bool { digits.count > 1 && digits.first == "0" }

  /// Whether it is a date alone.
  static func isDate(_ token: ArraySlice<UInt8>) -> Bool {
    guard token.count == 10, let fields = fields(token, "0000-00-00") else { return false }
    let (year, month, day) = (fields[0], fields[1], fields[2])
    guard (1...12).contains(month) else { return false }
    let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...days[month - 1]).contains(day)
  }

  /// Whether it is a date, a time, or both, with or without an offset.
  private static func isMoment(_ token: ArraySlice<UInt8>) -> Bool {
    if isDate(token) || isTime(token) { return true }
    guard token.count > 11, isDate(token.prefix(10)), "Tt ".utf8.contains(token[token.startIndex + 10]) else {
      return false
    }
    var time = token.dropFirst(11)
    if time.last == UInt8(ascii: "Z") || time.last == UInt8(ascii: "z") {
      time = time.dropLast()
    } else if time.count > 6, let sign = time.dropLast(5).last,
      sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
    {
      guard let fields = fields(time.suffix(5), "00:00"), fields[0] < 24, fields[1] < 60 else { return false }
      time = time.dropLast(6)
    }
    return isTime(time)
  }

  private static func isTime(_ token: ArraySlice<UInt8>) -> Bool {
    guard let fields = fields(token.prefix(8), "00:00:00"), fields[0] < 24, fields[1] < 60, fields[2] < 60
    else {
      return false
    }
    let fraction = token.dropFirst(8)
    if fraction.isEmpty { return true }
    return fraction.count > 1 && fraction.first == UInt8(ascii: ".")
      && fraction.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The numbers in `token`, which looks like `pattern` with any digits for its zeros; nil when it does not.
  private static func fields(_ token: ArraySlice<UInt8>, _ pattern: String) -> [Int]? {
    guard token.count == pattern.utf8.count else { return nil }
    var fields = [0]
    for (byte, sign) in zip(token, pattern.utf8) {
      if sign == UInt8(ascii: "0") {
        guard (0x30...0x39).contains(byte) else { return nil }
        fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(byte - 0x30)
      } else {
        guard byte == sign else { return nil }
        fields.append(0)
      }
    }
    return fields
  }
}

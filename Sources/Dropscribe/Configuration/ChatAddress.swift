/// Makes the address of a chat-completions route out of what stands in the configuration.
enum ChatAddress {
  /// Why an address cannot be used, as the end of a sentence.
  struct Problem: Error {
    var message: String
  }

  /// What the checks need to know of an address.
  struct Parts: Equatable {
    /// `http` or `https`.
    var scheme: String
    /// In lower case, without brackets.
    var host: String
    /// As written, else the scheme's own.
    var port: Int
    /// Scheme, host, port and path as they were written.
    var base: String
    /// From the first slash after the host; perhaps empty.
    var path: String
    /// After the question mark; nil when there is none.
    var query: String?
    /// Whether it is on this machine's loopback.
    var isLoopback: Bool { ChatAddress.isLoopback(host: host) }
  }

  /// The route that every address must end in.
  static let route = "/chat/completions"

  /// Takes an address apart.
  static func parts(_ url: String) throws(Problem) -> Parts {
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }) else {
      throw Problem(
        message: "holds characters that no address has, such as spaces or umlauts; write them as %20"
      )
    }
    guard let end = url.firstRange(of: "://") else {
      throw Problem(message: "does not begin with https:// (or http:// for this machine)")
    }
    let scheme = url[..<end.lowerBound].lowercased()
    guard scheme == "https" || scheme == "http" else {
      throw Problem(
        message: "begins with \(TOMLNode.quoted(scheme + "://")); only https:// and http:// will do"
      )
    }
    let rest = url[end.upperBound...]
    guard !rest.contains("#") else {
      throw Problem(message: "has a # part, which is never sent; leave it out")
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    // What stands before the @ is not shown.
    guard !authority.contains("@") else {
      throw Problem(message: "holds a user name or password; use key or headers")
    }
    let (host, port) = try host(of: authority)
    let whole = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    return Parts(
      scheme: scheme,
      host: host,
      port: port ?? (scheme == "https" ? 443 : 80),
      base: String(whole[0]),
      path: String(rest.dropFirst(authority.count).prefix { $0 != "?" }),
      query: whole.count > 1 ? String(whole[1]) : nil
    )
  }

  private static func host(of authority: Substring) throws(Problem) -> (String, port: Int?) {
    var host = authority
    var port: Substring?
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { throw Problem(message: "has a [ without its ]") }
      host = authority[authority.index(after: authority.startIndex)..<close]
      let after = authority[authority.index(after: close)...]
      guard after.isEmpty || after.hasPrefix(":") else { throw Problem(message: "has no : before its port") }
      if !after.isEmpty { port = after.dropFirst() }
      guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
        throw Problem(message: "has no IPv6 address between its brackets")
      }
    } else {
      if let colon = authority.firstIndex(of: ":") {
        host = authority[..<colon]
        port = authority[authority.index(after: colon)...]
      }
      guard host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else {
        throw Problem(message: "has no proper host name")
      }
    }
    guard !host.isEmpty else { throw Problem(message: "names no host") }
    guard let port else { return (host.lowercased(), nil) }
    guard let number = Int(port), (1...65_535).contains(number) else {
      throw Problem(message: "has a port that is no number from 1 to 65535")
    }
    return (host.lowercased(), number)
  }

  /// Whether the host is this machine and nobody listens in between.
  static func isLoopback(host: String) -> Bool {
    if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
  }

  /// The whole address: a base gets the route and the preset's query; an address that already ends in the
  /// route is left as it is, except for what `query` adds.
  static func complete(_ parts: Parts, preset: Preset, query: [String: String]) throws(Problem) -> String {
    let base = trimmed(parts.base)
    let isWhole = base.hasSuffix(route)
    if !isWhole, trimmed(parts.path).isEmpty,
      let (_, path) = preset.pathByHost.first(where: { parts.host.hasSuffix($0.key) })
    {
      throw Problem(message: "has no path; did you mean \(TOMLNode.quoted(base + path))?")
    }
    var pairs = (parts.query ?? "").split(separator: "&").map(String.init)
    let names = Set(pairs.map { String($0.prefix { $0 != "=" }) })
    for (name, value) in query.sorted(by: { $0.key < $1.key }) {
      guard !names.contains(escaped(name)) else {
        throw Problem(message: "already has \(TOMLNode.quoted(name)) in its query, which query names again")
      }
      pairs.append(escaped(name) + "=" + escaped(value))
    }
    if !isWhole, !preset.pathsWithoutQuery.contains(where: { base.hasSuffix($0) }) {
      for (name, value) in preset.query.sorted(by: { $0.key < $1.key })
      where !names.contains(name) && query[name] == nil {
        pairs.append(escaped(name) + "=" + escaped(value))
      }
    }
    let address = isWhole ? parts.base : base + route
    return pairs.isEmpty ? address : address + "?" + pairs.joined(separator: "&")
  }

  /// The address with the values of its query hidden, for logs and people: some services take keys there.
  static func redacted(_ url: String) -> String {
    let whole = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard whole.count > 1 else { return url }
    let pairs = whole[1].split(separator: "&").map { pair in
      pair.hasPrefix("api-version=") ? String(pair) : pair.prefix { $0 != "=" } + "=…"
    }
    return whole[0] + "?" + pairs.joined(separator: "&")
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.last == "/" { text.removeLast() }
    return String(text)
  }

  /// With a % sequence for each byte but letters, digits and `-._~`.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return escaped
  }
}

/// A proxy: connections to an endpoint are made through it with CONNECT, whether the endpoint speaks TLS or not.
public struct Proxy: Hashable, Sendable {
  /// Name or address.
  public var host: String
  /// From 1 to 65535.
  public var port: Int
  /// Who it is told that asks; nil where it wants no name.
  var user: String?
  var password: Secret?
  /// Who named it: the key `proxy`, or an environment variable.
  public var source: String

  /// For a person: where it is, without its credentials.
  public var address: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  /// Takes a proxy's address apart: `http://HOST:PORT`, or the same without `http://`.
  ///
  /// - Parameters:
  ///   - source: where `text` stands.
  ///   - mayHoldPassword: whether `http://USER:PASSWORD@HOST:PORT` is taken, too.
  /// - Throws: What is wrong, as the end of a sentence that never holds the password.
  init(_ text: String, source: String, mayHoldPassword: Bool) throws(ChatAddress.Problem) {
    let scheme = text.firstRange(of: "://").map { text[..<$0.lowerBound].lowercased() }
    guard scheme == nil || scheme == "http" else {
      throw ChatAddress.Problem(
        message: "begins with \(TOMLNode.quoted((scheme ?? "") + "://")); only http:// will do"
      )
    }
    var rest = text[(text.firstRange(of: "://")?.upperBound ?? text.startIndex)...]
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if let at = rest.lastIndex(of: "@") {
      guard mayHoldPassword else {
        throw ChatAddress.Problem(
          message: "holds a user name or password, which do not stand in this file; leave it out, and set "
            + "HTTPS_PROXY for the process that runs dropscribe"
        )
      }
      let halves = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.withoutPercents(halves[0]),
        let word = Self.withoutPercents(halves.dropFirst().first ?? "")
      else {
        throw ChatAddress.Problem(
          message: "has a % in its user name or password that is not followed by two hexadecimal digits"
        )
      }
      user = name
      password = Secret(word)
      rest = rest[rest.index(after: at)...]
    }
    let parts = try ChatAddress.parts("http://" + rest)
    guard parts.path.isEmpty, parts.query == nil else {
      throw ChatAddress.Problem(message: "has something after its port; a proxy is http://HOST:PORT")
    }
    host = parts.host
    port = parts.port
    self.source = source
  }

  private static func withoutPercents(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2
      else {
        return nil
      }
      bytes.append(code)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

internal import Glibc

/// What the usual environment variables say about proxies: `https_proxy`, `http_proxy` and `no_proxy`, each also in
/// capitals; small letters win, as with curl. An address on this machine never goes through a proxy by itself.
struct ProxyVariables: Sendable {
  /// A variable that is set, by its name.
  private struct Setting: Sendable {
    var name: String
    var text: String
  }

  private let proxies: [String: Setting]
  private let exceptions: [Exception]

  init(environment: [String: String]) {
    func setting(_ name: String) -> Setting? {
      for name in [name, name.uppercased()] {
        if let text = environment[name], !text.isEmpty { return Setting(name: name, text: text) }
      }
      return nil
    }
    var proxies: [String: Setting] = [:]
    for scheme in ["https", "http"] { proxies[scheme] = setting(scheme + "_proxy") }
    self.proxies = proxies
    let list = setting("no_proxy")?.text ?? ""
    exceptions = list.split { $0 == "," || $0.isWhitespace }.map { Exception($0.lowercased()) }
  }

  /// The proxy for an address; nil where it is reached directly.
  ///
  /// - Throws: What is wrong with the variable, as a sentence that never holds a password.
  func proxy(for parts: ChatAddress.Parts) throws(ChatAddress.Problem) -> Proxy? {
    guard let setting = proxies[parts.scheme], !parts.isLoopback,
      !exceptions.contains(where: { $0.covers(host: parts.host, port: parts.port) })
    else { return nil }
    do throws(ChatAddress.Problem) {
      return try Proxy(setting.text, source: setting.name, mayHoldPassword: true)
    } catch {
      throw ChatAddress.Problem(message: "the environment variable \(setting.name) \(error.message)")
    }
  }

  /// One entry of `no_proxy`.
  private enum Exception: Sendable {
    case everything
    /// A domain and all below it.
    case domain(String, port: Int?)
    /// Addresses that begin with so many bits of these bytes.
    case network([UInt8], bits: Int, port: Int?)

    init(_ text: String) {
      if text == "*" {
        self = .everything
        return
      }
      var (name, port) = (text[...], Int?.none)
      if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
        name = text[text.index(after: text.startIndex)..<end]
        port = Int(text[text.index(after: end)...].dropFirst())
      } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
        name = text[..<colon]
        port = Int(text[text.index(after: colon)...])
      }
      let halves = name.split(separator: "/", maxSplits: 1)
      if let first = halves.first, let bytes = addressBytes(String(first)) {
        let most = bytes.count * 8
        self = .network(bytes, bits: halves.count > 1 ? min(Int(halves[1]) ?? most, most) : most, port: port)
        return
      }
      while name.hasPrefix(".") || name.hasPrefix("*") { name = name.dropFirst() }
      self = .domain(String(name), port: port)
    }

    func covers(host: String, port: Int) -> Bool {
      switch self {
      case .everything:
        return true
      case .domain(let name, let only):
        return !name.isEmpty && (only ?? port) == port && (host == name || host.hasSuffix("." + name))
      case .network(let network, let bits, let only):
        guard (only ?? port) == port, let bytes = addressBytes(host), bytes.count == network.count else {
          return false
        }
        return (0..<max(bits, 0)).allSatisfy { bit in
          (bytes[bit / 8] ^ network[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
      }
    }
  }
}

/// The bytes of an IPv4 or IPv6 address; nil for a name.
private func addressBytes(_ text: String) -> [UInt8]? {
  var four = in_addr()
  if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
  var six = in6_addr()
  if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
  return nil
}

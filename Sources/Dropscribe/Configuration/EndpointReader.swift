internal import NIOSSL
import SystemPackage

/// Reads one `[endpoint.NAME]`.
struct EndpointReader {
  let section: SectionReader
  let places: ConfigurationPlaces

  /// The endpoint; nil when it is too broken to be one, which has then been reported.
  func read() -> EndpointConfiguration? {
    guard let preset = section.text("preset").flatMap(Preset.named) else { return nil }
    let key = readKey()
    let authorities = authorities()
    let entra = readEntra(authorities)
    guard let parts = address(preset) else { return nil }
    let url: String
    do throws(ChatAddress.Problem) {
      url = try ChatAddress.complete(parts, preset: preset, query: section.textTable("query"))
    } catch {
      section.report("url in \(section.title) \(error.message)", at: "url")
      return nil
    }
    var endpoint = EndpointConfiguration(
      name: section.name,
      preset: preset.name,
      url: url,
      model: section.text("model") ?? preset.model,
      key: key,
      entra: entra,
      authentication: authentication(preset, isLoopback: parts.isLoopback),
      connection: connection(parts, authorities),
      isLoopback: parts.isLoopback
    )
    endpoint.concurrency = section.whole("concurrency") ?? preset.concurrency
    endpoint.headers = headers()
    endpoint.audioPart =
      section.text("audio_part").flatMap(EndpointConfiguration.AudioPart.init) ?? preset.audioPart
    endpoint.audioFirst = section.flag("audio_first") ?? preset.audioFirst
    endpoint.foldSystem = section.flag("fold_system")
    endpoint.extra = extra(preset)
    endpoint.temperature = section.number("temperature")
    endpoint.maxTokens = section.whole("max_tokens")
    endpoint.maxTokensField =
      section.text("max_tokens_field").flatMap(EndpointConfiguration.MaxTokensField.init)
      ?? preset.maxTokensField
    endpoint.mostClipBytes = preset.mostClipBytes
    endpoint.timeoutSeconds = section.number("timeout_seconds") ?? endpoint.timeoutSeconds
    endpoint.prices = prices()
    return endpoint
  }

  private func address(_ preset: Preset) -> ChatAddress.Parts? {
    guard let url = section.text("url") ?? preset.url else {
      if !section.mentions("url") {
        section.report("\(section.title) has no url, which the preset \(TOMLNode.quoted(preset.name)) needs")
      }
      return nil
    }
    // A broken url has been reported; the preset's own would only raise more dust.
    if section.mentions("url"), section.text("url") == nil { return nil }
    do throws(ChatAddress.Problem) {
      let parts = try ChatAddress.parts(url)
      if parts.scheme == "http", !parts.isLoopback {
        if section.flag("allow_http") == true {
          section.warn(
            "\(section.title) sends recordings and its key to \(parts.host) unencrypted (allow_http)",
            at: "url"
          )
        } else {
          section.report(
            "url in \(section.title) leads over http:// to another machine, where everybody between can read "
              + "recordings and key; use https://, or write allow_http = true",
            at: "url"
          )
        }
      }
      return parts
    } catch {
      section.report("url in \(section.title) \(error.message)", at: "url")
      return nil
    }
  }

  private func readKey() -> KeySource? {
    section.section("key").flatMap { KeyReader(section: $0, places: places).read() }
  }

  private func readEntra(_ authorities: ConnectionSettings.Authorities?) -> EntraConfiguration? {
    guard let entra = section.section("entra") else { return nil }
    if section.mentions("key") {
      section.report("\(section.title) has both key and entra; keep one", at: "entra")
    }
    return EntraReader(section: entra, places: places) { connection($0, authorities) }.read()
  }

  // MARK: The connection

  /// How an address is reached: what the keys say, else the environment.
  private func connection(
    _ parts: ChatAddress.Parts,
    _ authorities: ConnectionSettings.Authorities?
  ) -> ConnectionSettings {
    var settings = ConnectionSettings(authorities: authorities)
    if section.flag("proxy") == false { return settings }
    do throws(ChatAddress.Problem) {
      if let text = section.text("proxy") {
        settings.proxy = try Proxy(text, source: "proxy", mayHoldPassword: false)
      } else {
        settings.proxy = try ProxyVariables(environment: places.environment).proxy(for: parts)
      }
    } catch {
      section.report(
        section.mentions("proxy") ? "proxy in \(section.title) \(error.message)" : error.message,
        at: section.mentions("proxy") ? "proxy" : "url"
      )
    }
    return settings
  }

  private func authorities() -> ConnectionSettings.Authorities? {
    guard let path = places.path(of: "ca_file", in: section) else { return nil }
    do throws(SmallFile.Problem) {
      let bytes = try SmallFile.read(path, limit: 1_048_576).bytes
      guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
        throw SmallFile.Problem(message: "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
      }
      return ConnectionSettings.Authorities(path: path, certificates: certificates)
    } catch {
      section.report("ca_file in \(section.title): \(path) \(error.message)", at: "ca_file")
      return nil
    }
  }

  private func authentication(
    _ preset: Preset,
    isLoopback: Bool
  ) -> EndpointConfiguration.Authentication {
    let said = section.text("authentication").flatMap(EndpointConfiguration.Authentication.init)
    if section.mentions("entra") {
      if let said, said != .bearer {
        section.report(
          "authentication in \(section.title) is \(TOMLNode.quoted(said.rawValue)), but a token of entra goes as "
            + "Bearer; leave it out",
          at: "authentication"
        )
      }
      return .bearer
    }
    if section.mentions("key") {
      if said == EndpointConfiguration.Authentication.none {
        section.report(
          "\(section.title) has a key, but authentication = \"none\" never sends it; leave one out",
          at: "authentication"
        )
      }
      return said ?? preset.authentication
    }
    if let said, said != .none {
      section.report(
        "\(section.title) has no key, which authentication = \(TOMLNode.quoted(said.rawValue)) sends; add "
          + "key = { credential = \"api-key\" }, { env = … } or { file = … }",
        at: "authentication"
      )
    } else if said == nil, preset.needsKey, !isLoopback {
      section.report(
        "\(section.title) has no key, which the preset \(TOMLNode.quoted(preset.name)) needs; add "
          + "key = { credential = \"api-key\" }, { env = … } or { file = … }, or entra = { … }, or authentication = \"none\""
      )
    }
    return .none
  }

  private func headers() -> [String: String] {
    let headers = section.textTable("headers")
    for (name, value) in headers {
      let isName = name.utf8.allSatisfy { byte in
        "!#$%&'*+-.^_`|~".utf8.contains(byte) || Character(Unicode.Scalar(byte)).isASCIIAlphanumeric
      }
      if name.isEmpty || !isName {
        section.report(
          "\(TOMLNode.quoted(name)) in the headers of \(section.title) is no header name",
          at: "headers"
        )
      } else if ["authorization", "api-key", "proxy-authorization"].contains(name.lowercased()) {
        section.report(
          "the header \(name) of \(section.title) carries a key, and a key does not stand in this file; use key "
            + "and authentication",
          at: "headers"
        )
      } else if [
        "content-length", "content-type", "host", "transfer-encoding", "connection", "accept-encoding",
      ]
      .contains(name.lowercased()) {
        section.report(
          "the header \(name) of \(section.title) is dropscribe's to set; leave it out",
          at: "headers"
        )
      }
      if !value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
        section.report(
          "the header \(TOMLNode.quoted(name)) of \(section.title) has a value with characters other than "
            + "printable ASCII",
          at: "headers"
        )
      }
    }
    return headers
  }

  private func extra(_ preset: Preset) -> [String: JSONValue] {
    guard let node = section["extra"], case .object(let extra)? = JSONValue(node) else { return [:] }
    let own = [
      "messages": "is what dropscribe fills in", "model": "has a key of its own: model",
      "temperature": "has a key of its own: temperature", "max_tokens": "has a key of its own: max_tokens",
      "max_completion_tokens": "has a key of its own: max_tokens",
      "stream": "would turn the reply into a stream, which dropscribe does not read",
    ]
    for (name, reason) in own where extra[name] != nil {
      section.report("\(name) in extra of \(section.title) \(reason)", at: "extra")
    }
    for name in preset.refusedFields where extra[name] != nil && own[name] == nil {
      section.warn(
        "\(name) in extra of \(section.title) is a field that \(preset.name) is known to refuse",
        at: "extra"
      )
    }
    return extra
  }

  private func prices() -> EndpointConfiguration.Prices? {
    guard let prices = section.section("prices"), let input = prices.number("input"),
      let output = prices.number("output"), let currency = prices.text("currency")
    else { return nil }
    if currency.utf8.count != 3 || !currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
      prices.report(
        "currency in \(prices.title) is \(TOMLNode.quoted(currency)), which is not three capital letters, such "
          + "as \"EUR\"",
        at: "currency"
      )
    }
    return EndpointConfiguration.Prices(
      textPerMillion: input,
      audioPerMillion: prices.number("audio_input") ?? input,
      completionPerMillion: output,
      currency: currency
    )
  }
}

extension Character {
  fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}

import Messages

extension Configuration {
  /// What is configured, in sentences, for `dropscribe check`: one paragraph for each endpoint, task and
  /// folder. Shows no secret.
  public func explanation() -> String {
    var lines: [String] = []
    for endpoint in endpoints.values.sorted(by: { $0.name < $1.name }) { lines.append(endpoint.sentence) }
    for task in tasks.values.sorted(by: { $0.name < $1.name }) { lines.append(sentence(task)) }
    for folder in folders.values.sorted(by: { $0.name < $1.name }) { lines.append(folder.sentence) }
    lines.append("State: \(statePath); control socket \(socketPath).")
    return lines.joined(separator: "\n") + "\n"
  }

  private func sentence(_ task: TaskConfiguration) -> String {
    var sentence = "Task \(TOMLNode.quoted(task.name)) asks endpoint \(TOMLNode.quoted(task.endpoint))"
    if let model = task.model { sentence += " (model \(model))" }
    sentence += ": \(TOMLNode.quoted(task.instruction))"
    if let system = task.system { sentence += ", with the system text \(TOMLNode.quoted(system))" }
    if let temperature = task.temperature ?? endpoints[task.endpoint]?.temperature {
      sentence += ", at temperature \(TOMLNode.number(temperature).toml)"
    }
    sentence += ", in clips of up to \(seconds(task.clip.maxSeconds)) (\(task.clipLimit.words))"
    if task.clip.overlapSeconds > 0 {
      sentence += " that overlap by \(seconds(task.clip.overlapSeconds))"
    }
    let idle = seconds(task.clip.skipSilenceSeconds)
    switch task.clip.skip {
    case .silence: sentence += ", without silences over \(idle)"
    case .nonspeech: sentence += ", without stretches over \(idle) in which no speech is heard"
    case .nothing: sentence += ", with all silences"
    }
    if task.clip.channels == .split { sentence += ", each channel by itself" }
    if task.clip.encoding != .wav { sentence += ", as \(task.clip.encoding.rawValue.uppercased())" }
    let outputs = task.formats.map { "NAME\(task.suffix).\($0)" }
    return sentence + "; it writes \(outputs.joined(separator: ", "))."
  }
}

extension ClipLimit {
  fileprivate var words: String {
    switch self {
    case .standard: "the default"
    case .setting: "max_seconds"
    case .model(let part): "what is known of models called \(part)"
    case .bytes(let bytes, let isSetting):
      "\(bytes) bytes, \(isSetting ? "max_bytes" : "the most that the endpoint takes")"
    }
  }
}

extension EndpointConfiguration {
  fileprivate var sentence: String {
    var sentence = "Endpoint \(TOMLNode.quoted(name)) (\(preset)) is \(ChatAddress.redacted(url))"
    if let model { sentence += " with the model \(model)" }
    sentence += ", \(concurrency) request\(concurrency == 1 ? "" : "s") at a time"
    switch (authentication, key) {
    case (.none, _), (_, nil): sentence += ", " + (entra?.words ?? "without a key")
    case (.apiKey, let key?): sentence += ", the key from \(key.place) as api-key"
    case (.bearer, let key?): sentence += ", the key from \(key.place) as Bearer"
    case (.both, let key?): sentence += ", the key from \(key.place) as api-key and Bearer"
    }
    if let proxy = connection.proxy {
      sentence += ", through the proxy \(proxy.address) (named by \(proxy.source))"
    }
    if let authorities = connection.authorities {
      sentence += ", trusting the authorities in \(authorities.path) as well"
    }
    if let prices {
      let text = TOMLNode.number(prices.textPerMillion).toml
      let audio = TOMLNode.number(prices.audioPerMillion).toml
      let completion = TOMLNode.number(prices.completionPerMillion).toml
      sentence +=
        "; a million tokens cost \(text) (text), \(audio) (audio), \(completion) (reply) \(prices.currency)"
    }
    return sentence + "."
  }
}

extension EntraConfiguration {
  /// Whose tokens they are.
  fileprivate var words: String {
    switch identity {
    case .application(let application):
      let proof =
        switch application.proof {
        case .secret(let source): "with the secret from \(source.place)"
        case .federatedToken(let source): "for which \(source.place) vouches"
        }
      return "a token of Entra ID as Bearer, of the application \(application.clientID) in the tenant "
        + "\(application.tenant), \(proof)"
    case .managed(let identity):
      return "a token of Entra ID as Bearer, of "
        + (identity.header == nil ? "this machine's" : "the App Service's") + " managed identity"
        + (identity.clientID.map { " \($0)" } ?? "")
    }
  }
}

extension FolderConfiguration {
  fileprivate var sentence: String {
    var sentence = "Folder \(TOMLNode.quoted(name)): recordings in \(path)" + (recursive ? " and below" : "")
    sentence += " get \(tasks.joined(separator: ", "))"
    if !include.isEmpty {
      sentence += ", if they match \(include.map(TOMLNode.quoted).joined(separator: " or "))"
    }
    if !exclude.isEmpty { sentence += ", except \(exclude.map(TOMLNode.quoted).joined(separator: ", "))" }
    switch polling {
    case .automatic: break
    case .always: sentence += "; the folder is listed again and again instead of watched"
    case .never: sentence += "; the folder is watched, whatever its filesystem"
    }
    switch backlog {
    case .all: sentence += "; those that were there before are taken, too."
    case .none: sentence += "; those that were there before wait for `dropscribe release`."
    case .upTo(let limit):
      sentence +=
        "; of those that were there before, up to \(limit) are taken; more wait for `dropscribe release`."
    }
    return sentence
  }
}

private func seconds(_ number: Double) -> String { "\(TOMLNode.number(number).toml) s" }

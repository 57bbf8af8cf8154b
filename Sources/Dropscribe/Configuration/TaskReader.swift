import Messages
import SystemPackage

/// Reads all `[task.NAME]`.
struct TaskReader {
  /// The sound ones.
  let endpoints: [String: EndpointConfiguration]
  /// All that the file has, broken ones too: naming one of those is no further error.
  let endpointNames: Set<String>
  /// `[clip]`.
  let clip: SectionReader?
  let places: ConfigurationPlaces
  let findings: ConfigurationFindings

  /// Instructions are texts of a page; a file of more is a mistake.
  static let longestInstruction = 65_536

  /// The sound tasks by name; the built-in one when the file has none.
  func read(_ sections: [String: SectionReader]) -> [String: TaskConfiguration] {
    if sections.isEmpty { return builtIn() }
    return sections.compactMapValues(read)
  }

  private func builtIn() -> [String: TaskConfiguration] {
    guard let endpoint = endpoints.values.first else { return [:] }
    let name = ConfigurationKeys.builtInTask
    if endpointNames.count > 1 {
      findings.report(
        "there are \(endpointNames.count) endpoints, and no task says which of them to use; add [task.\(name)] with "
          + "endpoint = \(TOMLNode.quoted(endpointNames.min() ?? ""))",
        at: []
      )
    }
    return [
      name: TaskConfiguration(
        name: name,
        endpoint: endpoint.name,
        instruction: ConfigurationKeys.builtInInstruction,
        temperature: endpoint.temperature ?? 0,
        suffix: "",
        clip: clipSettings(clip, nil, model: endpoint.model)
      )
    ]
  }

  private func read(_ section: SectionReader) -> TaskConfiguration? {
    let endpoint = endpointName(section)
    let instruction = instruction(section)
    let suffix = suffix(section)
    let formats = formats(section)
    let model = section.text("model")
    let settings = clipSettings(
      clip,
      section.section("clip"),
      model: model ?? endpoint.flatMap { endpoints[$0]?.model }
    )
    guard let endpoint, let instruction, let suffix else { return nil }
    let isBuiltIn = section.name == ConfigurationKeys.builtInTask && !section.mentions("instruction")
    var task = TaskConfiguration(
      name: section.name,
      endpoint: endpoint,
      instruction: instruction,
      suffix: suffix,
      clip: settings
    )
    task.system = section.text("system")
    task.model = model
    task.temperature =
      section.number("temperature") ?? (isBuiltIn && endpoints[endpoint]?.temperature == nil ? 0 : nil)
    task.maxTokens = section.whole("max_tokens")
    task.formats = formats
    return task
  }

  private func endpointName(_ section: SectionReader) -> String? {
    if let name = section.text("endpoint") {
      if endpointNames.contains(name) { return name }
      section.report(
        "\(section.title) names the endpoint \(TOMLNode.quoted(name)), which is not there"
          + Spelling.hint(name, in: endpointNames),
        at: "endpoint"
      )
      return nil
    }
    if section.mentions("endpoint") || endpointNames.isEmpty { return nil }
    if endpointNames.count == 1 { return endpointNames.first }
    section.report(
      "\(section.title) does not say which endpoint to use; there are "
        + endpointNames.sorted().map(TOMLNode.quoted).joined(separator: ", ")
    )
    return nil
  }

  private func instruction(_ section: SectionReader) -> String? {
    if let text = section.text("instruction") { return text }
    if let file = section.section("instruction") {
      return places.path(of: "file", in: file).flatMap { instruction(file, $0) }
    }
    if section.mentions("instruction") { return nil }
    if section.name == ConfigurationKeys.builtInTask { return ConfigurationKeys.builtInInstruction }
    section.report(
      "\(section.title) has no instruction, which says what to do with each clip: instruction = \"Translate the "
        + "audio to Spanish.\", or { file = \"PATH\" }"
    )
    return nil
  }

  private func instruction(_ section: SectionReader, _ path: FilePath) -> String? {
    do throws(SmallFile.Problem) {
      let instruction = try SmallFile.text(path, limit: Self.longestInstruction).trimmed
      guard !instruction.utf8.contains(0) else {
        throw SmallFile.Problem(message: "is no text: it holds a NUL byte")
      }
      guard !instruction.isEmpty else { throw SmallFile.Problem(message: "is empty") }
      return instruction
    } catch {
      section.report("the instruction's file \(path) \(error.message)", at: "file")
      return nil
    }
  }

  private func suffix(_ section: SectionReader) -> String? {
    guard let suffix = section.text("suffix") else {
      if section.mentions("suffix") { return nil }
      return section.name == ConfigurationKeys.builtInTask ? "" : "." + section.name
    }
    let isName = suffix.unicodeScalars.allSatisfy { scalar in
      scalar != "/" && scalar.properties.generalCategory != .control
    }
    if !isName || suffix.utf8.count > 64 {
      section.report(
        "suffix in \(section.title) is \(TOMLNode.quoted(suffix)), which cannot be part of a file's name; use up to "
          + "64 bytes without / and control characters",
        at: "suffix"
      )
      return nil
    }
    return suffix
  }

  private func formats(_ section: SectionReader) -> [String] {
    let formats = section.texts("formats") ?? []
    if formats.isEmpty {
      section.report("formats in \(section.title) is empty; leave it out, or write [\"txt\"]", at: "formats")
    } else if Set(formats).count < formats.count {
      section.report("formats in \(section.title) names one twice", at: "formats")
    }
    return formats
  }

  /// `[clip]`, overridden by the task's own, capped by what the model takes.
  private func clipSettings(_ base: SectionReader?, _ own: SectionReader?, model: String?) -> ClipSettings {
    func setting(_ key: String) -> (node: TOMLNode?, from: SectionReader?) {
      for section in [own, base] {
        if let section, let node = section[key] { return (node, section) }
      }
      let fallback = ConfigurationKeys.clip.key(key)?.fallback
      if case .value(let node)? = fallback { return (node, nil) }
      return (nil, nil)
    }
    var clip = ClipSettings()
    let longest = setting("max_seconds")
    clip.maxSeconds = longest.node?.seconds ?? clip.maxSeconds
    let shortest = setting("min_seconds")
    clip.minSeconds = shortest.node?.seconds ?? clip.minSeconds
    readChannels(setting("channels"), setting("channel_labels"), into: &clip)
    let silence = setting("skip_silence_seconds")
    let isWritten = [own, base].contains { $0?.mentions("skip_silence_seconds") == true }
    if clip.channels == .split, !isWritten {
      clip.skipSilenceSeconds = ClipSettings.splitSilenceSeconds
    } else if let node = silence.node {
      clip.skipSilenceSeconds = node.seconds
    }
    if case .text(let encoding)? = setting("encoding").node {
      clip.encoding = ClipEncoding(rawValue: encoding) ?? clip.encoding
    }
    if clip.minSeconds > clip.maxSeconds {
      let section = shortest.from ?? longest.from
      section?.report(
        "min_seconds (\(TOMLNode.number(clip.minSeconds).toml)) in \(section?.title ?? "") is more than max_seconds "
          + "(\(TOMLNode.number(clip.maxSeconds).toml))",
        at: shortest.from == nil ? "max_seconds" : "min_seconds"
      )
    }
    if let limit = ModelLimits.clipSeconds(model: model), clip.maxSeconds > limit {
      longest.from?.warn(
        "max_seconds is \(TOMLNode.number(clip.maxSeconds).toml), but \(model ?? "") takes "
          + "\(TOMLNode.number(limit).toml) at most, and gets that",
        at: "max_seconds"
      )
      clip.maxSeconds = limit
      clip.minSeconds = min(clip.minSeconds, limit)
    }
    return clip
  }
}

extension TaskReader {
  private func readChannels(
    _ channels: (node: TOMLNode?, from: SectionReader?),
    _ labels: (node: TOMLNode?, from: SectionReader?),
    into clip: inout ClipSettings
  ) {
    if case .text(let name)? = channels.node {
      clip.channels = SliceRequest.Channels(rawValue: name) ?? clip.channels
    }
    guard let section = labels.from, let texts = section.texts("channel_labels") else { return }
    clip.channelLabels = texts.map(PlainText.cleaned)
    if clip.channels == .mix, !texts.isEmpty {
      section.warn(
        "channel_labels in \(section.title) has no effect without channels = \"split\"",
        at: "channel_labels"
      )
    }
    if let label = clip.channelLabels.first(where: { $0.isEmpty || $0.contains("\n") }) {
      section.report(
        "channel_labels in \(section.title) holds \(TOMLNode.quoted(label)); a label is a word or two on one line",
        at: "channel_labels"
      )
    }
  }
}

extension TOMLNode {
  /// As a length of time; nil for anything that is no number.
  fileprivate var seconds: Double? {
    switch self {
    case .whole(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}

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
    let (settings, limit) = clipSettings(nil, endpoint, model: endpoint.model)
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
        clip: settings,
        clipLimit: limit
      )
    ]
  }

  private func read(_ section: SectionReader) -> TaskConfiguration? {
    let endpoint = endpointName(section)
    let instruction = instruction(section)
    let suffix = suffix(section)
    let formats = formats(section)
    let model = section.text("model")
    let known = endpoint.flatMap { endpoints[$0] }
    let (settings, limit) = clipSettings(section.section("clip"), known, model: model ?? known?.model)
    guard let endpoint, let instruction, let suffix else { return nil }
    let isBuiltIn = section.name == ConfigurationKeys.builtInTask && !section.mentions("instruction")
    var task = TaskConfiguration(
      name: section.name,
      endpoint: endpoint,
      instruction: instruction,
      suffix: suffix,
      clip: settings,
      clipLimit: limit
    )
    task.system = section.text("system")
    task.model = model
    task.temperature =
      section.number("temperature") ?? (isBuiltIn && endpoints[endpoint]?.temperature == nil ? 0 : nil)
    task.maxTokens = section.whole("max_tokens")
    task.formats = formats
    return task
  }

  private func clipSettings(
    _ own: SectionReader?,
    _ endpoint: EndpointConfiguration?,
    model: String?
  ) -> (ClipSettings, ClipLimit) {
    ClipReader(base: clip, own: own, model: model, endpointBytes: endpoint?.mostClipBytes).read()
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
}

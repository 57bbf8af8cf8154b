import FoundationEssentials
public import SystemPackage

extension Configuration {
  /// Reads a configuration file and what it refers to, except keys. Whether its folders are there is not
  /// looked at; see ``missingFolders()``.
  ///
  /// - Parameters:
  ///   - path: The file; a relative one counts from the working directory.
  ///   - environment: Of which `HOME`, `STATE_DIRECTORY` and the XDG variables are looked at.
  /// - Throws: Everything that is wrong, at once.
  public static func read(
    path: FilePath,
    environment: [String: String]
  ) throws(ConfigurationErrors) -> Configuration {
    let file = absolute(path)
    let text: String
    do throws(SmallFile.Problem) {
      text = try SmallFile.text(file, limit: 1_048_576)
    } catch {
      throw ConfigurationErrors(file: file, "the configuration \(error.message)")
    }
    return try read(text: text, path: file, environment: environment)
  }

  /// Reads `text` as if it stood in the file `path`.
  ///
  /// - Throws: Everything that is wrong, at once.
  public static func read(
    text: String,
    path: FilePath,
    environment: [String: String]
  ) throws(ConfigurationErrors) -> Configuration {
    let file = absolute(path)
    let document: TOMLDocument
    do throws(TOMLDocument.SyntaxError) {
      document = try TOMLDocument(text)
    } catch {
      throw ConfigurationErrors([
        ConfigurationProblem(
          file: file,
          line: error.line,
          column: error.column,
          message: "no TOML: \(error.message)"
        )
      ])
    }
    let findings = ConfigurationFindings(file: file, document: document)
    var reader = ConfigurationReader(
      places: ConfigurationPlaces(file: file, environment: environment),
      findings: findings
    )
    let configuration = reader.read(document.entries)
    guard findings.problems.isEmpty, let configuration else {
      throw ConfigurationErrors(ConfigurationFindings.sorted(findings.problems))
    }
    return configuration
  }

  private static func absolute(_ path: FilePath) -> FilePath {
    guard path.isRelative else { return path.lexicallyNormalized() }
    return FilePath(FileManager.default.currentDirectoryPath).pushing(path).lexicallyNormalized()
  }
}

/// Goes through a parsed document and builds a ``Configuration``, noting everything that is wrong.
struct ConfigurationReader {
  let places: ConfigurationPlaces
  let findings: ConfigurationFindings

  /// The sections of each kind, by name.
  private var named: [String: [String: SectionReader]] = [:]
  private var single: [String: SectionReader] = [:]

  init(places: ConfigurationPlaces, findings: ConfigurationFindings) {
    self.places = places
    self.findings = findings
  }

  /// The configuration; nil only when something was reported.
  mutating func read(_ document: [String: TOMLNode]) -> Configuration? {
    sort(document)
    let endpointSections = named["endpoint"] ?? [:]
    let endpoints = endpointSections.compactMapValues { EndpointReader(section: $0, places: places).read() }
    requireSome("endpoint", example: "preset = \"local\"", in: document)
    requireSome("folder", example: "path = \"/srv/recordings\"", in: document)

    let taskSections = named["task"] ?? [:]
    let tasks = TaskReader(
      endpoints: endpoints,
      endpointNames: Set(endpointSections.keys),
      clip: single["clip"],
      places: places,
      findings: findings
    ).read(taskSections)
    let folders = FolderReader(
      tasks: tasks,
      taskNames: taskSections.isEmpty ? [ConfigurationKeys.builtInTask] : Set(taskSections.keys),
      endpoints: endpoints,
      places: places,
      findings: findings
    ).read(named["folder"] ?? [:])
    checkModels(endpointSections, endpoints, tasks)
    checkUse(tasks, folders)

    let state = StateReader(section: section("state", ConfigurationKeys.state), places: places)
    guard let statePath = state.path(), let socketPath = state.socket(for: statePath) else { return nil }
    for folder in folders.values where statePath.starts(with: folder.path) {
      findings.report(
        "the state's folder \(statePath) lies in [folder.\(folder.name)] (\(folder.path)); keep it elsewhere",
        at: [.key("state")]
      )
    }
    return Configuration(
      endpoints: endpoints,
      tasks: tasks,
      folders: folders,
      statePath: statePath,
      socketPath: socketPath,
      daemon: daemon(),
      warnings: ConfigurationFindings.sorted(findings.warnings)
    )
  }

  /// Finds the sections of the document, and what is none.
  private mutating func sort(_ document: [String: TOMLNode]) {
    let known = ConfigurationKeys.top
    for (name, node) in document {
      let path: TOMLNode.Path = [.key(name)]
      guard let section = known.first(where: { $0.name == name }) else {
        reportUnknown(name, node)
        continue
      }
      guard case .table(let entries) = node else {
        findings.report("\(name) must be a section, \(section.title), not \(node.kind)", at: path)
        continue
      }
      guard section.isNamed else {
        single[name] = SectionReader(section, entries, at: path, findings: findings)
        continue
      }
      named[name] = [:]
      for (given, node) in entries {
        let path = path + [.key(given)]
        guard case .table(let entries) = node else {
          findings.report(
            "[\(name)] holds only sections with a name of their own: put \(given) under \(section.title)",
            at: path
          )
          continue
        }
        if !Self.isName(given) {
          findings.report(
            "\(TOMLNode.quoted(given)) is no name for \(section.title); a name has up to 64 letters A to Z, digits, "
              + "- and _",
            at: path
          )
        }
        named[name]?[given] = SectionReader(section, entries, at: path, findings: findings)
      }
    }
  }

  private func reportUnknown(_ name: String, _ node: TOMLNode) {
    let known = ConfigurationKeys.top
    let what = if case .table = node { "section [\(name)]" } else { "key \(TOMLNode.quoted(name))" }
    var hint = Spelling.nearest(name, in: known.map(\.name)).map { "; did you mean [\($0)]?" } ?? ""
    if hint.isEmpty {
      let homes = known.filter { $0.key(name) != nil }.map(\.title)
      hint =
        homes.isEmpty
        ? "; known are \(known.map(\.title).joined(separator: ", "))"
        : "; it belongs in \(homes.joined(separator: " or "))"
    }
    findings.report("unknown \(what)\(hint)", at: [.key(name)])
  }

  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private func requireSome(_ kind: String, example: String, in document: [String: TOMLNode]) {
    if case .table(let entries)? = document[kind], !entries.isEmpty { return }
    if let node = document[kind], case .table = node {} else if document[kind] != nil { return }
    findings.report(
      "there is no [\(kind).NAME]; at least one is needed: [\(kind).main] with \(example)",
      at: []
    )
  }

  /// A section that may be left out.
  private func section(_ name: String, _ section: ConfigurationSection) -> SectionReader {
    single[name] ?? SectionReader(section, [:], at: [.key(name)], findings: findings)
  }

  /// An endpoint that needs a model has one, or each of its tasks does.
  private func checkModels(
    _ sections: [String: SectionReader],
    _ endpoints: [String: EndpointConfiguration],
    _ tasks: [String: TaskConfiguration]
  ) {
    for (name, endpoint) in endpoints {
      guard endpoint.model == nil, let section = sections[name], !section.mentions("model"),
        let preset = Preset.named(endpoint.preset), preset.needsModel,
        !preset.pathsWithModel.contains(where: endpoint.url.contains)
      else { continue }
      let its = tasks.values.filter { $0.endpoint == name }
      if its.isEmpty || its.contains(where: { $0.model == nil }) {
        section.report(
          "\(section.title) has no model, which the preset \(TOMLNode.quoted(endpoint.preset)) needs; add "
            + "model = \"…\", as the service calls it"
        )
      }
    }
  }

  /// What is configured and never used is hardly meant.
  private func checkUse(_ tasks: [String: TaskConfiguration], _ folders: [String: FolderConfiguration]) {
    let used = Set(folders.values.flatMap(\.tasks))
    for name in (named["task"] ?? [:]).keys
    where tasks[name] != nil && !used.contains(name) && !folders.isEmpty {
      findings.warn("no folder uses [task.\(name)]", at: [.key("task"), .key(name)])
    }
  }

  private func daemon() -> DaemonConfiguration {
    let section = section("daemon", ConfigurationKeys.daemon)
    var daemon = DaemonConfiguration()
    daemon.graceSeconds = section.number("grace_seconds") ?? daemon.graceSeconds
    daemon.onceWaitSeconds = section.number("once_wait_seconds") ?? daemon.onceWaitSeconds
    daemon.slicer = places.path(of: "slicer", in: section)
    daemon.watcher = places.path(of: "watcher", in: section)
    daemon.ffmpeg = places.path(of: "ffmpeg", in: section)
    return daemon
  }
}

extension ConfigurationPlaces {
  /// The path that a key names, absolute; nil when it is absent or cannot be made out, which is reported.
  func path(of key: String, in section: SectionReader) -> FilePath? {
    guard let text = section.text(key) else { return nil }
    if let path = path(text) { return path }
    section.report("\(key) in \(section.title) begins with ~/, but $HOME is not set", at: key)
    return nil
  }
}

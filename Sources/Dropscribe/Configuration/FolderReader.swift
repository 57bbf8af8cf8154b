import SystemPackage

/// Reads all `[folder.NAME]`.
struct FolderReader {
  /// The sound ones.
  let tasks: [String: TaskConfiguration]
  /// All that there are, broken ones too: naming one of those is no further error.
  let taskNames: Set<String>
  let endpoints: [String: EndpointConfiguration]
  let places: ConfigurationPlaces
  let findings: ConfigurationFindings

  /// The sound folders by name.
  func read(_ sections: [String: SectionReader]) -> [String: FolderConfiguration] {
    let folders = sections.compactMapValues(read)
    checkNesting(folders, sections)
    return folders
  }

  private func read(_ section: SectionReader) -> FolderConfiguration? {
    let tasks = taskList(section)
    checkOutputs(tasks ?? [], section)
    guard let path = places.path(of: "path", in: section), let tasks else { return nil }
    var folder = FolderConfiguration(name: section.name, path: path, tasks: tasks)
    folder.recursive = section.flag("recursive") ?? folder.recursive
    folder.settleSeconds = section.number("settle_seconds") ?? folder.settleSeconds
    folder.quietSeconds = section.number("quiet_seconds") ?? folder.quietSeconds
    folder.incompleteSeconds = section.number("incomplete_seconds") ?? folder.incompleteSeconds
    folder.rescanSeconds = section.number("rescan_seconds") ?? folder.rescanSeconds
    switch section["poll"] {
    case .flag(true): folder.polling = .always
    case .flag(false): folder.polling = .never
    default: folder.polling = .automatic
    }
    folder.include = section.texts("include") ?? []
    folder.exclude = section.texts("exclude") ?? []
    folder.backlog = backlog(section, tasks)
    return folder
  }

  private func taskList(_ section: SectionReader) -> [String]? {
    guard let names = section.texts("tasks") else {
      if section.mentions("tasks") { return nil }
      if taskNames.contains(ConfigurationKeys.builtInTask) { return [ConfigurationKeys.builtInTask] }
      if taskNames.count == 1 { return Array(taskNames) }
      section.report(
        "\(section.title) does not say which tasks its recordings get; write tasks = ["
          + taskNames.sorted().map(TOMLNode.quoted).joined(separator: ", ") + "], or some of them"
      )
      return nil
    }
    if names.isEmpty {
      section.report(
        "tasks in \(section.title) is empty, so that nothing would be done; name one",
        at: "tasks"
      )
    }
    var seen: Set<String> = []
    for name in names {
      if !seen.insert(name).inserted {
        section.report("tasks in \(section.title) names \(TOMLNode.quoted(name)) twice", at: "tasks")
      } else if !taskNames.contains(name) {
        section.report(
          "\(section.title) names the task \(TOMLNode.quoted(name)), which is not there"
            + Spelling.hint(name, in: taskNames),
          at: "tasks"
        )
      }
    }
    return names
  }

  /// No two tasks of a folder write the same file.
  private func checkOutputs(_ names: [String], _ section: SectionReader) {
    var owners: [String: String] = [:]
    for task in Set(names).sorted().compactMap({ tasks[$0] }) {
      for format in task.formats {
        let output = "NAME\(task.suffix).\(format)"
        if let owner = owners[output] {
          section.report(
            "the tasks \(TOMLNode.quoted(owner)) and \(TOMLNode.quoted(task.name)) of \(section.title) would both "
              + "write \(output); give one another suffix",
            at: "tasks"
          )
        } else {
          owners[output] = task.name
        }
      }
    }
  }

  private func backlog(_ section: SectionReader, _ names: [String]) -> FolderConfiguration.Backlog {
    switch section["backlog"] {
    case .text("all"): return .all
    case .text: return .none
    case .whole(let limit): return .upTo(limit)
    default:
      // What nobody charges for needs no word of consent.
      let isFree = names.allSatisfy { name in
        tasks[name].flatMap { endpoints[$0.endpoint] }?.isLoopback == true
      }
      return isFree ? .all : .upTo(20)
    }
  }

  /// A recording lies in one folder, or two folders would quarrel over its sidecars.
  private func checkNesting(_ folders: [String: FolderConfiguration], _ sections: [String: SectionReader]) {
    let sorted = folders.values.sorted { $0.name < $1.name }
    for (index, one) in sorted.enumerated() {
      for other in sorted[(index + 1)...] {
        let (inner, outer) = one.path.starts(with: other.path) ? (one, other) : (other, one)
        guard inner.path.starts(with: outer.path) else { continue }
        sections[inner.name]?.report(
          inner.path == outer.path
            ? "[folder.\(one.name)] and [folder.\(other.name)] are the same folder, \(one.path); merge them"
            : "[folder.\(inner.name)] (\(inner.path)) lies in [folder.\(outer.name)] (\(outer.path)); a recording must "
              + "belong to one of them",
          at: "path"
        )
      }
    }
  }
}

import FoundationEssentials
import SystemPackage
import Testing

@testable import Dropscribe

/// The manual page and the sample file say what the table of keys says.
@Suite struct ConfigurationManualTests {
  /// The top of the repository. Its `..` are left to the kernel, which knows links.
  static let top = FilePath(#filePath).removingLastComponent().appending("../..")
  static let page = top.appending("docs/configuration.md")
  static let sampleFile = top.appending("etc/dropscribe/dropscribe.toml")

  @Test func theManualPageIsTheTableOfKeys() throws {
    if ProcessInfo.processInfo.environment["DROPSCRIBE_WRITE_DOCS"] == "1" {
      try TemporaryFolder.write(
        ConfigurationManual.page,
        to: Self.page,
        mode: [.ownerReadWrite, .groupRead, .otherRead]
      )
    }
    let page = try SmallFile.text(Self.page, limit: 1_048_576)
    #expect(
      page == ConfigurationManual.page,
      "docs/configuration.md is old; run: DROPSCRIBE_WRITE_DOCS=1 swift test --filter ConfigurationManualTests"
    )
  }

  @Test func theSampleIsAConfiguration() throws {
    let configuration = try read(sample())
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.tasks["transcript"]?.instruction == ConfigurationKeys.builtInInstruction)
    #expect(configuration.endpoints["azure"]?.key == .credential("api-key"))
  }

  @Test func theSampleWithEverySettingIsAConfiguration() throws {
    let configuration = try read(full())
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.tasks.keys.sorted() == ["spanish", "transcript"])
  }

  @Test func theSampleHasEveryKey() throws {
    let text = try full()
    let document = try TOMLDocument(text).entries
    for section in ConfigurationKeys.sections {
      // Alternatives of one key cannot stand in one file; the sample has them in its words.
      if ["key", "entra", "client_secret", "instruction"].contains(section.name) {
        for key in section.keys { #expect(text.contains("\(key.name) = "), "\(section.title) \(key.name)") }
        continue
      }
      let tables = tables(section, document)
      for key in section.keys {
        // `entra` stands in the place of `key`, and so in the sample's words.
        let isSaid = key.name == "entra" && text.contains("entra = ")
        #expect(isSaid || tables.values.contains { $0[key.name] != nil }, "\(section.title) \(key.name)")
      }
    }
  }

  @Test func whatIsCommentedOutInTheSampleIsTheDefault() throws {
    let plain = try TOMLDocument(sample()).entries
    let full = try TOMLDocument(full()).entries
    let examples: Set = ["include", "exclude", "tasks", "socket"]
    for section in ConfigurationKeys.top {
      let everything = tables(section, full)
      for (name, given) in tables(section, plain) {
        for key in section.keys where given[key.name] == nil && !examples.contains(key.name) {
          guard case .value(let node) = key.fallback else { continue }
          #expect(everything[name]?[key.name]?.toml == node.toml, "\(section.title) \(key.name)")
        }
      }
    }
    // What the table of keys says in words.
    let plainly = try read(sample())
    let fully = try read(self.full())
    let endpoint = try #require(fully.endpoints["azure"])
    let own = try #require(plainly.endpoints["azure"])
    #expect(endpoint.concurrency == own.concurrency)
    #expect(endpoint.authentication == own.authentication)
    #expect(endpoint.audioPart == own.audioPart)
    #expect(fully.folders["inbox"]?.backlog == plainly.folders["inbox"]?.backlog)
    #expect(fully.statePath == plainly.statePath)
    #expect(fully.socketPath == plainly.socketPath)
  }

  @Test func theServiceFitsTheSample() throws {
    let unit = try SmallFile.text(Self.top.appending("systemd/dropscribe.service"), limit: 1_048_576)
    let settings = unit.split(separator: "\n").filter { !$0.hasPrefix("#") }
    func values(_ name: String) -> [String] {
      settings.filter { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
    let configuration = try read(sample())
    #expect(values("ExecStart").first?.hasSuffix("--config \(ConfigurationPlaces.systemFile)") == true)
    for folder in configuration.folders.values {
      #expect(values("ReadWritePaths").contains("-\(folder.path)"), "\(folder.path)")
    }
    for case .credential(let name)? in configuration.endpoints.values.map(\.key) {
      #expect(values("LoadCredential").contains { $0.hasPrefix(name + ":") }, "\(name)")
    }
    #expect(
      configuration.statePath == FilePath("/var/lib").appending(try #require(values("StateDirectory").first))
    )
    let runtime = FilePath("/run").appending(try #require(values("RuntimeDirectory").first))
    #expect(configuration.socketPath.removingLastComponent() == runtime)
    let stop = try #require(values("TimeoutStopSec").first.flatMap { Double($0) })
    #expect(stop > configuration.daemon.graceSeconds)
  }

  private func sample() throws -> String { try SmallFile.text(Self.sampleFile, limit: 1_048_576) }

  /// The sample with every setting that is commented out.
  private func full() throws -> String {
    try sample().split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") && line != "#" ? line.dropFirst() : line
    }.joined(separator: "\n")
  }

  private func read(_ text: String) throws -> Configuration {
    try ConfigurationFixture.read(text, file: ConfigurationPlaces.systemFile, environment: [:])
  }

  /// The tables of a section in a document, by name; the one of a section without names has none.
  private func tables(
    _ section: ConfigurationSection,
    _ document: [String: TOMLNode]
  ) -> [String: [String: TOMLNode]] {
    func table(_ node: TOMLNode?) -> [String: TOMLNode]? {
      if case .table(let entries)? = node { entries } else { nil }
    }
    func named(_ kind: String) -> [String: [String: TOMLNode]] {
      (table(document[kind]) ?? [:]).compactMapValues(table)
    }
    switch section.title {
    case "[endpoint.NAME.prices]": return named("endpoint").compactMapValues { table($0[section.name]) }
    case "[task.NAME.clip]": return named("task").compactMapValues { table($0[section.name]) }
    default:
      if section.isNamed { return named(section.name) }
      return table(document[section.name]).map { ["": $0] } ?? [:]
    }
  }
}

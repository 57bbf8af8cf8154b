import FoundationEssentials
import Glibc
public import Subprocess
import Synchronization
public import SystemPackage

/// A folder of its own for one test, in which the built programs work: `inbox` to drop recordings into, `state`, and
/// `dropscribe.toml`. It is gone after the test.
public struct Workplace: Sendable {
  /// Short, since a Unix socket's path has room for 107 bytes.
  public let root: FilePath
  /// The watched folder.
  public var inbox: FilePath { root.appending("inbox") }
  /// The state folder.
  public var state: FilePath { root.appending("state") }
  /// The configuration.
  public var configuration: FilePath { root.appending("dropscribe.toml") }

  /// What a command came to.
  public struct Ended: Sendable {
    /// How it ended.
    public var status: TerminationStatus
    /// Its standard output.
    public var output: String
    /// Its standard error.
    public var error: String
  }

  /// A condition did not come true.
  public struct Waited: Error, CustomStringConvertible {
    /// What was waited for.
    public var what: String
    /// What the daemons said.
    public var log: String

    /// For a person.
    public var description: String { "waited in vain for \(what); the log:\n\(log)" }
  }

  /// A command that prepares a test failed.
  public struct Failure: Error {
    /// It and what it said.
    public var description: String
  }

  /// So many tests work at a time: each has a daemon and its children, and they share the machine's cores.
  private static let places = Places(3)

  /// Makes a workplace for as long as `body` takes.
  public static func with<Result>(_ body: (Workplace) async throws -> Result) async throws -> Result {
    await places.enter()
    let root = FilePath("/tmp/dropscribe-e2e-\(UUID().uuidString.prefix(8))")
    let place = Workplace(root: root)
    do {
      try place.makeFolder(place.inbox)
      let result = try await body(place)
      try? FileManager.default.removeItem(atPath: root.string)
      await places.leave()
      return result
    } catch {
      try? FileManager.default.removeItem(atPath: root.string)
      await places.leave()
      throw error
    }
  }

  /// Writes the configuration: an endpoint `stub` at `url`, the folder `inbox`, short waits; and `more`.
  ///
  /// - Parameters:
  ///   - folder: Further lines of `[folder.inbox]`.
  ///   - endpoint: Further lines of `[endpoint.stub]`.
  public func configure(_ url: String, folder: String = "", endpoint: String = "", _ more: String = "") throws
  {
    try write(
      """
      [endpoint.stub]
      preset = "local"
      url = "\(url)"
      \(endpoint)

      [folder.inbox]
      path = "inbox"
      settle_seconds = 0.1
      quiet_seconds = 0.1
      \(folder)

      [state]
      path = "state"

      \(more)
      """,
      to: configuration
    )
  }

  /// Writes a text to a file.
  public func write(_ text: String, to path: FilePath) throws { try write(Array(text.utf8), to: path) }

  /// Writes bytes to a file.
  public func write(_ bytes: [UInt8], to path: FilePath) throws {
    let file = try FileDescriptor.open(
      path,
      .writeOnly,
      options: [.create, .truncate, .closeOnExec],
      permissions: [.ownerReadWrite]
    )
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }

  /// Puts a recording into the inbox by a rename, so that it has settled at once.
  public func drop(_ recording: [UInt8], as name: String) throws {
    let aside = root.appending("aside-\(UUID().uuidString)")
    try write(recording, to: aside)
    try move(aside, to: inbox.appending(name))
  }

  /// Renames a file.
  public func move(_ from: FilePath, to: FilePath) throws {
    guard rename(from.string, to.string) == 0 else { throw Errno(rawValue: errno) }
  }

  /// Removes a file, or a folder with all that is in it.
  public func remove(_ path: FilePath) throws { try FileManager.default.removeItem(atPath: path.string) }

  /// Makes a folder and those above it.
  public func makeFolder(_ path: FilePath) throws {
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
  }

  /// A file's bytes; nil when there is none.
  public func bytes(_ path: FilePath) -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: path.string))).map { [UInt8]($0) }
  }

  /// The text of a file in the inbox; nil when there is none.
  public func text(_ name: String) -> String? {
    bytes(inbox.appending(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The usage sidecar of a recording in the inbox; nil when there is none.
  package func usage(_ recording: String) throws -> UsageDocument? {
    guard let bytes = bytes(inbox.appending(recording + ".usage.json")) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(UsageDocument.self, from: Data(bytes))
  }

  /// Every regular file here.
  public func allFiles() throws -> [FilePath] {
    try FileManager.default.subpathsOfDirectory(atPath: root.string).map { root.appending($0) }
      .filter { (try? $0.stat().type) == .regular }
  }

  /// What `status --json` says.
  package func status() async throws -> StatusDocument {
    let ended = try await dropscribe("status", "--json", "--done", "1000")
    guard ended.status.isSuccess else { throw Failure(description: "status: \(ended.error)") }
    return try JSONDecoder().decode(StatusDocument.self, from: Data(ended.output.utf8))
  }

  /// Waits until the daemon has its eyes on the inbox.
  public func watched() async throws {
    try await eventually("the inbox to be watched") {
      try await status().folders.contains { $0.state == "watched" }
    }
  }

  /// The names in the inbox, sorted.
  public func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: inbox.string).sorted()
  }

  /// Waits until a recording's sidecars say that nothing more will happen.
  package func finished(_ recording: String) async throws -> UsageDocument {
    var usage: UsageDocument?
    try await eventually("the sidecars of \(recording)") {
      usage = try self.usage(recording)
      return usage?.final == true
    }
    guard let usage else { throw Failure(description: "no usage sidecar") }
    return usage
  }

  /// Waits likewise, and returns whether the texts hold all of the recording.
  public func completes(_ recording: String) async throws -> Bool {
    try await finished(recording).complete
  }

  /// Waits until `condition` holds, far longer than any sound program takes.
  public func eventually(
    _ what: String,
    within limit: Duration = .seconds(90),
    _ condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
      guard ContinuousClock.now < deadline else { throw Waited(what: what, log: log) }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// What all daemons here have said so far.
  public var log: String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.string)) ?? []
    return names.filter { $0.hasSuffix(".log") }.sorted()
      .compactMap { bytes(root.appending($0)) }
      .map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: "---\n")
  }

  /// The environment of the programs under test: nothing of the tests' own but where programs are.
  func environment(_ more: [String: String]) -> Environment {
    var all: [Environment.Key: String] = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": root.string,
    ]
    for (name, value) in more { all[Environment.Key(stringLiteral: name)] = value }
    return .custom(all)
  }

  /// Runs `dropscribe` with this configuration, to its end.
  public func dropscribe(
    _ arguments: String...,
    environment: [String: String] = [:]
  ) async throws -> Ended {
    try await dropscribe(arguments, environment: environment)
  }

  /// Runs `dropscribe` with this configuration, to its end.
  public func dropscribe(
    _ arguments: [String],
    environment: [String: String] = [:]
  ) async throws -> Ended {
    try await run(
      BuiltProducts.executable("dropscribe").string,
      arguments.prefix(1) + ["--config", configuration.string] + arguments.dropFirst(),
      environment: environment
    )
  }

  /// Runs a program in this folder, to its end.
  public func run(
    _ program: String,
    _ arguments: [String],
    environment: [String: String] = [:]
  ) async throws -> Ended {
    let result = try await Subprocess.run(
      program.contains("/") ? .path(FilePath(program)) : .name(program),
      arguments: Arguments(arguments),
      environment: self.environment(environment),
      workingDirectory: root,
      output: .string(limit: 16 << 20),
      error: .string(limit: 16 << 20)
    )
    return Ended(
      status: result.terminationStatus,
      output: result.standardOutput,
      error: result.standardError
    )
  }

  /// Runs a program that prepares a test.
  public func prepare(_ program: String, _ arguments: String...) async throws {
    let ended = try await run(program, arguments)
    guard ended.status.isSuccess else {
      throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(ended.error)")
    }
  }
}

/// Lets so many through at a time.
private actor Places {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}

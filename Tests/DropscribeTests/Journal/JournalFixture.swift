import FoundationEssentials
import Logging
import Messages
import SystemPackage

@testable import Dropscribe

/// A journal on a real file, that can be opened anew as after a restart, and the things that go into it.
final class JournalFixture {
  let state: FilePath
  private(set) var journal: Journal
  var configuration: Configuration

  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// With one endpoint `one`, one task `transcript` and one folder `inbox`, unless another configuration is
  /// given.
  init(_ configuration: Configuration = JournalFixture.configuration()) throws {
    state = FilePath("/tmp/dropscribe-journal-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: state.string, withIntermediateDirectories: true)
    self.configuration = configuration
    journal = try Journal(in: state, log: Self.silent)
    try journal.apply(configuration)
  }

  deinit {
    try? journal.close()
    try? FileManager.default.removeItem(atPath: state.string)
  }

  /// As after a restart, however the last process ended.
  func reopen() throws {
    try journal.close()
    journal = try Journal(in: state, log: Self.silent)
    try journal.apply(configuration)
  }

  /// As at a reload.
  @discardableResult
  func reload(_ configuration: Configuration) throws -> [Journal.Held] {
    self.configuration = configuration
    return try journal.apply(configuration)
  }

  // MARK: What goes in

  static func configuration(
    endpoints: [EndpointConfiguration] = [endpoint()],
    tasks: [TaskConfiguration] = [task()],
    folders: [FolderConfiguration] = [folder()]
  ) -> Configuration {
    Configuration(
      endpoints: Dictionary(uniqueKeysWithValues: endpoints.map { ($0.name, $0) }),
      tasks: Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, $0) }),
      folders: Dictionary(uniqueKeysWithValues: folders.map { ($0.name, $0) }),
      statePath: "/nowhere",
      socketPath: "/nowhere/socket",
      daemon: DaemonConfiguration()
    )
  }

  static func endpoint(_ name: String = "one", url: String? = nil, model: String = "m")
    -> EndpointConfiguration
  {
    EndpointConfiguration(
      name: name,
      preset: "openai",
      url: url ?? "http://\(name).example/v1/chat/completions",
      model: model,
      authentication: .bearer,
      isLoopback: false
    )
  }

  static func task(
    _ name: String = "transcript",
    endpoint: String = "one",
    instruction: String = "Transcribe the audio clip into text.",
    maxSeconds: Double = 30
  ) -> TaskConfiguration {
    var clip = ClipSettings()
    clip.maxSeconds = maxSeconds
    return TaskConfiguration(
      name: name,
      endpoint: endpoint,
      instruction: instruction,
      suffix: name == "transcript" ? "" : ".\(name)",
      clip: clip
    )
  }

  static func folder(
    _ name: String = "inbox",
    tasks: [String] = ["transcript"],
    backlog: FolderConfiguration.Backlog = .all
  ) -> FolderConfiguration {
    var folder = FolderConfiguration(name: name, path: FilePath("/srv/\(name)"), tasks: tasks)
    folder.backlog = backlog
    return folder
  }

  /// A settled file `name` with `content`, that came so many seconds from now.
  static func found(
    _ name: String,
    _ content: String,
    in folder: String = "inbox",
    came: Double = 3600
  ) -> FoundRecording {
    let now = Int64((Date().timeIntervalSince1970 + came) * 1e9)
    var path = FilePath("/srv").appending(folder)
    path.append(name)
    return FoundRecording(
      path: path,
      folder: folder,
      identity: FileIdentity(
        device: 1,
        inode: UInt64(bitPattern: Int64(name.hashValue)),
        size: Int64(content.utf8.count),
        modified: now,
        changed: now
      ),
      sha256: sha256(content)
    )
  }

  /// Not a real one, but different for different contents.
  static func sha256(_ content: String) -> String {
    let hex = content.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    return String((hex + String(repeating: "0", count: 64)).prefix(64))
  }

  /// The clip at `index`, 10 seconds long, whose audio is `audio`.
  static func cut(_ index: Int, _ audio: String, isSilent: Bool = false) -> SliceFrame.Clip {
    let range = ClipRange(start: Int64(index) * 160_000, end: Int64(index + 1) * 160_000)
    return SliceFrame.Clip(
      index: index,
      range: range,
      levelDBFS: -30,
      joint: .pause,
      speech: isSilent ? [] : [range],
      audio: Array(audio.utf8)
    )
  }

  static func reply(_ text: String, finishReason: String = "stop") -> Reply {
    Reply(
      text: text,
      model: "m",
      finishReason: finishReason,
      usage: Usage(promptTokens: 70, completionTokens: 7, totalTokens: 77)
    )
  }

  // MARK: What is done with it

  @discardableResult
  func enter(_ name: String, _ content: String, in folder: String = "inbox", came: Double = 3600)
    async throws -> Recording
  {
    try await journal.enter(Self.found(name, content, in: folder, came: came), earlier: nil)
      .recording
  }

  func claim(_ endpoint: String = "one", fresh: Bool = true) async throws -> Journal.Claim? {
    try await journal.claim(endpoint: endpoint, fresh: fresh, except: [])
  }

  /// Sends a clip and gets `text`.
  func answer(_ clip: Clip, _ text: String) async throws {
    var attempt = try await journal.begin(clip: clip.id)
    attempt.outcome = .answered
    attempt.status = 200
    let reply = Self.reply(text)
    try await journal.commit(
      attempt,
      clip: clip.id,
      reply: reply,
      verdict: reply.verdict(hasSpeech: true)
    )
  }

  /// Ends a clip without a transcript.
  func fail(_ clip: Clip, _ gap: Clip.Gap = .failed) async throws {
    var attempt = try await journal.begin(clip: clip.id)
    attempt.outcome = .refused
    attempt.status = 500
    try await journal.commit(
      attempt,
      clip: clip.id,
      verdict: .init(state: .gap, gap: gap, detail: "HTTP 500")
    )
  }

  /// Claims the next job and answers clips of its audio, `texts` long, to its end.
  @discardableResult
  func work(_ texts: [String], task: String? = nil) async throws -> Job? {
    guard let claim = try await claim() else { return nil }
    try await journal.learn(Self.facts(seconds: nil), job: claim.job.id)
    for (index, text) in texts.enumerated() {
      let clip = try await journal.enter(
        Self.cut(index, "\(claim.job.sha256) \(index)"),
        of: claim.job
      )
      if clip.state == .pending { try await answer(clip, text) }
    }
    try await journal.learn(Self.facts(seconds: Double(texts.count) * 10), job: claim.job.id)
    try await journal.finish(claim.job.id, .done, reason: nil)
    return try await journal.job(claim.job.id)
  }

  static func facts(seconds: Double?) -> SourceFacts {
    SourceFacts(format: "WAV, 16-bit PCM", sampleRate: 16_000, channels: 1, seconds: seconds)
  }

  func job(_ name: String, task: String = "transcript", in folder: String = "inbox") async throws
    -> Job?
  {
    try await journal.job(at: FilePath("/srv/\(folder)/\(name)"), task: task)?.job
  }

  func clips(_ name: String, task: String = "transcript") async throws -> [Clip] {
    try await journal.job(at: FilePath("/srv/inbox/\(name)"), task: task)?.clips ?? []
  }
}

import FoundationEssentials
import Glibc
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

/// A real folder with a real recording in it, and reports about it.
final class SidecarFixture {
  let folder: FilePath
  let name: FileName
  let writer: SidecarWriter
  var known: [SidecarKind: WrittenSidecar] = [:]
  var recording: Recording

  static let text = SidecarKind.text(task: "transcript", format: "txt")
  static let start = Date(timeIntervalSince1970: 1_790_000_000)

  init(name: String = "standup.wav", abilities: SidecarFolder.Abilities = .init()) throws {
    self.name = try #require(FileName(bytes: name.utf8))
    folder = try Self.newFolder()
    writer = SidecarWriter(root: folder, abilities: abilities)
    recording = try Self.record(in: folder, self.name)
  }

  /// In a folder that is there already.
  init(in folder: FilePath) throws {
    name = try #require(FileName(bytes: "standup.wav".utf8))
    self.folder = folder
    writer = SidecarWriter(root: folder)
    recording = try Self.record(in: folder, name)
  }

  init(bytes: [UInt8]) throws {
    name = try #require(FileName(bytes: bytes))
    folder = try Self.newFolder()
    writer = SidecarWriter(root: folder)
    recording = try Self.record(in: folder, name)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder.string) }

  private static func newFolder() throws -> FilePath {
    var template = "/tmp/dropscribe-sidecar-XXXXXX".utf8CString.map { $0 }
    let path = try #require(mkdtemp(&template))
    return FilePath(platformString: path)
  }

  private static func record(in folder: FilePath, _ name: FileName) throws -> Recording {
    let path = folder.appending(name)
    let file = try FileDescriptor.open(
      path,
      .writeOnly,
      options: [.create, .truncate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead]
    )
    try file.closeAfter { _ = try file.writeAll("RIFF, so to speak".utf8) }
    return try Recording(
      id: 1,
      path: path,
      folder: "inbox",
      identity: identity(of: path),
      sha256: String(repeating: "ab", count: 32),
      isPresent: true
    )
  }

  static func identity(of path: FilePath) throws -> FileIdentity {
    let facts = try facts(of: path)
    return FileIdentity(
      device: UInt64(facts.st_dev),
      inode: UInt64(facts.st_ino),
      size: Int64(facts.st_size),
      modified: Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec),
      changed: Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec)
    )
  }

  static func facts(of path: FilePath) throws -> stat {
    var facts = stat()
    try #require(path.withPlatformString { lstat($0, &facts) } == 0)
    return facts
  }

  /// Looks at the recording again, after a test changed its mode or its group.
  func rehash() throws { recording.identity = try Self.identity(of: recording.path) }

  /// Writes, remembers what the journal would, and returns the notices.
  @discardableResult
  func write(_ jobs: JobReport..., force: Bool = false, at now: Date = start) throws
    -> [SidecarNotice]
  {
    let outcome = try writer.write(report(jobs, at: now), known: known, force: force)
    known = outcome.written
    return outcome.notices
  }

  func report(_ jobs: [JobReport], at now: Date = start) -> RecordingReport {
    RecordingReport(recording: recording, jobs: jobs, version: "1.2.3", now: now)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url(name)), as: UTF8.self)
  }

  func put(_ text: String, at name: String) throws { try Data(text.utf8).write(to: url(name)) }

  func remove(_ name: String) throws { try FileManager.default.removeItem(at: url(name)) }

  func usage(_ name: String = "standup.wav.usage.json") throws -> UsageSidecar {
    try UsageSidecar(encoded: Data(contentsOf: url(name)))
  }

  /// What is in the folder, hidden files too, sorted, the recording left out.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { $0 != name.text }
      .sorted()
  }

  private func url(_ name: String) -> URL {
    URL(filePath: folder.appending(name).string, directoryHint: .notDirectory)
  }

  /// A job with one clip of ten seconds for each of `replies`.
  static func job(
    _ task: String = "transcript",
    suffix: String = "",
    state: Job.State = .done,
    _ replies: String...
  ) -> JobReport {
    JobReport(
      job: Job(
        id: 1,
        sha256: String(repeating: "ab", count: 32),
        task: task,
        question: question(),
        state: state,
        source: SourceFacts(
          format: "WAV, 16-bit PCM",
          sampleRate: 44_100,
          channels: 2,
          seconds: Double(10 * replies.count)
        ),
        created: start,
        finished: state.isFinal ? start : nil,
        revision: 1
      ),
      clips: replies.enumerated().map { clip($0, $1) },
      suffix: suffix,
      formats: ["txt"]
    )
  }

  static func clip(_ index: Int, _ text: String) -> Clip {
    let range = ClipRange(start: Int64(index) * 160_000, end: Int64(index + 1) * 160_000)
    return Clip(
      id: Int64(index),
      job: 1,
      index: index,
      range: range,
      joint: .pause,
      speech: [range],
      level: -20,
      state: .done,
      reply: Reply(
        text: text,
        model: "phi-4",
        finishReason: "stop",
        usage: Usage(
          promptTokens: 100 + index,
          completionTokens: 10,
          totalTokens: 110 + index,
          audioTokens: 80,
          details: ["prompt_tokens_details": .object(["cached_tokens": .integer(3)])]
        )
      ),
      attempts: [
        Attempt(
          id: Int64(index),
          started: start,
          outcome: .answered,
          status: 200,
          milliseconds: 1234
        )
      ]
    )
  }

  static func question() -> Question {
    Question(
      task: TaskConfiguration(
        name: "transcript",
        endpoint: "azure",
        instruction: "Transcribe the audio clip into text.",
        suffix: "",
        clip: ClipSettings()
      ),
      endpoint: EndpointConfiguration(
        name: "azure",
        preset: "azure-ai",
        url:
          "https://someone:hunter2@example.services.ai.azure.com:8443/models?api-version=1&key=s3cret",
        model: "Phi-4",
        authentication: .both,
        isLoopback: false
      )
    )
  }
}

import AsyncHTTPClient
import Foundation
public import Logging
import NIOPosix
public import SystemPackage

/// `dropscribe transcribe`: named files instead of watched folders, text instead of sidecars, and a journal of
/// its own, so that asking for the same thing twice is free and no daemon's budget is touched.
public struct Transcriber: Sendable {
  private let configuration: Configuration
  private let task: String
  private let environment: [String: String]
  private let log: Logger

  /// What became of one file.
  public struct Outcome: Sendable {
    /// The file.
    public var path: FilePath
    /// Its transcript, gaps marked; nil when none can be had.
    public var text: String?
    /// Why there is none, or what is missing in it; for a person.
    public var trouble: String?
    /// It was no recording that could be read, so that nothing was asked.
    public var isRefused = false
  }

  /// - Parameters:
  ///   - configuration: Its endpoints and tasks; the folders are not touched.
  ///   - task: The name of the task to do.
  ///   - instruction: Asked instead of the task's own instruction.
  public init?(
    _ configuration: Configuration,
    task: String,
    instruction: String?,
    environment: [String: String],
    log: Logger
  ) {
    guard var chosen = configuration.tasks[task], let endpoint = configuration.endpoints[chosen.endpoint]
    else { return nil }
    if let instruction { chosen.instruction = instruction }
    // Another question is another task: what an earlier one bought stays its own.
    let key = "\(task)-\(Question(task: chosen, endpoint: endpoint).digest(audio: []).prefix(16))"
    chosen.name = key
    var own = configuration
    own.tasks = [key: chosen]
    var folder = FolderConfiguration(name: "transcribe", path: "/", tasks: [key])
    folder.backlog = .all
    own.folders = [folder.name: folder]
    own.statePath = configuration.statePath.appending("transcribe")
    self.configuration = own
    self.task = key
    self.environment = environment
    self.log = log
  }

  /// Transcribes `files`, each once, in any order; the outcomes come in the order of `files`.
  public func transcribe(_ files: [FilePath]) async throws -> [Outcome] {
    Heap.returnLargeBlocks()
    let children = try Children(configuration.daemon)
    return try await StateLock.held(in: configuration.statePath, wait: true) {
      let journal = try Journal(in: configuration.statePath, log: log)
      try journal.apply(configuration)
      return try await transcribe(files, journal, children)
    }
  }

  private func transcribe(_ files: [FilePath], _ journal: Journal, _ children: Children) async throws
    -> [Outcome]
  {
    // What an earlier call left undone is not this one's to pay.
    try await journal.loseAll()
    var refused: [FilePath: String] = [:]
    for file in files {
      switch try await found(file) {
      case .success(let found): try await journal.enter(found, earlier: nil)
      case .failure(let refusal): refused[file] = refusal.reason
      }
    }
    _ = try await journal.retry(paths: files, task: task, .mend)
    let verdict = try await Connections.with(requestsAtATime: ConfigurationKeys.mostConcurrency) {
      connections in
      let generation = Generation(
        configuration,
        journal: journal,
        children: children,
        connections: connections,
        environment: environment,
        publisher: nil,
        log: log
      )
      return try await generation.once(journal: journal)
    }
    let waiting = if case .waiting(let lines) = verdict { lines } else { [String]() }
    var outcomes: [Outcome] = []
    for file in files {
      if let reason = refused[file] {
        outcomes.append(Outcome(path: file, trouble: reason, isRefused: true))
      } else {
        outcomes.append(try await outcome(of: file, journal, waiting))
      }
    }
    return outcomes
  }

  /// Why a file cannot be taken.
  private struct Refusal: Error {
    var reason: String
  }

  private func found(_ file: FilePath) async throws -> Result<FoundRecording, Refusal> {
    guard let name = file.lastComponent else { return .failure(Refusal(reason: "it is no file")) }
    let outcome = try await Fingerprint.take(
      FilePath(root: nil, components: name),
      in: file.removingLastComponent(),
      acceptsIncomplete: true
    )
    switch outcome {
    case .taken(let print):
      return .success(
        FoundRecording(path: file, folder: "transcribe", identity: print.identity, sha256: print.sha256)
      )
    case .notMedia:
      return .failure(Refusal(reason: "neither its first bytes nor its name speak of a recording"))
    case .incomplete, .changed: return .failure(Refusal(reason: "it changes; wait until it is whole"))
    case .sighting(.gone), .sighting(.folderGone): return .failure(Refusal(reason: "there is no such file"))
    case .sighting(.unreadable(let errno)): return .failure(Refusal(reason: "it cannot be read: \(errno)"))
    case .sighting: return .failure(Refusal(reason: "it is no regular file"))
    }
  }

  private func outcome(of file: FilePath, _ journal: Journal, _ waiting: [String]) async throws -> Outcome {
    guard let (job, clips) = try await journal.job(at: file, task: task) else {
      return Outcome(path: file, trouble: "the file changed while it was at work; try again")
    }
    switch job.state {
    case .done:
      let transcript = Transcript(of: job, clips: clips)
      var trouble = transcript.gaps.isEmpty ? nil : "the transcript has \(transcript.gaps.count) gaps"
      if let damage = job.source?.damage {
        trouble = [trouble, damage].compactMap(\.self).joined(separator: "; ")
      }
      return Outcome(path: file, text: transcript.text, trouble: trouble)
    case .failed: return Outcome(path: file, trouble: job.reason ?? "it failed")
    default: return Outcome(path: file, trouble: job.reason ?? waiting.first ?? "it still waits")
    }
  }
}

import FoundationEssentials
public import Logging
import SystemPackage

/// Does what a ``ControlRequest`` asks: in the daemon, or in a command that holds the lock itself.
struct Controls: Sendable {
  let journal: Journal
  /// What only a running daemon knows; nil in a command.
  var live: Live?

  /// The live parts of a daemon.
  struct Live: Sendable {
    var lanes: [Lane]
    var intake: Intake?
    var publisher: Publisher?
    var folders: [String: FolderConfiguration]
  }

  func answer(_ request: ControlRequest) async -> ControlReply {
    do {
      switch request {
      case .status(let done): return .status(try await status(done: done))
      case .release:
        return .released(try await journal.release())
      case .retry(let paths, let task, let again):
        let (asked, rewritten) = try await journal.retry(
          paths: paths?.map { FilePath(bytes: Array($0)) },
          task: task,
          again ? .again : .mend
        )
        await live?.publisher?.due(try await journal.undelivered(), forced: true)
        return .retried(asked: asked.count, rewritten: rewritten.count)
      }
    } catch {
      return .failed("\(error)")
    }
  }

  private func status(done: Int) async throws -> Status {
    let standings = try await journal.standings(doneLimit: done)
    var endpoints: [EndpointStatus] = []
    for lane in live?.lanes ?? [] { endpoints.append(await lane.status) }
    let folders = await live?.intake?.status() ?? []
    return Status(
      running: live != nil,
      counts: standings.counts,
      endpoints: endpoints.sorted { $0.name < $1.name },
      folders: folders.map(WatchedFolder.init),
      settling: folders.flatMap { $0.waiting.map(\.path.readable) },
      ignored: folders.flatMap { $0.notMedia.map(\.readable) }.sorted(),
      jobs: standings.lines
    )
  }
}

extension Lane {
  /// How the endpoint stands, for `status`.
  var status: EndpointStatus {
    let paused = pause
    let state = paused != nil ? "paused" : health == .open ? "open" : "unproven"
    return EndpointStatus(
      name: name,
      state: state,
      reason: paused?.reason,
      retryInSeconds: (paused?.left).map { Double($0.components.seconds) },
      inFlight: inFlight
    )
  }
}

extension ControlSocket {
  /// Asks the daemon that has `configuration`'s state; while none runs, takes the lock and answers itself.
  public static func answer(
    to request: ControlRequest,
    for configuration: Configuration,
    log: Logger
  ) async throws -> ControlReply {
    if let reply = try await ask(request, at: configuration.socketPath) { return reply }
    return try await StateLock.held(in: configuration.statePath) {
      let journal = try Journal(in: configuration.statePath, log: log)
      try journal.apply(configuration)
      return await Controls(journal: journal).answer(request)
    }
  }
}

extension WatchedFolder {
  fileprivate init(_ status: FolderStatus) {
    let (state, reason): (String, String?) =
      switch status.watch {
      case .starting: ("starting", nil)
      case .watched: ("watched", nil)
      case .polled(let why): ("polled", why)
      case .missing: ("missing", nil)
      }
    self.init(name: status.name, path: status.path.readable, state: state, reason: reason)
  }
}

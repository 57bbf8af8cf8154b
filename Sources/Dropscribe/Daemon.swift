import Foundation
public import Logging
import Messages
import NIOPosix
import ServiceLifecycle
import Synchronization
import SystemPackage
import UnixSignals

/// The daemon: from here a reader follows a recording in the order in which it travels. `Intake` notices it,
/// `Registrar` enters it, `Dispatcher` has it cut (`Cutter`) and asked about (`EndpointClient`), `Publisher`
/// writes what came of it beside it; `Journal` holds all of that in between.
public struct Daemon: Sendable {
  private let configuration: Configuration
  private let environment: [String: String]
  private let reread: @Sendable () throws -> Configuration
  private let log: Logger

  /// - Parameters:
  ///   - configuration: What to start with.
  ///   - environment: Of which the key sources, systemd's variables and `PATH` are looked at.
  ///   - reread: Reads the configuration anew, for a reload.
  public init(
    _ configuration: Configuration,
    environment: [String: String],
    log: Logger,
    reread: @escaping @Sendable () throws -> Configuration
  ) {
    self.configuration = configuration
    self.environment = environment
    self.log = log
    self.reread = reread
  }

  /// What `run --once` came to.
  public enum Once: Sendable {
    /// Everything is done.
    case done
    /// Some failed or have gaps; for a person, a line each.
    case failed([String])
    /// Some still wait; for a person, a line each.
    case waiting([String])
  }

  /// Watches until SIGTERM or SIGINT; then finishes or records what is in flight, within the grace time.
  ///
  /// - Throws: ``StateLock/Problem`` when another process has the state, and what opening the journal throws.
  public func run() async throws {
    try await withState { journal, make in
      let notifier = Notifier(environment: environment)
      let current = Mutex<Controls.Live?>(nil)
      // Before anybody hears that all is ready: a hang-up that nobody handles ends the process.
      let hangups = await UnixSignalsSequence(trapping: .sighup)
      let generations = Generations(
        first: configuration,
        hangups: hangups,
        reread: reread,
        notifier: notifier,
        log: log,
        make: make,
        current: { live in current.withLock { $0 = live } }
      )
      let control = ControlService(path: configuration.socketPath, log: log) { request in
        await Controls(journal: journal, live: current.withLock { $0 }).answer(request)
      }
      // They are stopped from the last to the first.
      var group = ServiceGroupConfiguration(
        services: [Heartbeat(notifier: notifier, journal: journal), control, generations],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: quiet
      )
      group.maximumGracefulShutdownDuration = .seconds(configuration.daemon.graceSeconds)
      log.notice(
        "dropscribe is at work",
        metadata: [
          "version": "\(Version.current)", "state.path": "\(configuration.statePath)",
          "folders": "\(configuration.folders.values.map(\.path.string).sorted().joined(separator: ", "))",
        ]
      )
      do {
        try await ServiceGroup(configuration: group).run()
      } catch is CancellationError {
        log.warning("the grace time is over; what was in flight is counted as unknown")
      }
      log.notice("dropscribe has stopped")
    }
  }

  /// Does what one scan finds, then returns.
  ///
  /// - Throws: as ``run()``.
  public func once() async throws -> Once {
    try await withState { journal, make in
      try await make(configuration).once(journal: journal)
    }
  }

  /// Runs `body` with the state's lock held, the journal open, and a way to make generations.
  private func withState<Result: Sendable>(
    _ body: (Journal, @escaping @Sendable (Configuration) async throws -> Generation) async throws -> Result
  ) async throws -> Result {
    Heap.returnLargeBlocks()
    let children = try Children(configuration.daemon)
    return try await StateLock.held(in: configuration.statePath) {
      let journal = try Journal(in: configuration.statePath, log: log)
      return try await withPublisher(journal) { publisher, connections in
        try await body(journal) { [environment, log] configuration in
          for folder in configuration.missingFolders() {
            log.warning(
              "a folder is not there; dropscribe waits for it",
              metadata: ["folder.name": "\(folder.name)", "reason": "\(folder)"]
            )
          }
          Registrar.say(try journal.apply(configuration), log)
          await publisher.adopt(configuration)
          return Generation(
            configuration,
            journal: journal,
            children: children,
            connections: connections,
            environment: environment,
            publisher: publisher,
            log: log
          )
        }
      }
    }
  }

  /// Runs `body` with what outlives every generation: the one writer of sidecars, which writes what is left to
  /// write before this returns, and the connections.
  private func withPublisher<Result: Sendable>(
    _ journal: Journal,
    _ body: (Publisher, Connections) async throws -> Result
  ) async throws -> Result {
    try await Connections.with(requestsAtATime: ConfigurationKeys.mostConcurrency) { connections in
      try await withThrowingTaskGroup(of: Void.self) { group in
        let publisher = Publisher(journal: journal, configuration: configuration, log: log)
        group.addTask { await publisher.run() }
        let result = try await body(publisher, connections)
        await publisher.close()
        try await group.waitForAll()
        return result
      }
    }
  }

  /// The lifecycle library's own lines say nothing that a person would ask about.
  private var quiet: Logger {
    var quiet = log
    quiet.logLevel = .critical
    return quiet
  }
}

/// One generation after the other, until a graceful shutdown.
private struct Generations: Service {
  let first: Configuration
  /// Each is a wish to read the configuration again.
  let hangups: UnixSignalsSequence
  let reread: @Sendable () throws -> Configuration
  let notifier: Notifier
  let log: Logger
  let make: @Sendable (Configuration) async throws -> Generation
  let current: @Sendable (Controls.Live) -> Void

  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      var generation = try await make(first)
      current(generation.live)
      group.addTask { [generation] in await generation.run() }
      notifier.ready()
      for await _ in hangups.cancelOnGracefulShutdown() {
        notifier.reloading()
        do {
          let next = try await make(try reread())
          await generation.retire()
          generation = next
          current(generation.live)
          group.addTask { [generation] in await generation.run() }
          log.notice("the configuration was read again")
        } catch {
          log.error(
            "the new configuration cannot be used; the old one stays in force",
            metadata: ["reason": "\(error)"]
          )
        }
        notifier.ready()
      }
      log.notice("dropscribe stops; requests in flight are finished first")
      notifier.stopping()
      await generation.retire()
    }
  }
}

/// The control socket as a service.
private struct ControlService: Service {
  let path: FilePath
  let log: Logger
  let answer: @Sendable (ControlRequest) async -> ControlReply

  func run() async throws {
    await cancelWhenGracefulShutdown {
      do {
        try await ControlSocket.serve(at: path, log: log, answer: answer)
      } catch is CancellationError {
      } catch {
        log.error(
          "the control socket cannot be used; status and the other commands cannot reach this daemon",
          metadata: ["path": "\(path)", "reason": "\(error)"]
        )
        try? await gracefulShutdown()
      }
    }
  }
}

/// Tells systemd that all is well, for as long as the journal answers.
private struct Heartbeat: Service {
  let notifier: Notifier
  let journal: Journal

  func run() async throws {
    guard let interval = notifier.watchdog else {
      try? await gracefulShutdown()
      return
    }
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        if (try? await journal.answers()) == true { notifier.alive() }
        try? await Task.sleep(for: interval / 2)
      }
    }
  }
}

import Foundation
import Logging
import SystemPackage

/// Everything that works under one configuration: intake, the endpoints' lanes, and the writing of sidecars.
/// A reload retires one generation and starts the next; what the old one has in flight ends in peace.
struct Generation: Sendable {
  let configuration: Configuration
  let intake: Intake?
  let dispatcher: Dispatcher
  let publisher: Publisher?
  let ffmpegWait: FFmpegWait
  private let retired = Doorbell()

  /// - Parameter publisher: writes the sidecars of what is taken from the configured folders; nil for
  ///   `transcribe`, which enters recordings of its own and writes elsewhere. It outlives the generation.
  init(
    _ configuration: Configuration,
    journal: Journal,
    children: Children,
    connections: Connections,
    environment: [String: String],
    publisher: Publisher?,
    log: Logger
  ) {
    self.configuration = configuration
    self.publisher = publisher
    var routes: [String: Dispatcher.Route] = [:]
    for (name, endpoint) in configuration.endpoints {
      routes[name] = Dispatcher.Route(
        lane: Lane(name: name, slots: endpoint.concurrency),
        endpoint: EndpointClient(
          configuration: endpoint,
          admission: Admission(endpoint, environment: environment, connections: connections),
          connections: connections,
          logger: log
        )
      )
    }
    let ffmpeg = FFmpeg(configuration.daemon, environment: environment)
    ffmpegWait = FFmpegWait(journal: journal, ffmpeg: ffmpeg, log: log)
    dispatcher = Dispatcher(
      journal: journal,
      cutter: Cutter(executable: children.slicer, ffmpeg: ffmpeg),
      routes: routes,
      publisher: publisher,
      log: log
    )
    intake =
      publisher.map { publisher in
        Intake(
          folders: configuration.folders.values.sorted { $0.name < $1.name },
          watcher: children.watcher,
          ledger: Registrar(journal: journal, publisher: publisher, log: log),
          logger: log
        )
      }
  }

  /// Works until ``retire()`` and until what was in flight then has ended, or until cancelled.
  ///
  /// - Parameter takes: whether intake runs here; false for ``once(journal:)``, which has it look once. A
  ///   folder's intake is never run twice at a time.
  func run(takes: Bool = true) async {
    await withTaskGroup { group in
      if takes, let intake {
        group.addTask { await until(retired) { try await intake.run() } }
        group.addTask { await until(retired) { await ffmpegWait.run() } }
      }
      group.addTask { await dispatcher.run() }
    }
  }

  /// Stops intake and takes no more work; returns at once.
  func retire() async {
    retired.ring()
    await dispatcher.drain()
  }

  /// What `status` and the other commands act on.
  var live: Controls.Live {
    Controls.Live(
      lanes: dispatcher.routes.values.map(\.lane),
      intake: intake,
      publisher: publisher,
      folders: configuration.folders
    )
  }

  /// Runs `work` and cancels it at the first ring of `bell`.
  private func until(_ bell: Doorbell, _ work: @escaping @Sendable () async throws -> Void) async {
    await withTaskGroup { group in
      group.addTask { try? await work() }
      group.addTask { await bell.wait(after: 0) }
      await group.next()
      group.cancelAll()
    }
  }
}

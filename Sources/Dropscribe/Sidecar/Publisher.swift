import FoundationEssentials
import Logging
import Messages
import SystemPackage

/// Writes the sidecars of every recording whose jobs ended, one recording after the other. What cannot be
/// written now is tried again; the journal remembers it over a restart.
actor Publisher {
  private static let pause = Duration.seconds(30)

  private let journal: Journal
  private var configuration: Configuration
  private let log: Logger
  private let bell = Doorbell()
  /// One visit to a folder at a time, so that no two are about one recording.
  private let visits = Turnstile(1)
  private var queue: [Int64] = []
  /// Queued recordings; true where also those are written that their consumer took away.
  private var forced: [Int64: Bool] = [:]
  private var failed: [Int64: Bool] = [:]
  private var failedAreDue: SuspendingClock.Instant?
  private var said: Set<String> = []
  private var tidied: Set<FilePath> = []
  private var isClosed = false

  init(journal: Journal, configuration: Configuration, log: Logger) {
    self.journal = journal
    self.configuration = configuration
    self.log = log
  }

  /// Takes over a configuration that was read again.
  func adopt(_ configuration: Configuration) { self.configuration = configuration }

  /// Recordings whose sidecars may be out of date.
  func due(_ recordings: [Int64], forced isForced: Bool = false) {
    for recording in recordings {
      if let already = forced[recording] {
        forced[recording] = already || isForced
      } else {
        forced[recording] = isForced
        queue.append(recording)
      }
    }
    bell.ring()
  }

  /// Nothing more comes; ``run()`` returns when all that can be written is.
  func close() {
    isClosed = true
    bell.ring()
  }

  /// Writes, beginning with what an earlier run left, until ``close()`` or until cancelled.
  func run() async {
    do { due(try await journal.undelivered()) } catch {
      log.error("the journal cannot say which sidecars are missing", metadata: ["reason": "\(error)"])
    }
    while !Task.isCancelled {
      let heard = bell.rings
      takeUpFailed()
      let batch = queue
      queue = []
      for recording in batch where !Task.isCancelled {
        await publish(recording, force: forced.removeValue(forKey: recording) ?? false)
      }
      guard queue.isEmpty else { continue }
      if isClosed { return }
      await bell.wait(after: heard, until: failedAreDue)
    }
  }

  private func takeUpFailed() {
    guard let due = failedAreDue, due <= .now else { return }
    let again = failed
    (failed, failedAreDue) = ([:], nil)
    for (recording, force) in again where forced[recording] == nil {
      forced[recording] = force
      queue.append(recording)
    }
  }

  private func publish(_ id: Int64, force: Bool) async {
    await visits.enter()
    defer { visits.leave() }
    var place = "the journal"
    do {
      guard let story = try await journal.story(of: id), !story.undelivered.isEmpty else { return }
      place = "\(story.recording.path.removingLastComponent())"
      tidy(story.recording.path.removingLastComponent(), story.recording)
      let outcome = try writer(for: story.recording.folder).write(
        report(story),
        known: story.sidecars,
        force: force
      )
      try await journal.delivered(id, sidecars: outcome.written, jobs: story.jobs.map(\.job))
      said.remove(place)
      for notice in outcome.notices { tell(notice, beside: story.recording.path) }
    } catch let error as SidecarError where !error.canRetry {
      log.notice("sidecars were not written", metadata: ["reason": "\(error)"])
    } catch {
      failed[id] = force
      failedAreDue = failedAreDue ?? .now + Self.pause
      complain(error, at: place)
    }
  }

  /// Removes the sidecars beside a recording that tell of other bytes, which lay at its path before, except what
  /// somebody edited. Those that cannot be removed are replaced once there is something to write.
  func withdraw(from recording: Recording) async {
    await visits.enter()
    defer { visits.leave() }
    do {
      let old = try await journal.inheritedSidecars(of: recording.id)
      guard !old.isEmpty else { return }
      for notice in try writer(for: recording.folder).remove(old, beside: recording.path) {
        tell(notice, beside: recording.path)
      }
      try await journal.withdrawn(recording.id)
    } catch {
      log.warning("old sidecars could not be removed", metadata: ["reason": "\(error)"])
    }
  }

  /// Makes sure that sidecars could be written beside `recording` now: before anything is bought for it.
  ///
  /// - Returns: why not; nil when they could.
  func obstacle(beside recording: Recording) -> (any Error)? {
    do {
      let folder = recording.path.removingLastComponent()
      tidy(folder, recording)
      try SidecarFolder.probe(folder, root: configuration.folders[recording.folder]?.path)
      return nil
    } catch {
      complain(error, at: "\(recording.path.removingLastComponent())")
      return error
    }
  }

  /// Removes, once for each folder, what a killed process left there half written.
  private func tidy(_ folder: FilePath, _ recording: Recording) {
    guard tidied.insert(folder).inserted else { return }
    let root = configuration.folders[recording.folder]?.path
    guard let count = try? SidecarFolder.cleanUp(folder, root: root), count > 0 else { return }
    log.notice(
      "removed what an earlier run left half written",
      metadata: ["folder.path": "\(folder.readable)", "files": "\(count)"]
    )
  }

  /// Says once for each folder that nothing can be written there.
  private func complain(_ error: any Error, at place: String) {
    guard said.insert(place).inserted else { return }
    log.error("sidecars cannot be written; it is tried again", metadata: ["reason": "\(error)"])
  }

  private func writer(for folder: String) -> SidecarWriter {
    SidecarWriter(root: configuration.folders[folder]?.path)
  }

  private func report(_ story: Journal.Story) -> RecordingReport {
    RecordingReport(
      recording: story.recording,
      jobs: story.jobs.map { job, clips in
        let task = configuration.tasks[job.task]
        return JobReport(
          job: job,
          clips: clips,
          suffix: task?.suffix ?? ".\(job.task)",
          formats: task?.formats ?? [],
          prices: configuration.endpoints[job.question.endpoint]?.prices,
          isEarlier: job.isEarlier
        )
      },
      version: Version.current,
      now: Date()
    )
  }

  private func tell(_ notice: SidecarNotice, beside recording: FilePath) {
    let subject = notice.subject
    var metadata: Logger.Metadata = [
      "recording.path": "\(recording)", "sidecar.name": "\(subject.name.text)",
      "sidecar.kind": "\(subject.kind.rawValue)",
    ]
    if let wrote = subject.wrote { metadata["sidecar.wrote"] = "\(wrote.text)" }
    if case .wrote = notice {
      log.info("\(notice.message)", metadata: metadata)
    } else {
      log.notice("\(notice.message)", metadata: metadata)
    }
  }
}

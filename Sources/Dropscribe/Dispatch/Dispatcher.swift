import FoundationEssentials
import Logging
import SystemPackage

/// Keeps every endpoint busy: takes jobs from the journal, gives each its turn, and says when one ended.
///
/// An endpoint has as many places for slicing children as there are cores, at least two. One of them is kept
/// for jobs that have not begun, so that a voice note never waits for a ten-hour file.
struct Dispatcher: Sendable {
  /// An endpoint and the way to it.
  struct Route: Sendable {
    let lane: Lane
    let endpoint: EndpointClient
  }

  let journal: Journal
  let cutter: Cutter
  let routes: [String: Route]
  /// Writes the sidecars; nil when nobody wants any.
  let publisher: Publisher?
  let log: Logger
  var policy = RetryPolicy()

  /// Works until every lane is closed (``drain()``) and what was in flight has ended, or until cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      for route in routes.values {
        for place in 0..<max(2, ProcessInfo.processInfo.activeProcessorCount) {
          group.addTask { await work(on: route, fresh: place == 0) }
        }
      }
    }
  }

  /// Takes no more work; ``run()`` returns once what is in flight has ended.
  func drain() async {
    for route in routes.values { await route.lane.close() }
    journal.work.ring()
  }

  /// One place: takes a job, lets it slice, and takes the next while the first one's replies come in.
  private func work(on route: Route, fresh: Bool) async {
    let lane = route.lane
    await withDiscardingTaskGroup { turns in
      while !Task.isCancelled {
        let heard = journal.work.rings
        switch await lane.gate() {
        case .closed: return
        case .shut(let left):
          await journal.work.wait(after: heard, atMost: left)
          continue
        case .probe:
          await probe(route)
          continue
        case .open: break
        }
        let deferred = await lane.deferred()
        do {
          let claim = try await journal.claim(endpoint: lane.name, fresh: fresh, except: deferred.jobs)
          guard let claim else {
            await journal.work.wait(after: heard, atMost: deferred.soonest)
            continue
          }
          guard await canWrite(beside: claim, lane) else { continue }
          let (cutting, cut) = AsyncStream.makeStream(of: Never.self)
          turns.addTask {
            await turn(claim, route, fresh: fresh) { cut.finish() }
            cut.finish()
          }
          for await _ in cutting {}
        } catch {
          log.error(
            "the journal cannot be used; nothing is sent until it can",
            metadata: ["reason": "\(error)"]
          )
          await journal.work.wait(after: heard, atMost: .seconds(10))
        }
      }
    }
  }

  /// Asks for a second of speech, whether it is the endpoint that refuses everything.
  private func probe(_ route: Route) async {
    let exchange = await route.endpoint.probe()
    let hasReply = if case .reply = exchange.answer { true } else { false }
    if await route.lane.probed(hasReply, orPauseFor: policy.tripWait) {
      log.notice("the endpoint answers again", metadata: ["endpoint.name": "\(route.lane.name)"])
    }
    journal.work.ring()
  }

  /// Nothing is bought for a folder that could not take the result. All that lies there waits, so that a folder
  /// with very many recordings is not tried for each of them.
  private func canWrite(beside claim: Journal.Claim, _ lane: Lane) async -> Bool {
    guard let obstacle = await publisher?.obstacle(beside: claim.recording) else { return true }
    let folder = claim.recording.path.removingLastComponent()
    let others = try? await journal.queued(in: folder, endpoint: lane.name)
    await lane.defer((others ?? []).union([claim.job.id]), for: .seconds(30))
    await giveBack(claim.job, "\(obstacle)")
    return false
  }

  /// Puts a job back whose turn ended early, for as long as the journal takes: nobody else could.
  private func giveBack(_ job: Job, _ reason: String? = nil) async {
    repeat {
      do { return try await journal.requeue(job.id, reason: reason) } catch {
        log.error("the journal cannot be used; it is tried again", metadata: ["reason": "\(error)"])
        try? await Task.sleep(for: .seconds(10))
      }
    } while !Task.isCancelled
  }

  private func turn(
    _ claim: Journal.Claim,
    _ route: Route,
    fresh: Bool,
    sliced: @escaping @Sendable () async -> Void
  ) async {
    var log = log
    log[metadataKey: "recording.path"] = "\(claim.recording.path)"
    log[metadataKey: "task.name"] = "\(claim.job.task)"
    let sender = ClipSender(
      client: route.endpoint,
      lane: route.lane,
      journal: journal,
      policy: policy,
      log: log
    )
    let run = JobRun(
      claim: claim,
      isFresh: fresh,
      journal: journal,
      cutter: cutter,
      lane: route.lane,
      sender: sender,
      log: log,
      sliced: sliced
    )
    do {
      switch try await run() {
      case .final:
        let job = try await journal.job(claim.job.id)
        let metadata: Logger.Metadata = job?.reason.map { ["reason": "\($0)"] } ?? [:]
        log.log(
          level: job?.state == .failed ? .error : .info,
          job?.state == .failed ? "the recording failed" : "the recording is done",
          metadata: metadata
        )
        await publisher?.due(try await journal.recordings(with: claim.job.sha256).map(\.id))
      case .queued: break
      }
    } catch is CancellationError {
      await giveBack(claim.job)
    } catch {
      log.error("the job's turn ended early; it is taken up again", metadata: ["reason": "\(error)"])
      await route.lane.defer([claim.job.id], for: .seconds(10))
      await giveBack(claim.job, "\(error)")
    }
  }
}

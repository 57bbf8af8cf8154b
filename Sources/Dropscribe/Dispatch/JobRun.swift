import FoundationEssentials
import Logging
import Messages
import SystemPackage

/// One job's turn: one pass of the slicer over its recording, every clip that is wanted sent as soon as there
/// is a slot, and what came of it.
struct JobRun: Sendable {
  /// How a turn ended, as the dispatcher must act on it.
  enum End: Sendable, Equatable {
    /// Done or failed; the sidecars are to be written.
    case final
    /// Back in the queue at once, or when the endpoint can be asked again.
    case queued
    /// Back in the queue, not to be taken before so long.
    case deferred(Duration)
  }

  /// Clips that a job may send from the place that is kept for short recordings before it makes room.
  static let shortJob = 8

  let claim: Journal.Claim
  /// Whether it holds the place that is kept for jobs that have not begun.
  let isFresh: Bool
  let journal: Journal
  let cutter: Cutter
  let lane: Lane
  let sender: ClipSender
  let log: Logger
  /// Called once no further clip will be cut: the next recording may be.
  let sliced: @Sendable () async -> Void

  private var job: Job { claim.job }

  /// Why the pass was left before its end.
  private enum Halt: Equatable {
    case noSlot
    case makeRoom
    case changed
  }

  /// What the pass gathered.
  private struct Pass {
    var source: SourceFacts?
    var entered: [Int64] = []
    var end: Cutter.End?
    var halt: Halt?
    var fates: [ClipSender.Fate] = []
  }

  /// Takes the turn. It throws only what the journal and starting a child throw; the job is then still marked
  /// as running.
  func callAsFunction() async throws -> End {
    let isRead = job.source?.seconds != nil && claim.clips.allSatisfy { $0.state != .pending }
    if isRead {
      await sliced()
      return try await conclude(Pass(source: job.source))
    }
    do {
      let source = try SourceFile(claim.recording)
      var pass = try await read(source.descriptor)
      do { try source.check() } catch { pass.halt = .changed }
      return try await conclude(pass)
    } catch let problem as SourceFile.Problem {
      await sliced()
      guard case .unreadable = problem else { return try await conclude(Pass(halt: .changed)) }
      return try await end(.failed, "\(problem)")
    }
  }

  /// Reads the recording once and sends its clips; returns when every reply is in the journal.
  private func read(_ source: FileDescriptor) async throws -> Pass {
    var request = SliceRequest()
    request.maxSeconds = job.question.clip.maxSeconds
    request.minSeconds = job.question.clip.minSeconds
    request.skipSilenceSeconds = job.question.clip.skipSilenceSeconds
    request.pinned = claim.clips.map { .init(range: $0.range, wanted: $0.state == .pending) }
    return try await withThrowingTaskGroup(of: ClipSender.Fate.self) { group in
      var pass = Pass(source: job.source)
      pass.end = try await cutter.cut(source, request) { frame in
        switch frame {
        case .format(let format):
          let facts = SourceFacts(
            format: format.name,
            sampleRate: format.sampleRate,
            channels: format.channels
          )
          if job.source == nil { try await journal.learn(facts, job: job.id) }
          pass.source = facts
        case .clip(let cut):
          pass.halt = try await take(cut, &pass.entered, &group)
          return pass.halt == nil ? .more : .enough
        case .silence, .end: break
        }
        return .more
      }
      await sliced()
      for try await fate in group { pass.fates.append(fate) }
      return pass
    }
  }

  /// Enters one clip and sends it, unless a stored reply serves.
  private func take(
    _ cut: SliceFrame.Clip,
    _ entered: inout [Int64],
    _ group: inout ThrowingTaskGroup<ClipSender.Fate, any Error>
  ) async throws -> Halt? {
    let clip = try await journal.enter(cut, of: job)
    entered.append(clip.id)
    guard clip.state == .pending else { return nil }
    if isFresh, entered.count > Self.shortJob, try await journal.hasFresh(endpoint: lane.name) {
      return .makeRoom
    }
    guard await lane.acquire() else { return .noSlot }
    let question = job.question
    group.addTask {
      do {
        let fate = try await sender.send(clip, of: question, wav: cut.wav)
        await lane.release()
        return fate
      } catch {
        await lane.release()
        throw error
      }
    }
    return nil
  }

  /// Says what the turn came to, in the journal first.
  private func conclude(_ pass: Pass) async throws -> End {
    if pass.halt == .changed {
      log.notice("the recording changed while it was at work; what was cut is dropped")
      try await journal.discard(clips: pass.entered, of: job.id, recording: claim.recording.id)
      return .queued
    }
    let clips = try await journal.clips(of: job.id)
    var facts = pass.source
    var trouble: String?
    switch pass.end {
    case .said(let said):
      facts?.seconds = Double(said.length) / Double(ClipRange.sampleRate)
      facts?.silences = Self.silences(between: clips, length: said.length)
      if said.verdict != .whole { trouble = said.reason }
      if clips.isEmpty, said.verdict != .whole { return try await end(.failed, said.reason, facts) }
    case .failed(let reason):
      // A child that dies while dropscribe stops is no verdict on its recording.
      if await lane.isClosed { return try await requeue(nil) }
      trouble = reason
      if clips.isEmpty { return try await end(.failed, reason, facts) }
      facts?.seconds = clips.last?.range.endSeconds
    case .stopped, nil: break
    }
    facts?.damage = trouble ?? job.source?.damage
    if let facts { try await journal.learn(facts, job: job.id) }
    let deferred = pass.fates.compactMap { if case .deferred(let time) = $0 { time } else { nil } }.max()
    if clips.contains(where: { $0.state == .pending }) || pass.halt != nil {
      guard let deferred else { return try await requeue(await lane.pause?.reason) }
      _ = try await requeue("the endpoint asked for time, or keeps failing")
      return .deferred(deferred)
    }
    guard !clips.isEmpty, clips.allSatisfy({ $0.state == .gap }) else { return try await end(.done, nil) }
    let first = clips[0]
    let why = first.gap?.rawValue ?? "no reply"
    return try await end(.failed, first.detail.map { "\(why): \($0)" } ?? why)
  }

  private func requeue(_ reason: String?) async throws -> End {
    try await journal.requeue(job.id, reason: reason)
    return .queued
  }

  private func end(_ state: Job.State, _ reason: String?, _ facts: SourceFacts? = nil) async throws -> End {
    if let facts { try await journal.learn(facts, job: job.id) }
    try await journal.finish(job.id, state, reason: reason)
    return .final
  }

  /// The stretches that no clip covers: what the slicer left out.
  static func silences(between clips: [Clip], length: Int64) -> [ClipRange] {
    var silences: [ClipRange] = []
    var reached: Int64 = 0
    for clip in clips {
      if clip.range.start > reached { silences.append(ClipRange(start: reached, end: clip.range.start)) }
      reached = max(reached, clip.range.end)
    }
    if length > reached { silences.append(ClipRange(start: reached, end: length)) }
    return silences
  }
}

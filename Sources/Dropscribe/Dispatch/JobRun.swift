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
    /// Back in the queue.
    case queued
  }

  /// Clips that a job may send from the place that is kept for short recordings before it makes room.
  static let shortJob = 8
  /// A slicer that dies is started again, up to so many passes a turn: it may not have been the recording's
  /// fault, and what was bought is not bought again.
  static let mostPasses = 3

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
    /// The slicer passed over a place among the clips.
    case nonsense
  }

  /// What the passes of a turn gathered.
  private struct Pass {
    var source: SourceFacts?
    /// The job's clips when the last pass began: the cuts that stood.
    var standing: [Clip]
    /// How many clips the job has now.
    var count: Int
    /// The clips that the slicer delivered.
    var entered: Set<Int64> = []
    /// How the last pass ended; nil when none was needed.
    var end: Cutter.End?
    var halt: Halt?
    var fates: [ClipSender.Fate] = []

    init(_ claim: Journal.Claim) {
      source = claim.job.source
      standing = claim.clips
      count = claim.clips.count
    }
  }

  /// Takes the turn. It throws only what the journal and starting a child throw; the job is then still marked
  /// as running.
  func callAsFunction() async throws -> End {
    var pass = Pass(claim)
    if job.source?.seconds != nil, claim.clips.allSatisfy({ $0.state != .pending }) {
      await sliced()
      return try await conclude(pass)
    }
    do {
      try await withThrowingTaskGroup(of: ClipSender.Fate.self) { group in
        for number in 1...Self.mostPasses {
          try await read(&pass, &group)
          guard case .failed(let reason) = pass.end, pass.halt == nil, number < Self.mostPasses,
            await !lane.isClosed
          else { break }
          log.warning("the slicer failed and is started again", metadata: ["reason": "\(reason)"])
          pass.standing = try await journal.clips(of: job.id)
        }
        await sliced()
        for try await fate in group { pass.fates.append(fate) }
      }
      return try await conclude(pass)
    } catch let problem as SourceFile.Problem {
      await sliced()
      guard case .unreadable = problem else {
        pass.halt = .changed
        return try await conclude(pass)
      }
      await lane.defer([job.id], for: .seconds(30))
      return try await requeue("\(problem)")
    }
  }

  /// Reads the recording once, from its start, and sends its clips as they come.
  private func read(_ pass: inout Pass, _ group: inout ThrowingTaskGroup<ClipSender.Fate, any Error>)
    async throws
  {
    let source = try await SourceFile(claim.recording)
    var request = SliceRequest()
    request.maxSeconds = job.question.clip.maxSeconds
    request.minSeconds = job.question.clip.minSeconds
    request.skip = job.question.clip.skip
    request.skipSilenceSeconds = job.question.clip.skipSilenceSeconds
    request.overlapSeconds = job.question.clip.overlapSeconds
    request.channels = job.question.clip.channels
    request.encoding = job.question.clip.encoding
    let under = pass.entered
    request.pinned = pass.standing.map {
      .init(channel: $0.channel, range: $0.range, wanted: $0.state == .pending && !under.contains($0.id))
    }
    pass.end = try await cutter.cut(source.descriptor, request) { frame in
      switch frame {
      case .format(let format):
        let facts = SourceFacts(
          format: format.name,
          sampleRate: format.sampleRate,
          channels: format.channels
        )
        if pass.source == nil { try await journal.learn(facts, job: job.id) }
        pass.source = facts
      case .clip(let cut):
        pass.halt = try await take(cut, &pass, &group)
        return pass.halt == nil ? .more : .enough
      case .silence, .end: break
      }
      return .more
    }
    if pass.halt == .nonsense { (pass.end, pass.halt) = (.failed("the slicer left clips out"), nil) }
    do throws(SourceFile.Problem) { try await source.check() } catch { pass.halt = .changed }
  }

  /// Enters one clip and sends it, unless a stored reply serves.
  private func take(
    _ cut: SliceFrame.Clip,
    _ pass: inout Pass,
    _ group: inout ThrowingTaskGroup<ClipSender.Fate, any Error>
  ) async throws -> Halt? {
    guard cut.index <= pass.count else { return .nonsense }
    let clip = try await journal.enter(cut, of: job)
    pass.count = max(pass.count, cut.index + 1)
    guard pass.entered.insert(clip.id).inserted, clip.state == .pending else { return nil }
    if isFresh, pass.entered.count > Self.shortJob, try await journal.hasFresh(endpoint: lane.name) {
      return .makeRoom
    }
    guard await lane.acquire() else { return .noSlot }
    let question = job.question
    group.addTask {
      do {
        let fate = try await sender.send(clip, of: question, audio: cut.audio)
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
      try await journal.discard(
        clips: pass.entered.sorted(),
        standing: claim.clips.map(\.id),
        of: job.id,
        recording: claim.recording.id
      )
      return .queued
    }
    if case .said(let said) = pass.end, said.verdict == .decoderMissing, pass.halt == nil {
      // No verdict on the recording: its clips keep their places.
      try await journal.finish(job.id, .failed, reason: said.reason, lacks: .ffmpeg)
      return .final
    }
    let clips = try await settle(pass)
    var facts = pass.source
    switch pass.end {
    case .said(let said):
      facts?.seconds = Double(said.length) / Double(ClipRange.sampleRate)
      facts?.silences = silences(between: clips, pass.source, length: said.length)
      facts?.damage = said.verdict == .whole ? nil : said.reason
      if clips.isEmpty, said.verdict != .whole { return try await end(.failed, said.reason, facts) }
    case .failed(let reason):
      // A child that dies while dropscribe stops is no verdict on its recording.
      if await lane.isClosed { return try await requeue(nil) }
      if clips.isEmpty { return try await end(.failed, reason, facts) }
      facts?.seconds = clips.map(\.range.endSeconds).max()
      facts?.damage = reason
    case .stopped, nil: break
    }
    if let facts { try await journal.learn(facts, job: job.id) }
    if clips.contains(where: { $0.state == .pending }) || pass.halt != nil {
      let waits = pass.fates.compactMap { if case .deferred(let time) = $0 { time } else { nil } }
      guard let longest = waits.max() else { return try await requeue(await lane.pause?.reason) }
      // First, or another place would take it at once.
      await lane.defer([job.id], for: longest)
      return try await requeue("the endpoint asked for time, or keeps failing")
    }
    let asked = clips.filter { $0.state != .equal }
    guard let first = asked.first, asked.allSatisfy({ $0.state == .gap }) else {
      return try await end(.done, nil)
    }
    let why = first.gap?.rawValue ?? "no reply"
    return try await end(.failed, first.detail.map { "\(why): \($0)" } ?? why)
  }

  /// The job's clips. What a slicer did not deliver though it came to an end, none will.
  private func settle(_ pass: Pass) async throws -> [Clip] {
    let clips = try await journal.clips(of: job.id)
    let detail: String
    switch pass.end {
    case .said(let said) where pass.halt == nil:
      detail = said.reason.isEmpty ? "the slicer found no such part" : said.reason
    case .failed(let reason) where pass.halt == nil: detail = reason
    default: return clips
    }
    if await lane.isClosed { return clips }
    let lost = clips.filter { $0.state == .pending && !pass.entered.contains($0.id) }
    if lost.isEmpty { return clips }
    try await journal.close(lost.map(\.id), .init(state: .gap, gap: .failed, detail: detail))
    return try await journal.clips(of: job.id)
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

  /// The stretches that no clip covers, channel by channel: what the slicer left out.
  private func silences(between clips: [Clip], _ source: SourceFacts?, length: Int64) -> [SourceFacts.Silence]
  {
    let channels = job.question.clip.splitChannels(of: source?.channels ?? 1)
    return channels.flatMap { channel in
      Self.silences(between: clips.filter { $0.channel == channel }, length: length).map {
        SourceFacts.Silence(range: $0, channel: channel)
      }
    }
  }

  /// The stretches of one signal that no clip covers.
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

internal import Crypto
import FoundationEssentials
import Messages

extension UsageSidecar {
  /// What `report` says.
  ///
  /// - Parameters:
  ///   - outputs: The text files that stand beside the recording, or stood there until their consumer took
  ///     them.
  ///   - earlier: The usage sidecar that is there now, for jobs that only it remembers.
  init(_ report: RecordingReport, outputs: [SidecarKind: WrittenSidecar], earlier: UsageSidecar?) {
    var tasks: [String: Task] = [:]
    let earlier = earlier?.source.sha256 == report.recording.sha256 ? earlier : nil
    for job in report.jobs {
      let name = job.job.task
      tasks[name] = job.isEarlier ? earlier?.tasks[name] ?? Task(job, outputs) : Task(job, outputs)
    }
    program = Program(version: report.version)
    written = report.now
    source = Source(report, earlier: earlier)
    totals = Totals(of: Array(tasks.values))
    let states = tasks.values.compactMap { Job.State(rawValue: $0.state) }
    final = states.allSatisfy(\.isFinal)
    complete =
      states.contains(.done) && states.allSatisfy { $0 == .done || $0 == .cancelled }
      && tasks.values.allSatisfy { $0.state != Job.State.done.rawValue || $0.gaps.isEmpty }
      && source.damage == nil
    self.tasks = tasks
  }

  /// Seconds to the millisecond, which is as fine as a person or a player can use.
  fileprivate static func milliseconds(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}

extension UsageSidecar.Source {
  fileprivate init(_ report: RecordingReport, earlier: UsageSidecar?) {
    let recording = report.recording
    let name = FileName(lastOf: recording.path)
    self.name = name?.text ?? ""
    nameBytes = name?.base64UnlessText
    sha256 = recording.sha256
    bytes = recording.identity.size
    // Tasks may be at different places: the one that read furthest knows most.
    let facts = report.jobs.compactMap(\.job.source)
    let best = facts.first { $0.seconds != nil } ?? facts.first
    seconds = best?.seconds.map(UsageSidecar.milliseconds) ?? earlier?.source.seconds
    format = best?.format ?? earlier?.source.format
    sampleRate = best?.sampleRate ?? earlier?.source.sampleRate
    channels = best?.channels ?? earlier?.source.channels
    damage = facts.lazy.compactMap(\.damage).first ?? (best == nil ? earlier?.source.damage : nil)
  }
}

extension UsageSidecar.Task {
  fileprivate init(_ report: JobReport, _ outputs: [SidecarKind: WrittenSidecar]) {
    let (job, question) = (report.job, report.job.question)
    let clips = report.clips.sorted { $0.index < $1.index }
    let silences = job.source?.silences ?? []
    let transcript = Transcript(of: job, clips: clips)

    state = job.state.rawValue
    reason = job.reason
    endpoint = Self.host(of: question.address)
    model = question.model
    modelsAnswered = clips.compactMap { $0.reply?.model }.reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
    instruction = question.instruction
    instructionSha256 = SHA256.hash(data: Data(question.instruction.utf8)).hex
    system = question.system
    queued = job.created
    started = clips.flatMap(\.attempts).map(\.started).min()
    finished = job.finished
    sums = UsageSidecar.Sums(of: clips, prices: report.prices)
    self.clips = clips.enumerated().map { place, clip in
      UsageSidecar.ClipEntry(clip, after: place > 0 ? clips[place - 1] : nil, transcript.warnings)
    }
    self.silences = silences.map {
      UsageSidecar.Stretch(
        channel: $0.channel.map { $0 + 1 },
        start: UsageSidecar.milliseconds($0.range.startSeconds),
        end: UsageSidecar.milliseconds($0.range.endSeconds)
      )
    }
    // Of a job that is not done, the clips tell all: it has no text yet in which a stretch could be missing.
    let isDone = job.state == .done && !report.isEarlier
    gaps = isDone ? transcript.gaps.map(UsageSidecar.Gap.init) : []
    warnings = isDone ? transcript.warnings.map(UsageSidecar.Warning.init) : []
    if let count = job.source?.channels, question.clip.channels == .split,
      count > SliceRequest.mostSplitChannels
    {
      let message = "\(count) channels are more than can be told apart: they were mixed into one"
      warnings.append(UsageSidecar.Warning(kind: "mixed", message: message))
    }
    if let damage = job.source?.damage {
      warnings.append(
        UsageSidecar.Warning(kind: "damaged", message: "a part of the recording is lost: \(damage)")
      )
    }
    if report.isEarlier {
      let message = "done before the journal was lost, and no usage sidecar remembers what it took"
      warnings.append(UsageSidecar.Warning(kind: "earlier", message: message))
    }
    self.outputs = outputs.compactMap { kind, written in
      guard case .text(job.task, let format) = kind else { return nil }
      return UsageSidecar.Output(
        format: format,
        name: written.name.text,
        nameBytes: written.name.base64UnlessText,
        sha256: written.sha256
      )
    }.sorted { $0.format < $1.format }
  }

  /// Host and port of an address: no user, no password, no path, no query.
  static func host(of address: String) -> String {
    let afterScheme = address.firstRange(of: "://").map { address[$0.upperBound...] } ?? address[...]
    let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return String(authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority)
  }
}

extension UsageSidecar.ClipEntry {
  fileprivate init(_ clip: Clip, after last: Clip?, _ doubts: [Transcript.Warning]) {
    index = clip.index
    channel = clip.channel.map { $0 + 1 }
    start = UsageSidecar.milliseconds(clip.range.startSeconds)
    end = UsageSidecar.milliseconds(clip.range.endSeconds)
    if let last, last.range.end > clip.range.start {
      let shared = ClipRange(start: clip.range.start, end: last.range.end)
      overlap = UsageSidecar.milliseconds(shared.seconds)
    }
    state = clip.state.rawValue
    gap = clip.gap?.rawValue
    detail = clip.detail
    finishReason = clip.reply?.finishReason
    tokens = clip.reply?.usage.map(UsageSidecar.Tokens.init)
    reused = clip.isReused ? true : nil
    attempts = clip.attempts.count
    let failed = clip.attempts.filter { $0.outcome != .answered }.map(UsageSidecar.FailedAttempt.init)
    failedAttempts = failed.isEmpty ? nil : failed
    milliseconds = clip.attempts.last { $0.outcome == .answered }?.milliseconds
    let kinds = doubts.filter { $0.at == clip.range.end }.map(\.kind.rawValue)
    warnings = kinds.isEmpty ? nil : kinds
  }
}

extension UsageSidecar.FailedAttempt {
  fileprivate init(_ attempt: Attempt) {
    started = attempt.started
    outcome = attempt.outcome.rawValue
    status = attempt.status
    milliseconds = attempt.milliseconds
    detail = attempt.detail
  }
}

extension UsageSidecar.Gap {
  fileprivate init(_ gap: Transcript.Gap) {
    channel = gap.channel.map { $0 + 1 }
    start = UsageSidecar.milliseconds(gap.range.startSeconds)
    end = UsageSidecar.milliseconds(gap.range.endSeconds)
    reason = gap.words
    details = gap.details
  }
}

extension UsageSidecar.Warning {
  fileprivate init(_ warning: Transcript.Warning) {
    kind = warning.kind.rawValue
    channel = warning.channel.map { $0 + 1 }
    at = warning.at.map { UsageSidecar.milliseconds(Double($0) / Double(ClipRange.sampleRate)) }
    message = warning.message
  }
}

extension UsageSidecar.Totals {
  fileprivate init(of tasks: [UsageSidecar.Task]) {
    clips = tasks.reduce(0) { $0 + $1.clips.count }
    gaps = tasks.reduce(0) { $0 + $1.gaps.count }
    tokens = tasks.reduce(into: UsageSidecar.Tokens()) { $0 += $1.sums.tokens }
    attempts = tasks.reduce(into: UsageSidecar.AttemptCounts()) { $0 += $1.sums.attempts }
    repliesWithoutUsage = tasks.reduce(0) { $0 + $1.sums.repliesWithoutUsage }
    costs = UsageSidecar.Cost.totals(of: tasks.compactMap(\.sums.cost))
  }
}

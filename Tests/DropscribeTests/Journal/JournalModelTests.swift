import GRDB
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

/// The journal against a small model of it, under random histories with restarts at any moment.
@Suite struct JournalModelTests {
  @Test(arguments: 1...12)
  func noCommittedReplyIsLostOrAskedAgain(_ seed: UInt64) async throws {
    var history = try JournalHistory(seed: seed)
    for _ in 0..<120 {
      try await history.step()
      try await history.check()
    }
    try history.fixture.reopen()
    history.hasRestarted()
    try await history.check()
  }
}

/// What happened to a journal, and what it must know of that.
private struct JournalHistory {
  struct ModelClip: Equatable {
    var audio: String
    var state: Clip.State
    var text: String?
    /// Attempts that ended without anybody hearing how.
    var unknown = 0
  }

  struct ModelJob {
    var state: Job.State
    var clips: [ModelClip] = []
  }

  let fixture: JournalFixture
  private var dice: SeededGenerator
  private var files: [String: String] = [:]
  /// By content.
  private var jobs: [String: ModelJob] = [:]
  private var atWork: [String: Journal.Claim] = [:]
  private var serial = 0

  private static let names = ["a.wav", "b.wav", "c.wav", "d.wav"]
  private static let contents = ["one", "two", "three", "four", "five"]

  init(seed: UInt64) throws {
    fixture = try JournalFixture()
    dice = SeededGenerator(state: seed)
  }

  mutating func step() async throws {
    switch Int.random(in: 0..<20, using: &dice) {
    case 0...2: try await enter()
    case 3: try await lose()
    case 4...6: try await claim()
    case 7...13: try await cut()
    case 14: try await requeue()
    case 15...16: try await finish()
    case 17: try await retry()
    case 18: try await discard()
    default:
      try fixture.reopen()
      hasRestarted()
    }
  }

  mutating func hasRestarted() {
    for content in atWork.keys { jobs[content]?.state = .queued }
    atWork = [:]
  }

  /// Jobs and clips are as the model has them.
  func check() async throws {
    let rows = try await fixture.journal.read { db in try AllJobs.fetch(db) }
    #expect(rows.count == jobs.count)
    for (job, clips) in rows {
      let content = try #require(Self.contents.first { JournalFixture.sha256($0) == job.sha256 })
      let model = try #require(jobs[content])
      #expect(job.state == model.state)
      #expect(clips.map(\.index) == Array(0..<clips.count))
      #expect(clips.map(\.state) == model.clips.map(\.state))
      #expect(clips.map(\.reply?.text) == model.clips.map(\.text))
      #expect(
        clips.map { $0.attempts.count { $0.outcome == .unknown } } == model.clips.map(\.unknown)
      )
    }
  }

  // MARK: What happens

  private mutating func enter() async throws {
    let (name, content) = (pick(Self.names), pick(Self.contents))
    try await fixture.enter(name, content)
    files[name] = content
    if jobs[content] == nil { jobs[content] = ModelJob(state: .queued) }
  }

  private mutating func lose() async throws {
    let name = pick(Self.names)
    try await fixture.journal.lose(FilePath("/srv/inbox/\(name)"))
    files[name] = nil
  }

  private mutating func claim() async throws {
    let ready = jobs.filter { $0.value.state == .queued && files.values.contains($0.key) }.keys
    let claim = try await fixture.claim(fresh: Bool.random(using: &dice))
    guard let claim else {
      #expect(ready.isEmpty)
      return
    }
    let content = try #require(ready.first { JournalFixture.sha256($0) == claim.job.sha256 })
    #expect(files[claim.recording.path.lastComponent?.string ?? ""] == content)
    #expect(claim.clips.map(\.state) == jobs[content]?.clips.map(\.state))
    try await fixture.journal.learn(JournalFixture.facts(seconds: nil), job: claim.job.id)
    jobs[content]?.state = .running
    atWork[content] = claim
  }

  /// The next clip, or one that still waits, is cut and perhaps sent.
  private mutating func cut() async throws {
    guard let (content, claim) = atWork.min(by: { $0.key < $1.key }), let model = jobs[content]
    else { return }
    let index = model.clips.firstIndex { $0.state == .pending } ?? model.clips.count
    guard index < 4 else { return }
    // Every recording begins with the same words.
    let audio = index == 0 ? "jingle" : "\(content) \(index)"
    let stored = Set(
      jobs.values.flatMap(\.clips).filter { $0.audio == audio && $0.state == .done }.map(\.text)
    )
    let clip = try await fixture.journal.enter(JournalFixture.cut(index, audio), of: claim.job)
    if index == model.clips.count {
      jobs[content]?.clips.append(ModelClip(audio: audio, state: .pending))
    }
    if !stored.isEmpty {
      #expect(clip.state == .done, "bought already")
      #expect(stored.contains(clip.reply?.text))
      jobs[content]?.clips[index].state = .done
      jobs[content]?.clips[index].text = clip.reply?.text
      return
    }
    #expect(clip.state == .pending)
    switch Int.random(in: 0..<6, using: &dice) {
    case 0: break
    case 1:
      try await fixture.fail(clip)
      jobs[content]?.clips[index].state = .gap
    case 2:
      _ = try await fixture.journal.begin(clip: clip.id)
      try fixture.reopen()
      hasRestarted()
      jobs[content]?.clips[index].unknown += 1
    default:
      serial += 1
      try await fixture.answer(clip, "\(audio), reply \(serial)")
      jobs[content]?.clips[index].state = .done
      jobs[content]?.clips[index].text = "\(audio), reply \(serial)"
    }
  }

  private mutating func requeue() async throws {
    guard let (content, claim) = atWork.min(by: { $0.key < $1.key }) else { return }
    try await fixture.journal.requeue(claim.job.id)
    jobs[content]?.state = .queued
    atWork[content] = nil
  }

  private mutating func finish() async throws {
    let whole = atWork.filter { jobs[$0.key]?.clips.contains { $0.state == .pending } == false }
    guard let (content, claim) = whole.min(by: { $0.key < $1.key }) else { return }
    let state: Job.State = jobs[content]?.clips.isEmpty == true ? .failed : .done
    try await fixture.journal.finish(claim.job.id, state, reason: nil)
    jobs[content]?.state = state
    atWork[content] = nil
  }

  private mutating func retry() async throws {
    let (name, isAgain) = (pick(Self.names), Bool.random(using: &dice))
    let (asked, rewritten) = try await fixture.journal.retry(
      paths: [FilePath("/srv/inbox/\(name)")],
      task: nil,
      isAgain ? .again : .mend
    )
    guard let content = files[name], let job = jobs[content],
      job.state == .done || job.state == .failed
    else {
      #expect(asked.isEmpty && rewritten.isEmpty)
      return
    }
    let hasGaps = job.clips.contains { $0.state == .gap }
    guard isAgain || hasGaps || job.state == .failed else {
      #expect((asked.count, rewritten.count) == (0, 1))
      return
    }
    #expect((asked.count, rewritten.count) == (1, 0))
    jobs[content]?.state = .queued
    if isAgain {
      jobs[content]?.clips = []
    } else {
      for index in job.clips.indices where job.clips[index].state == .gap {
        jobs[content]?.clips[index].state = .pending
      }
    }
  }

  /// The file turns out to have changed while the clips that this turn cut were sent.
  private mutating func discard() async throws {
    guard let (content, claim) = atWork.min(by: { $0.key < $1.key }) else { return }
    let clips = try await fixture.journal.clips(of: claim.job.id)
    let stood = claim.clips.filter { $0.state == .pending }.map(\.id)
    let standing = Set(claim.clips.map(\.id))
    try await fixture.journal.discard(
      clips: clips.map(\.id).filter { stood.contains($0) || !standing.contains($0) },
      standing: claim.clips.map(\.id),
      of: claim.job.id,
      recording: claim.recording.id
    )
    for (name, other) in files
    where FilePath("/srv/inbox/\(name)") == claim.recording.path && other == content {
      files[name] = nil
    }
    for (index, clip) in clips.enumerated() where stood.contains(clip.id) {
      jobs[content]?.clips[index].state = .pending
      jobs[content]?.clips[index].text = nil
    }
    jobs[content]?.clips.removeLast(clips.count - claim.clips.count)
    jobs[content]?.state = .queued
    atWork[content] = nil
  }

  private mutating func pick(_ all: [String]) -> String {
    all[Int.random(in: 0..<all.count, using: &dice)]
  }
}

/// Every job with its clips.
private enum AllJobs {
  static func fetch(_ db: Database) throws -> [(Job, [Clip])] {
    try Row.fetchAll(db, sql: "SELECT * FROM job ORDER BY id").map(Job.init(row:))
      .map { ($0, try Clip.all(of: $0.id, db)) }
  }
}

import FoundationEssentials
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

/// Files that come, go, change and are called something else.
@Suite struct JournalRecordingTests {
  private static let kind = SidecarKind.text(task: "transcript", format: "txt")

  /// Says that the text and the usage sidecar of a recording were written.
  private func deliver(_ fixture: JournalFixture, _ recording: Recording) async throws {
    let story = try #require(try await fixture.journal.story(of: recording.id))
    var written: [SidecarKind: WrittenSidecar] = [:]
    for kind in [Self.kind, .usage] {
      let name = try #require(
        FileName(bytes: "\(recording.path.lastComponent?.string ?? "").\(kind.rawValue)".utf8)
      )
      written[kind] = WrittenSidecar(
        name: name,
        sha256: recording.sha256,
        meaning: recording.sha256
      )
    }
    try await fixture.journal.delivered(
      recording.id,
      sidecars: written,
      jobs: story.jobs.map(\.job)
    )
  }

  @Test func theSameBytesUnderTwoNamesAreOneJobWithTwoPlaces() async throws {
    let fixture = try JournalFixture()
    let first = try await fixture.enter("a.wav", "same")
    let second = try await fixture.enter("b.wav", "same")
    #expect(first.id != second.id)
    let job = try #require(try await fixture.work(["words"]))
    #expect(try await fixture.claim() == nil)
    #expect(try await fixture.job("a.wav")?.id == job.id)
    #expect(
      try await fixture.journal.recordings(with: first.sha256).map(\.id) == [first.id, second.id]
    )
    #expect(try await fixture.journal.undelivered() == [first.id, second.id])
    try await deliver(fixture, first)
    #expect(try await fixture.journal.undelivered() == [second.id])
  }

  @Test func aRenamedFileIsServedFromTheJournal() async throws {
    let fixture = try JournalFixture()
    let first = try await fixture.enter("a.wav", "a")
    try await fixture.work(["words"])
    try await deliver(fixture, first)
    try await fixture.journal.lose(first.path)
    let second = try await fixture.enter("b.wav", "a")
    #expect(try await fixture.claim() == nil)
    #expect(try await fixture.journal.undelivered() == [second.id])
    #expect(
      try await fixture.journal.story(of: second.id)?.jobs.map { $0.clips.map(\.reply?.text) } == [
        ["words"]
      ]
    )
    #expect(try await fixture.journal.story(of: first.id) == nil)
  }

  @Test func aFileThatWentAwayAndCameBackIsTheSameRecordingWithTheSidecarsThatItHas() async throws {
    let fixture = try JournalFixture()
    let first = try await fixture.enter("a.wav", "a")
    try await fixture.work(["words"])
    try await deliver(fixture, first)
    try await fixture.journal.lose(first.path)
    #expect(try await fixture.journal.known(at: first.path) == nil)
    #expect(try await fixture.journal.known(in: "inbox").isEmpty)
    let entry = try await fixture.journal.enter(JournalFixture.found("a.wav", "a"), earlier: nil)
    #expect(entry.recording.id == first.id)
    #expect(!entry.hasOldSidecars)
    #expect(try await fixture.journal.undelivered().isEmpty)
  }

  @Test(arguments: [false, true])
  func otherBytesUnderANameInheritItsSidecars(_ wasSeenGone: Bool) async throws {
    let fixture = try JournalFixture()
    let first = try await fixture.enter("a.wav", "a")
    try await fixture.work(["words"])
    try await deliver(fixture, first)
    if wasSeenGone { try await fixture.journal.lose(first.path) }

    let entry = try await fixture.journal.enter(
      JournalFixture.found("a.wav", "other"),
      earlier: nil
    )
    #expect(entry.hasOldSidecars)
    let old = try await fixture.journal.inheritedSidecars(of: entry.recording.id)
    #expect(old.values.map(\.sha256) == [first.sha256, first.sha256])
    #expect(try await fixture.journal.recordings(with: first.sha256).isEmpty)
    #expect(try await fixture.claim()?.recording.id == entry.recording.id)
    try await fixture.journal.withdrawn(entry.recording.id)
    #expect(try await fixture.journal.inheritedSidecars(of: entry.recording.id).isEmpty)
  }

  @Test func theFirstBytesGetTheirTextAgainWhenTheyComeBackUnderTheirName() async throws {
    let fixture = try JournalFixture()
    let first = try await fixture.enter("a.wav", "a")
    try await fixture.work(["words"])
    try await deliver(fixture, first)
    let second = try await fixture.enter("a.wav", "b")
    try await fixture.work(["other words"])
    try await deliver(fixture, second)
    #expect(try await fixture.journal.undelivered().isEmpty)

    let back = try await fixture.journal.enter(JournalFixture.found("a.wav", "a"), earlier: nil)
    #expect(back.recording.id == first.id)
    #expect(back.hasOldSidecars)
    #expect(try await fixture.journal.undelivered() == [first.id])
    #expect(try await fixture.claim() == nil)
  }

  @Test func sidecarsOfItsOwnAreNotTakenForOldOnes() async throws {
    let fixture = try JournalFixture()
    let first = try await fixture.enter("a.wav", "a")
    try await fixture.work(["words"])
    try await deliver(fixture, first)
    let second = try await fixture.enter("a.wav", "b")
    try await fixture.work(["other words"])
    try await deliver(fixture, second)
    #expect(try await fixture.journal.inheritedSidecars(of: second.id).isEmpty)
  }

  @Test func aTouchedFileIsKnownByItsNewTimes() async throws {
    let fixture = try JournalFixture()
    let first = try await fixture.enter("a.wav", "a", came: 1)
    let later = JournalFixture.found("a.wav", "a", came: 2)
    let again = try await fixture.journal.enter(later, earlier: nil).recording
    #expect(again.id == first.id)
    #expect(try await fixture.journal.known(at: first.path) == later.identity)
    #expect(try await fixture.journal.known(in: "inbox") == [first.path: later.identity])
  }

  @Test func namesAreBytes() async throws {
    let fixture = try JournalFixture()
    var found = JournalFixture.found("x", "x")
    found.path = FilePath(bytes: Array("/srv/inbox/".utf8) + [0x61, 0x0A, 0xFF, 0xC3, 0x22])
    try await fixture.journal.enter(found, earlier: nil)
    try fixture.reopen()
    #expect(try await fixture.journal.known(in: "inbox").keys.map(\.bytes) == [found.path.bytes])
    #expect(try await fixture.claim()?.recording.path.bytes == found.path.bytes)
  }

  // MARK: A journal that was lost

  private static func earlier(_ sha256: String, tasks: [String]) throws -> EarlierWork {
    let tasks = tasks.map {
      """
      "\($0)": {"state": "done", "finished": "2026-09-21T08:00:00Z", "outputs":
      [{"format": "txt", "name": "a.wav.txt", "sha256": "\(String(repeating: "7", count: 64))"}]}
      """
    }
    let text = """
      {"schema": 1, "program": {"name": "dropscribe", "version": "0.1.0"}, "source": {"name": "a.wav",
      "sha256": "\(sha256)", "format": "WAV", "sample_rate": 16000, "channels": 1, "seconds": 10},
      "tasks": {\(tasks.joined(separator: ","))}}
      """
    let usage = try #require(FileName(bytes: "a.wav.usage.json".utf8))
    let recording = try #require(FileName(bytes: "a.wav".utf8))
    return try #require(EarlierWork(Data(text.utf8), name: usage, recording: recording))
  }

  @Test func whatAUsageSidecarShowsAsDoneIsNotBought() async throws {
    let fixture = try JournalFixture(
      JournalFixture.configuration(
        tasks: [JournalFixture.task(), JournalFixture.task("spanish")],
        folders: [JournalFixture.folder(tasks: ["transcript", "spanish"])]
      )
    )
    let found = JournalFixture.found("a.wav", "a")
    let earlier = try Self.earlier(found.sha256, tasks: ["transcript"])
    let recording = try await fixture.journal.enter(found, earlier: earlier).recording
    let job = try #require(try await fixture.job("a.wav"))
    #expect(job.state == .done)
    #expect(job.isEarlier)
    #expect(job.source?.format == "WAV")
    #expect(try await fixture.journal.undelivered().isEmpty)
    #expect(
      try await fixture.journal.story(of: recording.id)?.sidecars[Self.kind]?.name.text
        == "a.wav.txt"
    )
    #expect(try await fixture.claim()?.job.task == "spanish")
    #expect(try await fixture.claim() == nil)
  }

  @Test func bytesWhoseTextStandsBesideAnotherFileOnlyAreBoughtForTheOther() async throws {
    let fixture = try JournalFixture()
    let found = JournalFixture.found("a.wav", "a")
    try await fixture.journal.enter(
      found,
      earlier: try Self.earlier(found.sha256, tasks: ["transcript"])
    )
    try await fixture.enter("b.wav", "a")
    let job = try #require(try await fixture.work(["words"]))
    #expect(!job.isEarlier)
    #expect(try await fixture.journal.undelivered().count == 2)
  }

  @Test func sidecarsOfALostJournalAreReplacedAndNotNumbered() async throws {
    let fixture = try JournalFixture()
    try await fixture.enter("b.wav", "a")
    let found = JournalFixture.found("a.wav", "a")
    let earlier = try Self.earlier(found.sha256, tasks: ["transcript"])
    let recording = try await fixture.journal.enter(found, earlier: earlier).recording
    #expect(try await fixture.job("a.wav")?.state == .queued)
    #expect(
      try await fixture.journal.story(of: recording.id)?.sidecars[Self.kind]
        == earlier.written[Self.kind]
    )
  }

  @Test func aTextThatALostJournalBoughtCanBeBoughtAgain() async throws {
    let fixture = try JournalFixture()
    let found = JournalFixture.found("a.wav", "a")
    try await fixture.journal.enter(
      found,
      earlier: try Self.earlier(found.sha256, tasks: ["transcript"])
    )
    let (asked, _) = try await fixture.journal.retry(paths: [found.path], task: nil, .again)
    #expect(asked.count == 1)
    let claim = try #require(try await fixture.claim())
    #expect(claim.job.source == nil, "it is to be read anew")
    #expect(!claim.job.isEarlier)
  }
}

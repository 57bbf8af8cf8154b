import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct SidecarWriterTests {
  private typealias Fixture = SidecarFixture

  /// What filesystems can do, from the best to FAT.
  static let abilities = [
    SidecarFolder.Abilities(), .init(renameFlags: false), .init(renameFlags: false, links: false),
  ]

  @Test(arguments: abilities) func textAndUsageStandBesideTheRecording(
    _ abilities: SidecarFolder.Abilities
  ) throws {
    let at = try Fixture(abilities: abilities)
    let notices = try at.write(Fixture.job("transcript", "Hello.", "How are you?"))
    #expect(try at.names() == ["standup.wav.txt", "standup.wav.usage.json"])
    #expect(try at.read("standup.wav.txt") == "Hello. How are you?\n")
    #expect(try at.usage().complete)
    #expect(notices.map(\.subject.kind) == [Fixture.text, .usage])
    #expect(try at.read("standup.wav") == "RIFF, so to speak")
  }

  @Test(arguments: abilities) func aRewriteReplacesWhatWeWrote(_ abilities: SidecarFolder.Abilities)
    throws
  {
    let at = try Fixture(abilities: abilities)
    try at.write(Fixture.job("transcript", "One."))
    try at.write(Fixture.job("transcript", "Two."))
    #expect(try at.names() == ["standup.wav.txt", "standup.wav.usage.json"])
    #expect(try at.read("standup.wav.txt") == "Two.\n")
  }

  @Test(arguments: abilities) func aFileThatIsNotOursIsKept(_ abilities: SidecarFolder.Abilities)
    throws
  {
    let at = try Fixture(abilities: abilities)
    try at.put("my notes", at: "standup.wav.txt")
    try at.put("{}", at: "standup.wav.usage.json")
    try at.put("more notes", at: "standup.wav.2.txt")
    let notices = try at.write(Fixture.job("transcript", "Hello."))
    #expect(try at.read("standup.wav.txt") == "my notes")
    #expect(try at.read("standup.wav.2.txt") == "more notes")
    #expect(try at.read("standup.wav.usage.json") == "{}")
    #expect(try at.read("standup.wav.3.txt") == "Hello.\n")
    #expect(
      try at.usage("standup.wav.usage.2.json").tasks["transcript"]?.outputs.map(\.name) == [
        "standup.wav.3.txt"
      ]
    )
    let foreign = try #require(notices.first)
    guard case .foreign(Fixture.text, _, let wrote) = foreign else {
      Issue.record("\(foreign)")
      return
    }
    #expect(wrote.text == "standup.wav.3.txt")
    try at.write(Fixture.job("transcript", "Hello again."))
    #expect(try at.read("standup.wav.3.txt") == "Hello again.\n")
    #expect(try at.names().count == 5)
  }

  @Test(arguments: abilities) func anEditedFileIsKept(_ abilities: SidecarFolder.Abilities) throws {
    let at = try Fixture(abilities: abilities)
    try at.write(Fixture.job("transcript", "Hello."))
    try at.put("Hello, edited.", at: "standup.wav.txt")
    #expect(try at.write(Fixture.job("transcript", "Hello.")).isEmpty)
    #expect(try at.names() == ["standup.wav.txt", "standup.wav.usage.json"])
    let notices = try at.write(Fixture.job("transcript", "Goodbye."))
    #expect(try at.read("standup.wav.txt") == "Hello, edited.")
    #expect(try at.read("standup.wav.2.txt") == "Goodbye.\n")
    let text = try #require(notices.first)
    guard case .edited(Fixture.text, let kept, _) = text else {
      Issue.record("\(text)")
      return
    }
    #expect(kept.text == "standup.wav.txt")
  }

  @Test func folderLinkAndPipeUnderOurNameAreLeft() throws {
    for make: (FilePath, FilePath) -> Int32 in [
      { path, _ in path.withPlatformString { mkdir($0, 0o755) } },
      { path, _ in path.withPlatformString { mkfifo($0, 0o644) } },
      { path, other in
        path.withPlatformString { path in other.withPlatformString { symlink($0, path) } }
      },
    ] {
      let at = try Fixture()
      try at.put("precious", at: "elsewhere")
      #expect(make(at.folder.appending("standup.wav.txt"), at.folder.appending("elsewhere")) == 0)
      try at.write(Fixture.job("transcript", "Hello."))
      #expect(try at.read("standup.wav.2.txt") == "Hello.\n")
      #expect(try at.read("elsewhere") == "precious")
    }
  }

  @Test func whatItsConsumerTookIsNotWrittenAgain() throws {
    let at = try Fixture()
    let job = Fixture.job("transcript", "Hello.")
    try at.write(job)
    try at.remove("standup.wav.txt")
    try at.remove("standup.wav.usage.json")
    let notices = try at.write(job, at: Fixture.start + 60)
    #expect(try at.names().isEmpty)
    #expect(notices.count == 2)
    try at.write(job, force: true)
    #expect(try at.names() == ["standup.wav.txt", "standup.wav.usage.json"])
  }

  @Test func whatSaysSomethingNewIsWrittenEvenWhenTheOldOneWasTaken() throws {
    let at = try Fixture()
    try at.write(
      Fixture.job("transcript", "Hello."),
      Fixture.job("es", suffix: ".es", state: .running)
    )
    #expect(try !at.usage().complete)
    try at.remove("standup.wav.txt")
    try at.remove("standup.wav.usage.json")
    try at.write(Fixture.job("transcript", "Hello."), Fixture.job("es", suffix: ".es", "Hola."))
    #expect(try at.names() == ["standup.wav.es.txt", "standup.wav.usage.json"])
    #expect(try at.usage().complete)
  }

  @Test func aKillBeforeTheJournalKnewLeavesNothingTwice() throws {
    let at = try Fixture()
    let job = Fixture.job("transcript", "Hello.")
    try at.write(job)
    let written = at.known
    at.known = [:]
    try at.write(job, at: Fixture.start + 3600)
    #expect(try at.names() == ["standup.wav.txt", "standup.wav.usage.json"])
    #expect(at.known[Fixture.text] == written[Fixture.text])

    // The same after a rewrite: the journal still knows the version before.
    let mended = Fixture.job("transcript", "Hello.", "More.")
    try at.write(mended)
    at.known = written
    try at.write(mended, at: Fixture.start + 7200)
    #expect(try at.names() == ["standup.wav.txt", "standup.wav.usage.json"])
  }

  @Test func aRecordingThatChangedGetsNoSidecars() throws {
    let at = try Fixture()
    try at.put("RIFF, and more", at: "standup.wav")
    #expect { try at.write(Fixture.job("transcript", "Hello.")) } throws: {
      ($0 as? SidecarError)?.kind == .sourceChanged
    }
    try at.remove("standup.wav")
    #expect { try at.write(Fixture.job("transcript", "Hello.")) } throws: {
      ($0 as? SidecarError)?.kind == .sourceGone
    }
    #expect(try at.names().isEmpty)
  }

  @Test func aFolderSwappedForALinkIsNotFollowed() throws {
    let at = try Fixture()
    let elsewhere = try Fixture()
    let inside = at.folder.appending("sub")
    #expect(
      inside.withPlatformString { inside in
        elsewhere.folder.withPlatformString { symlink($0, inside) }
      } == 0
    )
    var report = elsewhere.report([Fixture.job("transcript", "Hello.")])
    report.recording.path = inside.appending("standup.wav")
    #expect { _ = try at.writer.write(report, known: [:]) } throws: {
      ($0 as? SidecarError)?.kind == .folderGone
    }
    #expect(try elsewhere.names().isEmpty)
  }

  @Test func anErrorIsWrittenOnceAndGoesAway() throws {
    let at = try Fixture()
    var failed = Fixture.job("transcript", state: .failed)
    failed.job.reason = "the model is not there"
    try at.write(failed)
    let first = try at.read("standup.wav.error.json")
    #expect(first.contains("dropscribe retry --task transcript"))
    #expect(try at.usage().final)
    #expect(try !at.usage().complete)
    failed.job.finished = Fixture.start + 60
    try at.write(failed, at: Fixture.start + 60)
    #expect(try at.read("standup.wav.error.json") == first)
    failed.job.reason = "the key is wrong"
    try at.write(failed, at: Fixture.start + 60)
    #expect(try at.read("standup.wav.error.json").contains("the key is wrong"))
    // Even when the process was killed before the journal knew of it.
    at.known[.error] = nil
    let notices = try at.write(Fixture.job("transcript", "Hello."))
    #expect(notices.contains { $0.message.hasPrefix("removed") })
    #expect(try at.names() == ["standup.wav.txt", "standup.wav.usage.json"])
    #expect(at.known[.error] == nil)
  }

  @Test func removalTakesOurFilesAndLeavesEditedOnes() throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", "Hello."), Fixture.job("es", suffix: ".es", "Hola."))
    try at.put("Hola, edited.", at: "standup.wav.es.txt")
    let notices = try at.writer.remove(at.known, beside: at.recording.path)
    #expect(try at.names() == ["standup.wav.es.txt"])
    #expect(notices.count == 3)
  }

  @Test func aRemovedErrorThatSomebodyEditedStays() throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", state: .failed))
    try at.put("seen, Tom", at: "standup.wav.error.json")
    try at.write(Fixture.job("transcript", "Hello."))
    #expect(try at.read("standup.wav.error.json") == "seen, Tom")
  }

  @Test func namesThatAreNotTextAndNamesOf255BytesWork() throws {
    let odd = try Fixture(bytes: Array("a\n-".utf8) + [0xFF, 0xFE] + Array(".wav".utf8))
    try odd.write(Fixture.job("transcript", "Hello."))
    let text = try #require(odd.known[Fixture.text])
    #expect(text.name.bytes == odd.name.bytes + Array(".txt".utf8))
    let usageName = try #require(odd.known[.usage]?.name)
    let folder = try SidecarFolder(odd.folder)
    guard case .file(let data, _) = try folder.contents(of: usageName) else {
      Issue.record("no usage sidecar")
      return
    }
    let usage = try UsageSidecar(encoded: data)
    #expect(usage.source.nameBytes == Data(odd.name.bytes).base64EncodedString())
    #expect(FileName(text: usage.source.name, base64: usage.source.nameBytes) == odd.name)

    let long = try Fixture(
      bytes: Array(repeating: UInt8(ascii: "x"), count: 251) + Array(".wav".utf8)
    )
    try long.write(Fixture.job("transcript", "Hello."), Fixture.job("es", suffix: ".es", "Hola."))
    try long.write(Fixture.job("transcript", "Hello."), Fixture.job("es", suffix: ".es", "Hola!"))
    #expect(try long.names().count == 3)
    #expect(try long.names().allSatisfy { $0.utf8.count <= 255 })
  }

  @Test func earlierTasksStayInTheUsageSidecarWhenTheJournalWasLost() throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", "Hello.", "More."))
    let tokens = try at.usage().tasks["transcript"]?.sums.tokens
    let work = try #require(
      try SidecarFolder(at.folder).earlierWork(beside: at.name, sha256: at.recording.sha256)
    )
    #expect(work.tasks.map(\.task) == ["transcript"])
    #expect(work.tasks.first?.clips == 2)
    #expect(work.source?.sampleRate == 44_100)
    #expect(work.written == at.known)

    at.known = work.written
    var earlier = Fixture.job("transcript")
    earlier.isEarlier = true
    try at.write(earlier, Fixture.job("es", suffix: ".es", "Hola."))
    #expect(try at.names() == ["standup.wav.es.txt", "standup.wav.txt", "standup.wav.usage.json"])
    #expect(try at.read("standup.wav.txt") == "Hello. More.\n")
    #expect(try at.usage().tasks["transcript"]?.sums.tokens == tokens)
    #expect(try at.usage().totals.clips == 3)
    #expect(try at.usage().complete)
  }

  @Test func otherBytesUnderTheNameHaveNoEarlierWork() throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", "Hello."))
    let other = String(repeating: "cd", count: 32)
    #expect(try SidecarFolder(at.folder).earlierWork(beside: at.name, sha256: other) == nil)
    try at.put(
      try at.read("standup.wav.usage.json").replacing("\"complete\"", with: "\"incomplete\""),
      at: "standup.wav.usage.json"
    )
    let edited = try SidecarFolder(at.folder).earlierWork(
      beside: at.name,
      sha256: at.recording.sha256
    )
    #expect(edited?.tasks.count == 1)
    #expect(edited?.written[.usage] == nil)
  }

  @Test func aPlantedUsageSidecarCannotClaimAFileOfSomebodyElse() throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", "Hello."))
    let planted = try at.read("standup.wav.usage.json").replacing(
      "\"standup.wav.txt\"",
      with: "\"payroll.txt\""
    )
    try at.put(planted, at: "standup.wav.usage.json")
    let work = try SidecarFolder(at.folder).earlierWork(
      beside: at.name,
      sha256: at.recording.sha256
    )
    #expect(work?.written[Fixture.text] == nil)
  }
}

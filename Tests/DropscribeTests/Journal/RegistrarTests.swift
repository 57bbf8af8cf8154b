import FoundationEssentials
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

/// From a settled file to the text beside it and back: registrar, journal and publisher over a real folder.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RegistrarTests {
  private let inbox: FakeSlicer

  init() throws { inbox = try FakeSlicer() }

  private struct Desk {
    let fixture: JournalFixture
    let publisher: Publisher
    let registrar: Registrar
    let inbox: FilePath

    /// Puts `bytes` under `name`, lets it settle, and answers what it asks for with `text`.
    func drop(_ name: String, _ bytes: String, _ text: String? = nil) async throws {
      try TemporaryFolder.write(bytes, to: inbox.appending(name))
      let outcome = try await Fingerprint.take(FilePath(name), in: inbox, acceptsIncomplete: true)
      guard case .taken(let print) = outcome else { throw Errno.ioError }
      try await registrar.take(
        FoundRecording(
          path: inbox.appending(name),
          folder: "inbox",
          identity: print.identity,
          sha256: print.sha256
        )
      )
      guard let text else { return }
      try await fixture.work([text])
      await publisher.due(try await fixture.journal.undelivered())
    }

    func text(_ name: String) -> String? {
      try? String(contentsOfFile: inbox.appending(name).string, encoding: .utf8)
    }

    func waitUntil(_ condition: () async throws -> Bool) async throws {
      while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Waits until everything that is done stands beside its recording.
    func settle() async throws { try await waitUntil { try await fixture.journal.undelivered().isEmpty } }

    var names: [String] {
      get throws { try FileManager.default.contentsOfDirectory(atPath: inbox.string).sorted() }
    }
  }

  /// With a journal of its own, as if an earlier one were lost.
  private func withDesk(_ body: (Desk) async throws -> Void) async throws {
    var configuration = JournalFixture.configuration()
    configuration.folders["inbox"]?.path = inbox.folder
    let fixture = try JournalFixture(configuration)
    let log = JournalFixture.silent
    let publisher = Publisher(journal: fixture.journal, configuration: configuration, log: log)
    let registrar = Registrar(journal: fixture.journal, publisher: publisher, log: log)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await publisher.run() }
      try await body(
        Desk(fixture: fixture, publisher: publisher, registrar: registrar, inbox: inbox.folder)
      )
      await publisher.close()
      try await group.waitForAll()
    }
  }

  @Test func aTextIsWrittenBesideItsRecordingAndBesideItsCopies() async throws {
    try await withDesk { desk in
      try await desk.drop("a.wav", "one", "First words.")
      try await desk.drop("b.wav", "one")
      try await desk.settle()
      #expect(desk.text("a.wav.txt") == desk.text("b.wav.txt"))
      #expect(desk.text("a.wav.txt")?.contains("First words.") == true)
      #expect(
        try desk.names == [
          "a.wav", "a.wav.txt", "a.wav.usage.json", "b.wav", "b.wav.txt", "b.wav.usage.json",
        ]
      )
    }
  }

  @Test(arguments: [false, true])
  func theTextOfOtherBytesGoesAwayBeforeTheNewOneIsBought(_ wasSeenGone: Bool) async throws {
    try await withDesk { desk in
      try await desk.drop("a.wav", "one", "First words.")
      try await desk.settle()
      if wasSeenGone { try await desk.registrar.lost(inbox.folder.appending("a.wav"), in: "inbox") }
      try await desk.drop("a.wav", "two")
      #expect(try desk.names == ["a.wav"])
      try await desk.fixture.work(["Second words."])
      await desk.publisher.due(try await desk.fixture.journal.undelivered())
      try await desk.settle()
      #expect(desk.text("a.wav.txt")?.contains("Second words.") == true)
      #expect(try desk.names == ["a.wav", "a.wav.txt", "a.wav.usage.json"])
    }
  }

  @Test func anEditedTextOfOtherBytesStays() async throws {
    try await withDesk { desk in
      try await desk.drop("a.wav", "one", "First words.")
      try await desk.settle()
      try TemporaryFolder.write("My own words.", to: inbox.folder.appending("a.wav.txt"))
      try await desk.drop("a.wav", "two", "Second words.")
      try await desk.settle()
      #expect(desk.text("a.wav.txt") == "My own words.")
      #expect(try desk.names.contains { desk.text($0)?.contains("Second words.") == true })
    }
  }

  @Test func theFirstBytesGetTheirTextBackForNothing() async throws {
    try await withDesk { desk in
      try await desk.drop("a.wav", "one", "First words.")
      try await desk.drop("a.wav", "two", "Second words.")
      try await desk.settle()
      try await desk.drop("a.wav", "one")
      try await desk.settle()
      #expect(try await desk.fixture.claim() == nil)
      #expect(desk.text("a.wav.txt")?.contains("First words.") == true)
      #expect(try desk.names == ["a.wav", "a.wav.txt", "a.wav.usage.json"])
    }
  }

  @Test func aLostJournalBuysNothingThatAUsageSidecarShowsAsDone() async throws {
    try await withDesk { desk in
      try await desk.drop("a.wav", "one", "First words.")
      try await desk.settle()
    }
    try await withDesk { desk in
      let (text, usage) = (desk.text("a.wav.txt"), desk.text("a.wav.usage.json"))
      try await desk.drop("a.wav", "one")
      try await desk.drop("b.wav", "two", "Second words.")
      try await desk.settle()
      #expect(try await desk.fixture.claim() == nil)
      #expect(desk.text("a.wav.txt") == text)
      #expect(desk.text("a.wav.usage.json") == usage)
      #expect(try desk.names.count == 6)
    }
  }

  @Test func whatCouldNotBeWrittenBeforeAStopIsWrittenAfterIt() async throws {
    try await withDesk { desk in
      try await desk.drop("a.wav", "one")
      try await desk.fixture.work(["First words."])
      // Nobody said that it is due.
      #expect(try desk.names == ["a.wav"])
      let again = Publisher(
        journal: desk.fixture.journal,
        configuration: desk.fixture.configuration,
        log: JournalFixture.silent
      )
      await again.close()
      await again.run()
      #expect(desk.text("a.wav.txt")?.contains("First words.") == true)
    }
  }

  @Test func aChangedConfigurationIsWrittenByTheSamePublisher() async throws {
    try await withDesk { desk in
      try await desk.drop("a.wav", "one", "First words.")
      try await desk.settle()
      var configuration = desk.fixture.configuration
      configuration.tasks["spanish"] = JournalFixture.task("spanish", instruction: "Translate.")
      configuration.folders["inbox"]?.tasks = ["transcript", "spanish"]
      try desk.fixture.reload(configuration)
      await desk.publisher.adopt(configuration)
      try await desk.fixture.work(["Primeras palabras."])
      await desk.publisher.due(try await desk.fixture.journal.undelivered())
      try await desk.settle()
      #expect(desk.text("a.wav.spanish.txt")?.contains("Primeras palabras.") == true)
      #expect(desk.text("a.wav.txt")?.contains("First words.") == true)
    }
  }
}

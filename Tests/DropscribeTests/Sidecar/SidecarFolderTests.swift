import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct SidecarFolderTests {
  private typealias Fixture = SidecarFixture

  @Test(arguments: [0o600, 0o640, 0o644, 0o664, 0o755, 0o400] as [mode_t])
  func aSidecarIsNeverOpenToMoreThanItsRecording(mode: mode_t) throws {
    let at = try Fixture()
    #expect(at.recording.path.withPlatformString { chmod($0, mode) } == 0)
    try at.rehash()
    try at.write(Fixture.job("transcript", "Hello."))
    try at.write(Fixture.job("transcript", "Hello again."))
    for name in ["standup.wav.txt", "standup.wav.usage.json"] {
      let facts = try Fixture.facts(of: at.folder.appending(name))
      #expect(facts.st_mode & 0o7777 == mode & 0o666)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give files away"))
  func aSidecarGetsItsRecordingsGroup() throws {
    let at = try Fixture()
    #expect(at.recording.path.withPlatformString { chown($0, 0, 54_321) } == 0)
    #expect(at.recording.path.withPlatformString { chmod($0, 0o640) } == 0)
    try at.rehash()
    try at.write(Fixture.job("transcript", "Hello."))
    let facts = try Fixture.facts(of: at.folder.appending("standup.wav.txt"))
    #expect(facts.st_gid == 54_321)
    #expect(facts.st_mode & 0o7777 == 0o640)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can act for another user"))
  func aGroupThatMayNotReadTheRecordingMayNotReadTheSidecar() throws {
    let at = try Fixture()
    #expect(at.folder.withPlatformString { chmod($0, 0o777) } == 0)
    #expect(at.recording.path.withPlatformString { chown($0, 0, 54_321) } == 0)
    #expect(at.recording.path.withPlatformString { chmod($0, 0o664) } == 0)
    try at.rehash()
    try asNobody { try at.write(Fixture.job("transcript", "Hello.")) }
    let facts = try Fixture.facts(of: at.folder.appending("standup.wav.txt"))
    #expect(facts.st_gid != 54_321)
    #expect(facts.st_mode & 0o7777 == 0o644)
  }

  @Test func aFolderThatRefusesIsFoundBeforeAnythingIsPaid() throws {
    let at = try Fixture()
    try SidecarFolder.probe(at.folder)
    #expect(try at.names().isEmpty)
    #expect(at.folder.withPlatformString { chmod($0, 0o555) } == 0)
    defer { _ = at.folder.withPlatformString { chmod($0, 0o755) } }
    #expect { try asNobody { try SidecarFolder.probe(at.folder) } } throws: {
      guard let error = $0 as? SidecarError else { return false }
      return error.kind == .permission && error.canRetry
        && error.description.contains(at.folder.string)
    }
    let gone = at.folder.appending("gone")
    #expect { try SidecarFolder.probe(gone) } throws: { ($0 as? SidecarError)?.kind == .folderGone }
  }

  @Test func aRefusedWriteLeavesNothing() throws {
    let at = try Fixture()
    #expect(at.folder.withPlatformString { chmod($0, 0o555) } == 0)
    #expect { try asNobody { try at.write(Fixture.job("transcript", "Hello.")) } } throws: {
      ($0 as? SidecarError)?.kind == .permission
    }
    #expect(try at.names().isEmpty)
    #expect(at.folder.withPlatformString { chmod($0, 0o777) } == 0)
    try at.write(Fixture.job("transcript", "Hello."))
    #expect(try at.names().count == 2)
  }

  @Test func errorsSayWhetherTryingAgainCanHelp() {
    let cases: [(Errno, SidecarError.Kind, Bool)] = [
      (.noSpace, .full, true), (.diskQuotaExceeded, .full, true),
      (.readOnlyFileSystem, .readOnly, true),
      (.permissionDenied, .permission, true), (.notPermitted, .permission, true),
      (.noSuchFileOrDirectory, .folderGone, true), (.ioError, .system, true),
    ]
    for (code, kind, canRetry) in cases {
      let error = SidecarError(code, "write", "/inbox/a.txt")
      #expect(error.kind == kind)
      #expect(error.canRetry == canRetry)
      #expect(error.description.hasPrefix("cannot write /inbox/a.txt: "))
    }
    #expect(!SidecarError(.sourceChanged, "write", "/inbox/a.wav").canRetry)
  }

  @Test func leftoversOfAKilledProcessGoAndNothingElse() throws {
    let at = try Fixture()
    let ours = [".standup.wav.txt.dropscribe-0123456789abcdef", ".x.dropscribe-ffffffffffffffff"]
    let others = [
      ".dropscribe-0123456789abcdef", ".x.dropscribe-0123456789ABCDEF",
      ".x.dropscribe-0123456789abcde",
      ".x.dropscribe-0123456789abcdef.txt", "x.dropscribe-0123456789abcdef", ".hidden",
    ]
    for name in ours + others { try at.put("…", at: name) }
    let folder = at.folder.appending(".y.dropscribe-0123456789abcdef")
    #expect(folder.withPlatformString { mkdir($0, 0o755) } == 0)
    let link = at.folder.appending(".z.dropscribe-0123456789abcdef")
    #expect(link.withPlatformString { symlink("/etc/passwd", $0) } == 0)
    #expect(try SidecarFolder.cleanUp(at.folder) == ours.count)
    let left = others + [".y.dropscribe-0123456789abcdef", ".z.dropscribe-0123456789abcdef"]
    #expect(try at.names() == left.sorted())
  }

  @Test func whatIsBeingWrittenNowIsNoLeftover() throws {
    let at = try Fixture()
    let folder = try SidecarFolder(at.folder)
    let name = try #require(FileName(bytes: "a.txt".utf8))
    try folder.withTemporaryFile(Data("Hello".utf8), for: name, beside: nil) {
      file throws(SidecarError) in
      #expect(TemporaryName.matches(file.name))
      #expect(try SidecarFolder.cleanUp(at.folder) == 0)
      #expect(try folder.place(file, as: name))
    }
    #expect(try at.names() == ["a.txt"])
    #expect(try at.read("a.txt") == "Hello")
  }

  @Test func anEditSavedAtTheLastMomentIsNeverLost() async throws {
    let at = try Fixture()
    try at.write(Fixture.job("transcript", "Version 0."))
    for round in 1...200 {
      let (path, writer, known) = (at.folder, at.writer, at.known)
      let report = at.report([Fixture.job("transcript", "Version \(round).")])
      async let wrote = Self.write(report, known, with: writer)
      async let edited: Void = Self.save("edit \(round)", at: path, after: UInt32(round % 20) * 10)
      at.known = try await wrote
      try await edited
      #expect(try at.read("standup.wav.txt") == "edit \(round)")
      #expect(try at.names().allSatisfy { !$0.hasPrefix(".") })
      // The next round starts from a file that is ours.
      for name in try at.names() { try at.remove(name) }
      at.known = [:]
      try at.write(Fixture.job("transcript", "Version 0."))
    }
  }

  @concurrent private static func write(
    _ report: RecordingReport,
    _ known: [SidecarKind: WrittenSidecar],
    with writer: SidecarWriter
  ) async throws -> [SidecarKind: WrittenSidecar] {
    try writer.write(report, known: known).written
  }

  /// Saves as most editors do: a new file, renamed over the old one.
  @concurrent private static func save(_ text: String, at folder: FilePath, after delay: UInt32)
    async throws
  {
    usleep(delay)
    let draft = folder.appending("draft").string
    try Data(text.utf8).write(to: URL(filePath: draft, directoryHint: .notDirectory))
    try #require(rename(draft, folder.appending("standup.wav.txt").string) == 0)
  }

  /// Runs `body` as a user without rights. The identity for files belongs to the thread, and `body` does not
  /// leave it.
  @discardableResult
  private func asNobody<Result>(_ body: () throws -> Result) throws -> Result {
    guard geteuid() == 0 else { return try body() }
    // Not in Swift's Glibc module.
    let symbol = try #require(dlsym(nil, "setfsuid"))
    let setFileUser = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> Int32).self)
    _ = setFileUser(65_534)
    defer { _ = setFileUser(0) }
    return try body()
  }
}

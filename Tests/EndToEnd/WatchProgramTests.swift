import Glibc
import Messages
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `dropscribe-watch` as it is used by hand and by the daemon.
@Suite struct WatchProgramTests {
  private let program = BuiltProducts.executable("dropscribe-watch")

  @Test func tellsHowItIsUsed() async throws {
    let help = try await run(["--help"])
    #expect(help.terminationStatus == .exited(0))
    #expect(help.standardOutput.hasPrefix("Usage: dropscribe-watch"))
    let version = try await run(["--version"])
    #expect(version.standardOutput == "dropscribe-watch \(Version.current)\n")
  }

  @Test(arguments: [[], ["--what", "/tmp"], ["--flat"], [""]]) func refusesWhatItDoesNotUnderstand(
    arguments: [String]
  )
    async throws
  {
    let result = try await run(arguments)
    #expect(result.terminationStatus == .exited(64))
    #expect(result.standardError.contains("Try: dropscribe-watch --help"))
  }

  @Test func saysByHandThatNoFolderCanBeWatched() async throws {
    let result = try await run(["/nowhere/at/all"])
    #expect(result.terminationStatus == .exited(66))
    #expect(result.standardOutput == "blind    /nowhere/at/all\nready\n")
    #expect(result.standardError.contains("cannot watch /nowhere/at/all: No such file or directory"))
  }

  @Test func tellsTheDaemonWhatHappensAndEndsWithIt() async throws {
    try await withFolder { folder in
      let file = folder + "/new\nline.wav"
      let hints = try await watch(["--daemon", folder, "/nowhere/at/all"], until: { $0.count == 7 }) {
        guard $0 == [.unwatched(Array("/nowhere/at/all".utf8)), .ready] else { return }
        try touch(file)
        #expect(rename(file, folder + "/b.wav") == 0)
        #expect(mkdir(folder + "/.hidden", 0o755) == 0)
        try touch(folder + "/.hidden/c.wav")
        #expect(mkdir(folder + "/sub", 0o755) == 0)
        #expect(unlink(folder + "/b.wav") == 0)
      }
      #expect(hints.status == .exited(0))
      let path = { (name: String) in Array((folder + "/" + name).utf8) }
      // A process that another test starts just then may hold the file open a little longer, so that it is closed
      // under its second name.
      let closes: [Hint] = [.closed(path("new\nline.wav")), .closed(path("b.wav"))]
      #expect(hints.hints.count { closes.contains($0) } == 1)
      #expect(
        hints.hints.dropFirst(2).filter { !closes.contains($0) } == [
          .gone(path("new\nline.wav")), .arrived(path("b.wav")), .lookAgain(path("sub")),
          .gone(path("b.wav")),
        ]
      )
    }
  }

  @Test func leavesSubfoldersOfAFlatFolderAlone() async throws {
    try await withFolder { folder in
      #expect(mkdir(folder + "/sub", 0o755) == 0)
      let hints = try await watch(["--daemon", "--flat", folder], until: { $0.count == 2 }) {
        guard $0 == [.ready] else { return }
        try touch(folder + "/sub/a.wav")
        #expect(mkdir(folder + "/other", 0o755) == 0)
        try touch(folder + "/b.wav")
      }
      #expect(hints.hints.last == .closed(Array((folder + "/b.wav").utf8)))
    }
  }

  @Test func wantsToBeStartedAgainWhenAWatchedFolderMoves() async throws {
    try await withFolder { folder in
      #expect(mkdir(folder + "/sub", 0o755) == 0)
      let hints = try await watch(["--daemon", folder], until: { _ in false }) {
        if $0 == [.ready] { #expect(rename(folder + "/sub", folder + "/other") == 0) }
      }
      #expect(hints.status == .exited(75))
      #expect(hints.hints.last == .lookAgain(Array(folder.utf8)))
    }
  }

  @Test func wantsToBeStartedAgainWhenItsFolderIsDeleted() async throws {
    try await withFolder { folder in
      let hints = try await watch(["--daemon", folder], until: { _ in false }) {
        if $0 == [.ready] { #expect(rmdir(folder) == 0) }
      }
      #expect(hints.status == .exited(75))
      #expect(hints.hints == [.ready, .lookAgain(Array(folder.utf8))])
    }
  }

  private struct Result {
    var terminationStatus: TerminationStatus
    var standardOutput: String
    var standardError: String
  }

  private func run(_ arguments: [String]) async throws -> Result {
    let result = try await Subprocess.run(
      .path(program),
      arguments: Arguments(arguments),
      output: .string(limit: 65_536),
      error: .string(limit: 65_536)
    )
    return Result(
      terminationStatus: result.terminationStatus,
      standardOutput: result.standardOutput,
      standardError: result.standardError
    )
  }

  /// Runs the program until it ends, or until it has said enough; then its standard input is closed. `react` is called
  /// with all hints so far, after each.
  private func watch(
    _ arguments: [String],
    until isEnough: ([Hint]) -> Bool,
    _ react: ([Hint]) throws -> Void
  ) async throws -> (hints: [Hint], status: TerminationStatus) {
    let result = try await Subprocess.run(
      .path(program),
      arguments: Arguments(arguments),
      input: .inputWriter,
      output: .sequence,
      error: .discarded
    ) { child in
      var reader = HintReader()
      var hints: [Hint] = []
      for try await buffer in child.standardOutput {
        for hint in try buffer.withUnsafeBytes({ try reader.read($0) }) {
          hints.append(hint)
          try react(hints)
        }
        if isEnough(hints) { try await child.standardInputWriter.finish() }
      }
      return hints
    }
    return (result.closureResult, result.terminationStatus)
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/watch-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer {
      for name in ["new\nline.wav", "b.wav", ".hidden/c.wav", "sub/a.wav"] { unlink(folder + "/" + name) }
      for name in [".hidden", "sub", "other", ""] { rmdir(folder + "/" + name) }
    }
    try await body(folder)
  }

  private func touch(_ path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    try #require(file >= 0)
    close(file)
  }
}

import FoundationEssentials
import Glibc
import Messages
import Synchronization
import SystemPackage
import Testing

@testable import Dropscribe

/// What the daemon makes of a slicing child, whatever the child does.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CutterTests {
  private let slicer: FakeSlicer

  init() throws { slicer = try FakeSlicer() }

  /// Runs one pass of `program` over a small file.
  private func cut(
    _ program: FilePath,
    patience: Duration = .seconds(60),
    longestSeconds: Double = 3600,
    body: (SliceFrame) async throws -> Cutter.Wish = { _ in .more }
  ) async throws -> (end: Cutter.End, frames: [SliceFrame]) {
    let recording = slicer.folder.appending("recording")
    try TemporaryFolder.write("the recording's bytes", to: recording)
    let source = try FileDescriptor.open(recording, .readOnly, options: .closeOnExec)
    defer { try? source.close() }
    var cutter = Cutter(executable: program)
    cutter.patience = patience
    var frames: [SliceFrame] = []
    var request = SliceRequest()
    request.longestSeconds = longestSeconds
    let end = try await cutter.cut(source, request) { frame in
      frames.append(frame)
      return try await body(frame)
    }
    return (end, frames)
  }

  /// Whether a process is there, a zombie included.
  private func isThere(_ process: String) -> Bool {
    FileManager.default.fileExists(atPath: "/proc/\(process)")
  }

  /// What `program` wrote about itself, such as a process id.
  private func note(_ name: String) async throws -> String {
    let path = slicer.folder.appending(name).string
    while true {
      if let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasSuffix("\n") {
        return String(text.dropLast())
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func framesComeInOrderAndTheEndIsTheChilds() async throws {
    let frames = FakeSlicer.whole(3)
    let result = try await cut(try slicer.saying(frames))
    #expect(result.frames == Array(frames.dropLast()))
    #expect(
      result.end == .said(.init(verdict: .whole, reason: "", framesRead: 480_000, length: 480_000))
    )
  }

  @Test func theRecordingIsTheChildsStandardInputAndTheRequestItsArguments() async throws {
    let said = slicer.folder.appending("said")
    let program = try slicer.program(
      """
      /bin/cat > \(said)
      echo "$@" >> \(said)
      exec /bin/cat \(try slicer.file(FakeSlicer.whole(1)))
      """
    )
    _ = try await cut(program)
    let text = try String(contentsOfFile: said.string, encoding: .utf8)
    #expect(text.hasPrefix("the recording's bytes--frames "))
    #expect(text.contains("--max-seconds=30"))
  }

  @Test(arguments: [
    ("SEGV", "crashed (SIGSEGV)"), ("SYS", "was killed for a system call that is forbidden to it (SIGSYS)"),
    ("XCPU", "used up the CPU time that it may take (SIGXCPU)"),
  ])
  func aChildThatDiesIsAFailureAndWhatItSaidBeforeCounts(signal: String, words: String) async throws {
    let some = try slicer.file([FakeSlicer.format] + FakeSlicer.clips(0..<2))
    let result = try await cut(try slicer.program("/bin/cat \(some); kill -\(signal) $$"))
    #expect(result.frames.count == 3)
    #expect(result.end == .failed("the slicer \(words)"))
  }

  @Test(arguments: ["exit 0", "exit 7", ":"])
  func aChildThatEndsWithoutAWordIsAFailure(_ script: String) async throws {
    let result = try await cut(try slicer.program(script))
    guard case .failed = result.end else {
      Issue.record("it said nothing: \(result.end)")
      return
    }
  }

  @Test func halfAFrameIsAFailure() async throws {
    let clip = FakeSlicer.clips(0..<1)[0].encoded
    let half = try slicer.file(FakeSlicer.format.encoded + clip.prefix(clip.count / 2))
    let result = try await cut(try slicer.program("exec /bin/cat \(half)"))
    #expect(result.frames == [FakeSlicer.format])
    guard case .failed = result.end else {
      Issue.record("it was cut off: \(result.end)")
      return
    }
  }

  @Test func garbageIsAFailureAndEndsTheChild() async throws {
    let garbage = try slicer.file(
      FakeSlicer.format.encoded + Array("no frame, and more of it".utf8)
    )
    let pid = slicer.folder.appending("pid")
    let program = try slicer.program("echo $$ > \(pid); /bin/cat \(garbage); exec /bin/sleep 600")
    let result = try await cut(program)
    #expect(result.end == .failed("the slicer wrote what is no frame"))
    #expect(!isThere(try await note("pid")))
  }

  @Test func aLengthThatNoHonestChildWouldSendIsGarbage() async throws {
    let pid = slicer.folder.appending("pid")
    let length = try slicer.file(FakeSlicer.format.encoded + [UInt8(ascii: "C"), 255, 255, 255, 255])
    let program = try slicer.program("echo $$ > \(pid); /bin/cat \(length); exec /bin/cat /dev/zero")
    let result = try await cut(program)
    #expect(result.end == .failed("the slicer wrote what is no frame"))
    #expect(!isThere(try await note("pid")))
  }

  @Test(arguments: [
    [FakeSlicer.format], FakeSlicer.clips(0..<1), [.silence(ClipRange(start: 0, end: 1), channel: nil)],
    [.silence(ClipRange(start: 0, end: 1 << 47), channel: nil)],
  ])
  func aChildThatGoesOnForEverIsEnded(_ frames: [SliceFrame]) async throws {
    let pid = slicer.folder.appending("pid")
    let many = try slicer.file((0..<1000).flatMap { _ in frames })
    let program = try slicer.program("echo $$ > \(pid); while :; do /bin/cat \(many); done")
    let result = try await cut(program, longestSeconds: 600)
    #expect(result.end == .failed("the slicer said what no pass over a recording does"))
    #expect(result.frames.count < 100_000)
    #expect(!isThere(try await note("pid")))
  }

  @Test func aChildThatHangsIsEndedWithAllThatItStarted() async throws {
    let (pid, other) = (slicer.folder.appending("pid"), slicer.folder.appending("other"))
    let program = try slicer.program(
      """
      trap '' TERM INT HUP PIPE
      /bin/sleep 600 &
      echo $! > \(other)
      echo $$ > \(pid)
      /bin/cat \(try slicer.file([FakeSlicer.format]))
      while :; do /bin/sleep 600; done
      """
    )
    let result = try await cut(program, patience: .milliseconds(300))
    guard case .failed(let reason) = result.end else {
      Issue.record("it hung: \(result.end)")
      return
    }
    #expect(reason.contains("said nothing"))
    #expect(!isThere(try await note("pid")))
    // Whoever adopted it reaps it.
    let orphan = try await note("other")
    let facts = "/proc/\(orphan)/stat"
    while let text = try? String(contentsOfFile: facts, encoding: .utf8), !text.contains(" Z ") {
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func patienceIsForTheChildAndNotForWhoTakesItsClips() async throws {
    let result = try await cut(try slicer.saying(FakeSlicer.whole(3)), patience: .milliseconds(400)) { _ in
      try await Task.sleep(for: .milliseconds(700))
      return .more
    }
    #expect(result.frames.count == 4)
    guard case .said = result.end else {
      Issue.record("it was waited for: \(result.end)")
      return
    }
  }

  @Test func aFloodOnStandardErrorDisturbsNobody() async throws {
    let frames = try slicer.file(FakeSlicer.whole(2))
    let program = try slicer.program(
      "/bin/dd if=/dev/zero bs=65536 count=64 1>&2 2>/dev/null; exec /bin/cat \(frames)"
    )
    let result = try await cut(program)
    #expect(result.frames.count == 3)
  }

  @Test func whoHasEnoughEndsTheChild() async throws {
    let pid = slicer.folder.appending("pid")
    let frames = try slicer.file([FakeSlicer.format] + FakeSlicer.clips(0..<2))
    let program = try slicer.program("echo $$ > \(pid); /bin/cat \(frames); exec /bin/sleep 600")
    let result = try await cut(program) { frame in if case .clip = frame { .enough } else { .more }
    }
    #expect(result.end == .stopped)
    #expect(result.frames.count == 2)
    #expect(!isThere(try await note("pid")))
  }

  @Test func anErrorOfWhoTakesTheClipsEndsTheChild() async throws {
    struct Failure: Error {}
    let pid = slicer.folder.appending("pid")
    let frames = try slicer.file([FakeSlicer.format])
    let program = try slicer.program("echo $$ > \(pid); /bin/cat \(frames); exec /bin/sleep 600")
    await #expect(throws: Failure.self) { try await cut(program) { _ in throw Failure() } }
    #expect(!isThere(try await note("pid")))
  }

  @Test func aCancelledPassSaysNothingAboutTheRecording() async throws {
    let pid = slicer.folder.appending("pid")
    let program = try slicer.program("echo $$ > \(pid); exec /bin/sleep 600")
    let (folder, executable) = (slicer.folder, program)
    let task = Task {
      let recording = folder.appending("recording")
      try TemporaryFolder.write("bytes", to: recording)
      let source = try FileDescriptor.open(recording, .readOnly, options: .closeOnExec)
      defer { try? source.close() }
      return try await Cutter(executable: executable).cut(source, SliceRequest()) { _ in .more }
    }
    let child = try await note("pid")
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(!isThere(child))
  }

  @Test func aProgramThatIsNotThereIsAnErrorAndNoVerdict() async throws {
    await #expect(throws: (any Error).self) { try await cut("/nowhere/dropscribe-slice") }
  }

  @Test func noDescriptorStaysOpen() async throws {
    func count() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
    let good = try slicer.saying(FakeSlicer.whole(2))
    let bad = try slicer.program("kill -KILL $$")
    for program in [good, bad] { _ = try await cut(program) }
    let before = try count()
    for _ in 0..<20 {
      for program in [good, bad] { _ = try await cut(program) }
    }
    // Other tests of this process open files, too, but not more at the end of each of these.
    #expect(try count() < before + 20)
  }
}

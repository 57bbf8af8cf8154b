import Glibc
import Messages
import Testing

/// What a process that reads hostile bytes may do, tried out by one that has been taken over already.
@Suite struct BoxTests {
  /// Tries one thing after another in the slicer's box and in ffmpeg's; see its source.
  static let probe =
    Sliced.program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .map(String.init).joined(separator: "/") + "/box-probe"
  static let hasLandlock = Shell.run(probe, []).status == 0
  static let killed: Int32 = 128 + SIGSYS

  /// Tries something in the slicer's box, with a folder for clips; returns the exit status.
  private func slicer(_ attempt: String) throws -> Int32 {
    let folder = try Folder()
    try Shell.write([], to: folder.file("0000.wav"))
    return Shell.run(Self.probe, [attempt, folder.path]).status
  }

  @Test(arguments: ["work", "make a clip", "end its child"])
  func `a slicer does what slicing needs`(attempt: String) throws {
    #expect(try slicer(attempt) == 0)
  }

  @Test(arguments: [
    "open a file", "change a file", "make a file", "remove a file", "list the folder", "read a clip",
    "open its own input", "open a library", "connect", "make a local socket", "execute",
    "execute without a path", "begin a process", "begin a thread", "ask its child to end",
    "signal its parent", "trace", "write code", "turn data into code",
  ])
  func `a slicer that does anything else is killed`(attempt: String) throws {
    #expect(try slicer(attempt) == Self.killed)
  }

  @Test func `the one way of opening that libsndfile tries by itself opens nothing`() throws {
    #expect(try slicer("read a file") == ENOENT)
  }

  @Test(.enabled(if: hasLandlock, "the kernel has no Landlock"))
  func `a slicer that makes files makes them in their folder alone`() throws {
    #expect(try slicer("make a clip elsewhere") == EACCES)
  }

  @Test func `time and memory are limited`() throws {
    #expect(try slicer("burn time") == 128 + SIGXCPU)
    #expect(try slicer("take all memory") == ENOMEM)
  }

  // MARK: ffmpeg

  /// A box of an M4A, with an attempt in it.
  private static func recording(_ attempt: String) -> [UInt8] {
    let start = [0, 0, 0, 80] + Array("ftypM4A isom\(attempt)".utf8)
    return start + [UInt8](repeating: 0, count: 80 - start.count)
  }

  /// Has the slicer decode a recording with an ffmpeg that does what the recording says.
  private func ffmpeg(_ attempt: String) throws -> Sliced {
    let folder = try Folder()
    try Shell.write(Self.recording(attempt), to: folder.file("hostile.m4a"))
    return try Sliced(folder.file("hostile.m4a")) { $0.ffmpeg = Self.probe }
  }

  /// Expects that the attempt ended with `errno`; 0 when it was let through.
  private func expect(
    _ attempt: String,
    _ errno: Int32,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let sliced = try ffmpeg(attempt)
    let rate = try #require(sliced.format?.sampleRate, "\(sliced.end.reason)", sourceLocation: sourceLocation)
    #expect(rate - 8000 == Int(errno), "\(attempt)", sourceLocation: sourceLocation)
    #expect(sliced.end.verdict == .whole, "\(sliced.end.reason)", sourceLocation: sourceLocation)
  }

  @Test(arguments: ["work", "open its own input", "open a library", "begin a thread"])
  func `ffmpeg does what decoding needs`(attempt: String) throws {
    try expect(attempt, 0)
  }

  @Test(
    .enabled(if: hasLandlock, "the kernel has no Landlock"),
    arguments: ["read a file", "open a file", "list the folder"]
  )
  func `ffmpeg opens no other file`(attempt: String) throws {
    try expect(attempt, EACCES)
  }

  @Test(arguments: [
    "change a file", "make a file", "remove a file", "connect", "make a local socket", "begin a process",
    "signal its parent", "write code", "turn data into code", "take the place of the path",
    "grow down to the path",
  ])
  func `ffmpeg is refused what it does not need`(attempt: String) throws {
    try expect(attempt, ENOSYS)
  }

  @Test(arguments: ["execute", "execute without a path", "trace"])
  func `ffmpeg that attacks is killed, and the reason says so`(attempt: String) throws {
    let sliced = try ffmpeg(attempt)
    #expect(sliced.end.verdict == .unreadable)
    #expect(sliced.end.reason.contains("system call that is forbidden to it (SIGSYS)"))
  }

  @Test func `ffmpeg that crashes is said to`() throws {
    let sliced = try ffmpeg("crash")
    #expect(sliced.end.verdict == .unreadable)
    #expect(sliced.end.reason.contains("crashed (SIGSEGV)"))
  }

  @Test func `ffmpeg need not lie where the system's programs do`() throws {
    let folder = try Folder()
    let script = "mkdir -p '\(folder.path)/opt/bin' && cp '\(Self.probe)' '\(folder.path)/opt/bin/my ffmpeg'"
    try Shell.make("sh", ["-c", script])
    try Shell.write(Self.recording("work"), to: folder.file("a.m4a"))
    let sliced = try Sliced(folder.file("a.m4a")) { $0.ffmpeg = folder.file("opt/bin/my ffmpeg") }
    #expect(sliced.end.verdict == .whole, "\(sliced.end.reason)")
  }

  // MARK: Kernels that have less, and users

  @Test(arguments: ["landlock", "privileges"], ["a.flac", "a.mp3", "a.m4a"])
  func `without Landlock, or as anybody but root, recordings are decoded all the same`(
    missing: String,
    name: String
  ) throws {
    let folder = try Folder()
    try Shell.write(Signal.clock(rate: 44_100, seconds: 5).wav, to: folder.file("clock.wav"))
    try Shell.make("ffmpeg", ["-loglevel", "error", "-i", folder.file("clock.wav"), folder.file(name)])
    let arguments = [
      "--without", missing, Sliced.program, folder.file(name), "--out", folder.file("clips"),
    ]
    let outcome = Shell.run(Self.probe, arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!Shell.read(folder.file("clips/0001.wav")).isEmpty)
  }

  @Test func `without seccomp nothing is decoded, and the reason says what to do`() throws {
    let folder = try Folder()
    try Shell.write(Signal.clock(rate: 44_100, seconds: 5).wav, to: folder.file("a.wav"))
    let outcome = Shell.run(Self.probe, ["--without", "seccomp", Sliced.program, folder.file("a.wav")])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("must permit seccomp"))
    #expect(outcome.text.contains("\"clips\": []"))
  }

  // MARK: The real ones, at work

  @Test(arguments: [("a.flac", []), ("a.mp3", []), ("a.m4a", ["ffmpeg"])])
  func `whoever decodes holds the recording and pipes, and is boxed`(name: String, helpers: [String]) throws {
    guard helpers != ["ffmpeg"] || Sliced.ffmpeg != nil else { return }
    let folder = try Folder()
    let recording = folder.file(name)
    try Shell.write(Signal.clock(rate: 16_000, seconds: 100).wav, to: folder.file("clock.wav"))
    try Shell.make("ffmpeg", ["-loglevel", "error", "-i", folder.file("clock.wav"), recording])
    // Nobody reads what it says, so all of them come to a halt amid their work.
    let slicer = try Halted(recording)
    // While ffmpeg loads its libraries, it holds one after the other.
    let family = try slicer.family { family in
      family.count == 1 + helpers.count && family.allSatisfy { $0.status("Seccomp") == "2" }
        && (helpers != ["ffmpeg"] || family.contains { $0.program.hasSuffix("/ffmpeg") })
        && family.flatMap(\.files).allSatisfy { file in
          file == recording || file.hasPrefix("pipe:") || file == "/dev/null"
        }
    }
    for member in family {
      #expect(member.status("NoNewPrivs") == "1")
      #expect(member.limit("Max core file size") == "0")
      #expect(member.limit("Max file size") == "0")
      #expect(member.limit("Max cpu time") != "unlimited")
      #expect(member.limit("Max address space") != "unlimited")
    }
  }
}

/// A slicer at work whose clips nobody takes. It is started with a descriptor that is none of its business.
private struct Halted: ~Copyable {
  private let process: pid_t
  private let reading: Int32

  init(_ recording: String) throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, recording, O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 200, "/etc/passwd", O_RDONLY, 0)
    let arguments = [Sliced.program, "--frames"] + (Sliced.ffmpeg.map { ["--ffmpeg=\($0)"] } ?? [])
    var list = arguments.map { strdup($0) }
    defer { for text in list { free(text) } }
    list.append(nil)
    var process: pid_t = 0
    let failure = posix_spawn(&process, Sliced.program, &actions, nil, list, environ)
    close(ends[1])
    try #require(failure == 0)
    (self.process, reading) = (process, ends[0])
  }

  deinit {
    kill(process, SIGKILL)
    close(reading)
    waitpid(process, nil, 0)
  }

  /// The slicer and its children, as soon as `isReady`.
  func family(_ isReady: ([Member]) -> Bool) throws -> [Member] {
    for _ in 0..<6000 {
      let children = text("/proc/\(process)/task/\(process)/children").split(separator: " ")
      let family = [Member(process: "\(process)")] + children.map { Member(process: String($0)) }
      if isReady(family) { return family }
      usleep(10_000)
    }
    Issue.record("it never came to that")
    throw SliceGarbageInTest()
  }

  /// One of the processes, as /proc shows it.
  struct Member {
    let process: String

    var program: String { link("exe") }

    func status(_ name: String) -> String? { line(name, of: "status")?.last.map(String.init) }

    /// The soft limit.
    func limit(_ name: String) -> String? { line(name, of: "limits")?.first.map(String.init) }

    /// What its descriptors are.
    var files: [String] {
      guard let folder = opendir("/proc/\(process)/fd") else { return ["?"] }
      defer { closedir(folder) }
      var files: [String] = []
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if Int(name) != nil { files.append(link("fd/\(name)")) }
      }
      return files
    }

    /// The words behind a name at the beginning of a line.
    private func line(_ name: String, of file: String) -> [Substring]? {
      text("/proc/\(process)/\(file)").split(separator: "\n").first { $0.hasPrefix(name) }
        .map { $0.dropFirst(name.count).split { " \t:".contains($0) } }
    }

    private func link(_ name: String) -> String {
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/\(process)/\(name)", &buffer, buffer.count)
      return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

private func text(_ path: String) -> String { String(decoding: Shell.read(path), as: UTF8.self) }

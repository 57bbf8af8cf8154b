import Glibc
import Messages
import Testing

/// A folder that is there while a test runs.
struct Folder: ~Copyable {
  let path: String

  init() throws {
    var template = Array("/tmp/slicing-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { _ = Shell.run("/bin/rm", ["-rf", path]) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// What a program did.
struct Outcome {
  let status: Int32
  let output: [UInt8]
  let errors: String

  var text: String { String(decoding: output, as: UTF8.self) }
}

enum Shell {
  /// Runs a program to its end, its input a file, its output collected in files so that no pipe can fill.
  static func run(_ program: String, _ arguments: [String], input: String = "/dev/null") -> Outcome {
    let output = "/tmp/slicing-out-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let errors = output + ".err"
    defer {
      unlink(output)
      unlink(errors)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var list = ([program] + arguments).map { strdup($0) }
    defer { for text in list { free(text) } }
    list.append(nil)
    var process: pid_t = 0
    let failure = posix_spawnp(&process, program, &actions, nil, list, environ)
    guard failure == 0 else { return Outcome(status: -failure, output: [], errors: "cannot run \(program)") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    return Outcome(status: code, output: read(output), errors: String(decoding: read(errors), as: UTF8.self))
  }

  /// Runs a program that has to succeed: one that makes something to test with.
  static func make(_ program: String, _ arguments: [String]) throws {
    let outcome = run(program, arguments)
    try #require(outcome.status == 0, "\(program) \(arguments): \(outcome.errors)")
  }

  static func read(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while case let got = Glibc.read(descriptor, &block, block.count), got > 0 { bytes += block[..<got] }
    return bytes
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written)
      }
      try #require(count > 0)
      written += count
    }
  }
}

/// The built program, and what it said of a recording.
struct Sliced {
  let format: SliceFrame.Format?
  let clips: [SliceFrame.Clip]
  let silences: [ClipRange]
  /// The channel of each of the silences.
  let silentChannels: [Int?]
  let end: SliceFrame.End

  /// The program stands beside the test bundle that is running.
  static let program: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    let folders = [String(decoding: own, as: UTF8.self)] + CommandLine.arguments
    let places = folders.map { $0.split(separator: "/", omittingEmptySubsequences: false).dropLast() }
    return places.map { ($0 + ["dropscribe-slice"]).joined(separator: "/") }.first { access($0, X_OK) == 0 }
      ?? "dropscribe-slice"
  }()

  static let ffmpeg: String? = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"].first { access($0, X_OK) == 0 }

  /// Slices a recording as the daemon does.
  init(_ path: String, _ change: (inout SliceRequest) -> Void = { _ in }) throws {
    var request = SliceRequest()
    request.ffmpeg = Self.ffmpeg
    change(&request)
    // It may write to a pipe, but not to a file.
    let pipeline = ["-c", "set -o pipefail; \"$@\" | cat", "bash", Self.program, "--frames"]
    let outcome = Shell.run("bash", pipeline + request.arguments, input: path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    var frames: [SliceFrame] = []
    var rest = outcome.output[...]
    while rest.count >= 5 {
      let header = Array(rest.prefix(5))
      let length = header[1...].reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(5)
      frames.append(try SliceFrame(kind: header[0], payload: Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    guard case .end(let end)? = frames.last else {
      Issue.record("no end frame came: \(outcome.errors)")
      throw SliceGarbageInTest()
    }
    self.end = end
    if case .format(let format)? = frames.first { self.format = format } else { format = nil }
    clips = frames.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
    silences = frames.compactMap { if case .silence(let range, _) = $0 { range } else { nil } }
    silentChannels = frames.compactMap {
      if case .silence(_, let channel) = $0 { .some(channel) } else { nil }
    }
  }

  /// Expects that clips and silences of each of `count` channels cover the recording.
  func expectCoverage(ofChannels count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    for channel in 0..<count {
      let silent = zip(silences, silentChannels).filter { $0.1 == channel }.map(\.0)
      let ranges = (clips.filter { $0.channel == channel }.map(\.range) + silent).sorted {
        $0.start < $1.start
      }
      #expect(ranges.first?.start == 0 && ranges.last?.end == end.length, sourceLocation: sourceLocation)
      #expect(
        zip(ranges, ranges.dropFirst()).allSatisfy { $0.end == $1.start },
        sourceLocation: sourceLocation
      )
    }
  }

  /// Clips and silences, sorted.
  var covered: [ClipRange] { (clips.map(\.range) + silences).sorted { $0.start < $1.start } }

  /// Expects that clips and silences cover the recording without a gap and without an overlap.
  func expectCoverage(sourceLocation: SourceLocation = #_sourceLocation) {
    var position: Int64 = 0
    for range in covered {
      #expect(range.start == position, sourceLocation: sourceLocation)
      position = range.end
    }
    #expect(position == end.length, sourceLocation: sourceLocation)
    #expect(clips.map(\.range.start) == clips.map(\.range.start).sorted(), sourceLocation: sourceLocation)
  }
}

struct SliceGarbageInTest: Error {}

extension SliceFrame.Clip {
  /// The clip's samples, padding included.
  var samples: [Int16] {
    [Int16](unsafeUninitializedCapacity: (audio.count - 44) / 2) { memory, count in
      count = memory.count
      audio[44...].withUnsafeBytes { UnsafeMutableRawBufferPointer(memory).copyMemory(from: $0) }
    }
  }
}

import CBox
import Glibc
import Messages

/// A process that sends a recording's audio through a pipe: ffmpeg, for what libsndfile does not read. It is
/// started before the slicer boxes itself, and ends at the latest when the slicer closes its end.
struct Decoder: ~Copyable {
  /// The pipe's reading end.
  let output: Int32
  /// The reading end of what it complains to; only whether it did matters, since a hostile file may word it.
  private let complaints: Int32
  /// Its process, which ``finish(isEnough:)`` waits for.
  let process: pid_t

  /// What a decoder's process ends with when ffmpeg cannot be executed, by the shells' convention.
  private static let cannotExecute: Int32 = 127

  /// How the process ended.
  enum Ending: Equatable {
    case well
    case cannotExecute
    /// It came upon errors and went on.
    case complaining
    /// It stopped with an error.
    case badly
    /// A signal ended it; in words that go on after its name.
    case died(String)

    /// What was wrong, for a person; nil when nothing was.
    var fault: String? {
      switch self {
      case .well, .cannotExecute: nil
      case .complaining: "ffmpeg found parts of it damaged"
      case .badly: "ffmpeg stopped with an error amid it"
      case .died(let words): "ffmpeg \(words) amid it"
      }
    }
  }

  private init(output: Int32, complaints: Int32, process: pid_t) {
    self.output = output
    self.complaints = complaints
    self.process = process
  }

  /// Starts ffmpeg on the recording on standard input; nil when no process can be started.
  ///
  /// ffmpeg gets the file itself: an M4A whose index stands at its end cannot be read from a pipe.
  static func ffmpeg(_ path: String, demuxer: String, longestSeconds: Double) -> Decoder? {
    // The audio's pipe, and that of complaints, which must not make it wait when nobody reads them.
    var ends: [Int32] = [-1, -1, -1, -1]
    let isOpen = ends.withUnsafeMutableBufferPointer { ends in
      pipe(ends.baseAddress) == 0 && pipe(ends.baseAddress.map { $0 + 2 }) == 0
    }
    for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    guard isOpen, fcntl(ends[3], F_SETFL, O_NONBLOCK) == 0 else {
      for end in ends where end >= 0 { close(end) }
      return nil
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[3], STDERR_FILENO)
    let arguments = [
      "dropscribe-slice", "--decode=\(demuxer)", "--ffmpeg=\(path)", "--longest-seconds=\(longestSeconds)",
    ]
    var process: pid_t = 0
    let failure = withCStrings(arguments) { list in
      withCStrings([]) { posix_spawn(&process, "/proc/self/exe", &actions, nil, list, $0) }
    }
    close(ends[1])
    close(ends[3])
    guard failure == 0 else {
      close(ends[0])
      close(ends[2])
      return nil
    }
    return Decoder(output: ends[0], complaints: ends[2], process: process)
  }

  /// Closes the pipe and waits for the process. `isEnough` ends one that still has something to say.
  consuming func finish(isEnough: Bool) -> Ending {
    if isEnough { kill(process, SIGKILL) }
    close(output)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    var first: UInt8 = 0
    let hasComplained = read(complaints, &first, 1) > 0
    close(complaints)
    if isEnough { return .well }
    if status == 0 { return hasComplained ? .complaining : .well }
    if status & 0x7F != 0 { return .died(Death.words(signal: status & 0x7F)) }
    return status >> 8 & 0xFF == Self.cannotExecute ? .cannotExecute : .badly
  }

  /// What a decoder's process does: boxes itself and becomes ffmpeg.
  static func become(arguments: [String]) -> Never {
    var demuxer = ""
    var path = ""
    var longestSeconds: Double = 24 * 3600
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      switch (parts.first, parts.last) {
      case ("--decode", let value?): demuxer = value
      case ("--ffmpeg", let value?): path = value
      case ("--longest-seconds", let value?): longestSeconds = Double(value) ?? longestSeconds
      default: exit(64)
      }
    }
    signal(SIGPIPE, SIG_DFL)
    let command = [
      "ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-f", demuxer, "-threads", "1",
      "-i", "/proc/self/fd/0", "-vn", "-sn", "-dn", "-map", "0:a:0", "-map_metadata", "-1", "-threads", "1",
      "-c:a", "pcm_f32be", "-f", "au", "pipe:1",
    ]
    let limits = Box.decoderLimits(longestSeconds: longestSeconds)
    _ = withCStrings(command) { command in
      withCStrings(Box.libraries(of: path)) { box_become(path, command, limits, $0) }
    }
    exit(cannotExecute)
  }

  private static func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var list = strings.map { strdup($0) }
    defer { for string in list { free(string) } }
    list.append(nil)
    return body(list)
  }
}

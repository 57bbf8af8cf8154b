import FoundationEssentials
import Glibc
public import Subprocess
import Synchronization
import SystemPackage

/// A running `dropscribe run`, as a test handles it: by signals, and by what it says.
public final class DaemonUnderTest: Sendable {
  /// Its process.
  public let pid: pid_t
  private let place: Workplace
  private let logFile: FilePath
  private let wasTold = Mutex(false)

  fileprivate init(pid: pid_t, place: Workplace, logFile: FilePath) {
    self.pid = pid
    self.place = place
    self.logFile = logFile
  }

  /// What it has said so far.
  public var log: String { place.bytes(logFile).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  /// Sends it a signal.
  public func signal(_ signal: Int32) {
    if [SIGTERM, SIGINT, SIGKILL].contains(signal) { wasTold.withLock { $0 = true } }
    kill(pid, signal)
  }

  /// Whether a signal that ends it was sent.
  fileprivate var isToldToEnd: Bool { wasTold.withLock { $0 } }

  /// How often a text stands in its log.
  public func count(_ text: String) -> Int { log.components(separatedBy: text).count - 1 }

  /// Waits until a text stands in its log so often.
  public func says(_ text: String, times: Int = 1) async throws {
    try await eventually("the daemon to say: \(text)") { count(text) >= times }
  }

  /// Asks it to read its configuration again and waits until it has, or has said why not.
  public func reload() async throws {
    let before = count("configuration was read again") + count("the old one stays in force")
    signal(SIGHUP)
    try await eventually("a reload") {
      count("configuration was read again") + count("the old one stays in force") > before
    }
  }

  /// Waits for something that only a living daemon does.
  private func eventually(_ what: String, _ condition: () -> Bool) async throws {
    try await place.eventually(what) { condition() || !isAlive }
    guard condition() else { throw Workplace.Failure(description: "the daemon has ended: \(log)") }
  }

  /// Its children of a name, such as `dropscribe-watch`. The kernel knows 15 letters of it.
  public func children(_ name: String) -> [pid_t] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { pid_t($0) }.filter { child in
      guard let bytes = place.bytes(FilePath("/proc/\(child)/stat")) else { return false }
      // PID (NAME) STATE PARENT …, and the name may hold anything.
      let text = String(decoding: bytes, as: UTF8.self)
      guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return false }
      let rest = text[text.index(after: close)...].split(separator: " ")
      return text[text.index(after: open)..<close] == name.prefix(15) && rest.count > 1 && rest[0] != "Z"
        && rest[1] == "\(pid)"
    }
  }

  /// Whether it has not ended.
  fileprivate var isAlive: Bool {
    guard let bytes = place.bytes(FilePath("/proc/\(pid)/stat")) else { return false }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.lastIndex(of: ")").map { !text[$0...].hasPrefix(") Z") } ?? false
  }
}

extension Workplace {
  /// Runs a daemon for as long as `body` takes. When `body` has sent it a signal that ends it, its end is awaited;
  /// else it is killed.
  ///
  /// - Returns: how it ended.
  @discardableResult
  public func daemon(
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    body: (DaemonUnderTest) async throws -> Void
  ) async throws -> TerminationStatus {
    let earlier = try FileManager.default.contentsOfDirectory(atPath: root.string).filter {
      $0.hasSuffix(".log")
    }
    let logFile = root.appending("daemon-\(earlier.count).log")
    let output = try FileDescriptor.open(
      logFile,
      .writeOnly,
      options: [.create, .append, .closeOnExec],
      permissions: [.ownerReadWrite]
    )
    defer { try? output.close() }
    var options = PlatformOptions()
    // What the children would get of a Ctrl-C is for the daemon alone.
    options.processGroupID = 0
    let result = try await Subprocess.run(
      .path(BuiltProducts.executable("dropscribe")),
      arguments: Arguments(["run", "--config", configuration.string] + arguments),
      environment: self.environment(environment),
      workingDirectory: root,
      platformOptions: options,
      input: .none,
      output: .fileDescriptor(output, closeAfterSpawningProcess: false),
      error: .fileDescriptor(output, closeAfterSpawningProcess: false)
    ) { execution in
      let daemon = DaemonUnderTest(
        pid: execution.processIdentifier.value,
        place: self,
        logFile: logFile
      )
      do {
        try await eventually("the daemon to start") {
          daemon.count("dropscribe is at work") > 0 || !daemon.isAlive
        }
        guard daemon.isAlive else { throw Failure(description: "the daemon ended at once: \(daemon.log)") }
        try await body(daemon)
        if daemon.isToldToEnd {
          try await eventually("the daemon to end") { !daemon.isAlive }
        } else {
          daemon.signal(SIGKILL)
        }
      } catch {
        daemon.signal(SIGKILL)
        throw error
      }
    }
    return result.terminationStatus
  }
}

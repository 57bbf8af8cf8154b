import Glibc
import Messages
import Subprocess
import Synchronization
import SystemPackage

/// One life of the watching child of one folder. There is a child for each folder, so that a folder on a filesystem
/// that hangs blinds no other.
struct Watcher: Sendable {
  /// How a life ended.
  enum End: Equatable, Sendable {
    /// It may have missed something and wants to be started again.
    case startAnew
    /// It was ended from here.
    case ended
    /// Something else; the text says what.
    case failed(String)
  }

  private static let startAnewCode: Int32 = 75

  /// The program `dropscribe-watch`.
  var executable: FilePath
  /// Absolute.
  var folder: FilePath
  var isRecursive: Bool

  /// Starts the child and hands over what it says until it ends, the leash is pulled, or the task is cancelled; the
  /// child is gone when this returns.
  func run(leash: Leash, hear: ([Hint]) async -> Void) async -> End {
    var options = PlatformOptions()
    // A group of its own: Ctrl-C on a terminal is for the daemon alone, which ends the child in its own time.
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))
    ]
    let arguments = ["--daemon"] + (isRecursive ? [] : ["--flat"]) + ["--"]
    do {
      let result = try await Subprocess.run(
        .path(executable),
        // Arguments that are bytes bring their own NUL.
        arguments: Arguments((arguments.map { Array($0.utf8) } + [folder.bytes]).map { $0 + [0] }),
        platformOptions: options,
        // Its standard input stays open as long as this child is wanted. Its complaints go where ours go.
        input: .inputWriter,
        output: .sequence,
        error: .currentStandardError
      ) { child in
        leash.tie { try? child.send(signal: .terminate) }
        defer { leash.untie() }
        var reader = HintReader()
        for try await buffer in child.standardOutput {
          let hints = try buffer.withUnsafeBytes { try reader.read($0) }
          if !hints.isEmpty { await hear(hints) }
        }
      }
      return Self.end(result.terminationStatus, wasPulled: leash.wasPulled)
    } catch is HintGarbage {
      return .failed("it wrote something that is no hint; is it the dropscribe-watch of this version?")
    } catch {
      return Task.isCancelled ? .ended : .failed(String(describing: error))
    }
  }

  private static func end(_ status: TerminationStatus, wasPulled: Bool) -> End {
    switch status {
    case _ where wasPulled || Task.isCancelled: .ended
    case .exited(startAnewCode): .startAnew
    case .exited(let code): .failed("it ended with exit code \(code)")
    case .signaled(let signal): .failed("it was ended by signal \(signal)")
    }
  }
}

/// Ends the child that is tied to it, from outside of the task that runs it.
final class Leash: Sendable {
  private struct State {
    var wasPulled = false
    var end: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  var wasPulled: Bool { state.withLock { $0.wasPulled } }

  func pull() {
    state.withLock { state in
      state.wasPulled = true
      state.end?()
    }
  }

  fileprivate func tie(_ end: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.end = end
      if state.wasPulled { end() }
    }
  }

  fileprivate func untie() {
    state.withLock { $0.end = nil }
  }
}

import Messages
internal import NIOCore
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
    let options = ["--daemon"] + (isRecursive ? [] : ["--flat"]) + ["--"]
    let arguments = [executable.bytes] + options.map { Array($0.utf8) } + [folder.bytes]
    let child: WatchProcess
    do { child = try await WatchProcess.start(executable, arguments: arguments) } catch {
      return .failed("\(executable.readable) cannot be started: \(error)")
    }
    leash.tie(to: child)
    let isGarbage = await listen(to: child, hear)
    leash.untie()
    let end = await child.end()
    if leash.wasPulled || Task.isCancelled { return .ended }
    if isGarbage {
      return .failed("it wrote something that is no hint; is it the dropscribe-watch of this version?")
    }
    return switch end {
    case .exited(Self.startAnewCode): .startAnew
    case .exited(let code): .failed("it ended with exit code \(code)")
    case .signaled(let signal): .failed("it was ended by signal \(signal)")
    case .stuck: .failed("it hangs and cannot be ended")
    }
  }

  /// Returns at the end of its output; true when that made no sense.
  private func listen(to child: WatchProcess, _ hear: ([Hint]) async -> Void) async -> Bool {
    var reader = HintReader()
    do {
      try await child.listen { bytes in
        let hints = try bytes.withUnsafeReadableBytes { try reader.read($0) }
        if !hints.isEmpty { await hear(hints) }
      }
    } catch {
      // A pipe that breaks is the end of the child, who says by its exit code why.
      return error is HintGarbage
    }
    return false
  }
}

/// Ends the child that is tied to it, from outside of the task that runs it.
final class Leash: Sendable {
  private struct State {
    var wasPulled = false
    var child: WatchProcess?
  }

  private let state = Mutex(State())

  var wasPulled: Bool { state.withLock { $0.wasPulled } }

  func pull() {
    state.withLock { state in
      state.wasPulled = true
      state.child?.kill()
    }
  }

  fileprivate func tie(to child: WatchProcess) {
    state.withLock { state in
      state.child = child
      if state.wasPulled { child.kill() }
    }
  }

  fileprivate func untie() {
    state.withLock { $0.child = nil }
  }
}

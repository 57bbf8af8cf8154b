import CLinux
import Glibc
internal import NIOCore
internal import NIOPosix
import SystemPackage

/// The watching child's process, and the pipes to it.
///
/// It is not started through swift-subprocess, whose 1.0.2 wakes up five threads every second for as long as a child
/// runs (`withAsyncTaskCleanupHandler`): this one runs for months, mostly with nothing to say.
struct WatchProcess: Sendable {
  /// How it ended.
  enum End: Equatable, Sendable {
    case exited(Int32)
    case signaled(Int32)
    /// It hangs in the kernel, on a filesystem that does not answer, and cannot be ended.
    case stuck
  }

  private let id: pid_t
  /// Its standard output, and its standard input, whose closing tells it to end.
  private let channel: NIOAsyncChannel<ByteBuffer, Never>

  /// Starts it in a process group of its own: Ctrl-C on a terminal is for the daemon alone. Its complaints go where
  /// ours go. The arguments are bytes, and begin with the program's name.
  ///
  /// - Throws: `Errno` when it cannot be started.
  static func start(_ executable: FilePath, arguments: [[UInt8]]) async throws -> WatchProcess {
    var texts = arguments.map { strdup($0.map(CChar.init(bitPattern:)) + [0]) }
    defer { for text in texts { free(text) } }
    texts.append(nil)
    var (input, output): (CInt, CInt) = (-1, -1)
    let id = executable.withPlatformString { linux_start($0, texts, &input, &output) }
    if id < 0 { throw Errno(rawValue: errno) }
    do {
      let channel = try await NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .takingOwnershipOfDescriptors(input: output, output: input) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, Never>(wrappingChannelSynchronously: channel)
          }
        }
      return WatchProcess(id: id, channel: channel)
    } catch {
      Glibc.kill(id, SIGKILL)
      waitpid(id, nil, 0)
      close(input)
      close(output)
      throw error
    }
  }

  /// Hands over what it writes until its output ends, `body` throws, or the task is cancelled. Its standard input is
  /// closed when this returns.
  func listen(_ body: (ByteBuffer) async throws -> Void) async throws {
    try await channel.executeThenClose { output in
      for try await bytes in output { try await body(bytes) }
    }
  }

  /// Ends it at once: it has nothing to put in order. Must not be called after ``end()``, when its id may be another's.
  func kill() { _ = Glibc.kill(id, SIGKILL) }

  /// Sees it off, and ends it first where it has not ended.
  func end() async -> End {
    // One that is ending already keeps its exit code.
    kill()
    return await withTaskExecutorPreference(FileThreads.shared) { await Self.reap(id) }
  }

  @concurrent private static func reap(_ id: pid_t) async -> End {
    for _ in 0..<200 {
      var status: CInt = 0
      if waitpid(id, &status, WNOHANG) == id {
        return status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signaled(status & 0x7F)
      }
      // A cancelled task's sleep would be none.
      usleep(5_000)
    }
    return .stuck
  }
}

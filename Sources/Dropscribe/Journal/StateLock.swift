import Glibc
public import SystemPackage

/// The right to use a state folder. It is the process's, not the file's: it ends with it, however it ends.
public struct StateLock: ~Copyable {
  private let descriptor: FileDescriptor

  /// Why the state cannot be used.
  public enum Problem: Error, Equatable, CustomStringConvertible {
    /// Another process has it; its process id, where it is known.
    case taken(FilePath, by: Int32?)
    /// The folder cannot be made or written; what the system says.
    case unusable(FilePath, Errno)

    /// For a person.
    public var description: String {
      switch self {
      case .taken(let path, let holder):
        """
        another dropscribe\(holder.map { " (process \($0))" } ?? "") uses the state in \(path); stop it, or \
        give this one a folder of its own ([state] path)
        """
      case .unusable(let path, let errno):
        "the state folder \(path) cannot be used (\(errno)); make it writable, or name another ([state] path)"
      }
    }
  }

  /// Runs `body` with the lock in `state` held, making the folder (mode 0700) when there is none.
  ///
  /// - Parameter wait: whether to wait for another process to let go.
  /// - Throws: ``Problem``, and what `body` throws.
  public static func held<Result: Sendable>(
    in state: FilePath,
    wait: Bool = false,
    body: () async throws -> Result
  ) async throws -> Result {
    let lock = try await StateLock(in: state, wait: wait)
    do {
      let result = try await body()
      lock.release()
      return result
    } catch {
      lock.release()
      throw error
    }
  }

  private init(in state: FilePath, wait: Bool) async throws {
    let opened: FileDescriptor
    do {
      try Self.makeFolder(state)
      opened = try FileDescriptor.open(
        state.appending("lock"),
        .readWrite,
        options: [.create, .closeOnExec, .noFollow],
        permissions: [.ownerReadWrite]
      )
    } catch {
      throw Problem.unusable(state, (error as? Errno) ?? .ioError)
    }
    do {
      // Asked again and again rather than waited for: a thread that waits could not be cancelled.
      while flock(opened.rawValue, LOCK_EX | LOCK_NB) != 0 {
        switch errno {
        case EINTR: continue
        case EWOULDBLOCK where wait: try await Task.sleep(for: .milliseconds(100))
        case EWOULDBLOCK: throw Problem.taken(state, by: Self.holder(opened))
        default: throw Problem.unusable(state, Errno(rawValue: errno))
        }
      }
    } catch {
      try? opened.close()
      throw error
    }
    _ = ftruncate(opened.rawValue, 0)
    _ = try? opened.writeAll(toAbsoluteOffset: 0, "\(getpid())\n".utf8)
    descriptor = opened
  }

  private consuming func release() {}

  deinit { try? descriptor.close() }

  private static func holder(_ descriptor: FileDescriptor) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count =
      (try? bytes.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }) ?? 0
    return Int32(String(decoding: bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  private static func makeFolder(_ path: FilePath) throws(Errno) {
    guard mkdir(path.string, 0o700) != 0 else { return }
    switch errno {
    case EEXIST: return
    case ENOENT where path.components.count > 1:
      try makeFolder(path.removingLastComponent())
      guard mkdir(path.string, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    default: throw Errno(rawValue: errno)
    }
  }
}

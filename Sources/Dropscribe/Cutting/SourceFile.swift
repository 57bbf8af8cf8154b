import Glibc
import SystemPackage

/// A recording's file, open for one reader, and the question whether it is still the one that was hashed.
struct SourceFile: ~Copyable {
  let descriptor: FileDescriptor
  private let identity: FileIdentity

  /// Why a recording cannot be read as the one that was hashed.
  enum Problem: Error, Equatable, CustomStringConvertible {
    /// Gone, replaced or changed: intake will find what is there now.
    case changed
    /// There and the same, but it cannot be opened; the errno.
    case unreadable(Errno)

    var description: String {
      switch self {
      case .changed: "the file changed or went away"
      case .unreadable(let errno):
        "the file cannot be opened (\(errno)); make it readable for the user that runs dropscribe"
      }
    }
  }

  /// Opens the file without following a link at its end and without waiting for a FIFO.
  init(_ recording: Recording) throws(Problem) {
    let opened: FileDescriptor
    do {
      opened = try FileDescriptor.open(
        recording.path,
        .readOnly,
        options: [.noFollow, .nonBlocking, .closeOnExec]
      )
    } catch Errno.noSuchFileOrDirectory, Errno.tooManySymbolicLinkLevels, Errno.notDirectory {
      throw .changed
    } catch {
      throw .unreadable((error as? Errno) ?? .ioError)
    }
    guard FileIdentity(of: opened) == recording.identity else {
      try? opened.close()
      throw .changed
    }
    descriptor = opened
    identity = recording.identity
  }

  deinit { try? descriptor.close() }

  /// Says whether the open file is as it was when it was hashed.
  func check() throws(Problem) {
    guard FileIdentity(of: descriptor) == identity else { throw .changed }
  }
}

extension FileIdentity {
  /// What fstat(2) says of an open file; nil when it is no regular file.
  init?(of descriptor: FileDescriptor) {
    var facts = stat()
    guard fstat(descriptor.rawValue, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(facts: facts)
  }
}

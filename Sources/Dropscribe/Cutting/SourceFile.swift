internal import Crypto
import Glibc
import SystemPackage

/// A recording's file, open for one reader, and the question whether it holds the bytes that were hashed.
struct SourceFile: ~Copyable {
  let descriptor: FileDescriptor
  private let sha256: String
  /// As it was when it was opened.
  private let identity: FileIdentity

  /// Why a recording cannot be read as the one that was hashed.
  enum Problem: Error, Equatable, CustomStringConvertible {
    /// Gone, replaced or changed: intake will find what is there now.
    case changed
    /// There and the same, but it cannot be opened or read; the errno.
    case unreadable(Errno)

    var description: String {
      switch self {
      case .changed: "the file changed or went away"
      case .unreadable(let errno):
        "the file cannot be read (\(errno)); make it readable for the user that runs dropscribe"
      }
    }
  }

  /// Opens the file without following a link at its end and without waiting for a FIFO.
  init(_ recording: Recording) async throws(Problem) {
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
    do {
      guard let identity = FileIdentity(of: opened),
        try await identity.holds(sha256: recording.sha256, as: recording.identity, opened)
      else { throw Problem.changed }
      self.identity = identity
    } catch {
      try? opened.close()
      throw (error as? Problem) ?? .unreadable((error as? Errno) ?? .ioError)
    }
    descriptor = opened
    sha256 = recording.sha256
  }

  deinit { try? descriptor.close() }

  /// Says whether the open file still holds what it held when it was opened, whatever it is called now.
  func check() async throws(Problem) {
    do {
      guard let now = FileIdentity(of: descriptor),
        try await now.holds(sha256: sha256, as: identity, descriptor)
      else { throw Problem.changed }
    } catch {
      throw (error as? Problem) ?? .unreadable((error as? Errno) ?? .ioError)
    }
  }
}

extension FileIdentity {
  /// What fstat(2) says of an open file; nil when it is no regular file.
  init?(of descriptor: FileDescriptor) {
    var facts = stat()
    guard fstat(descriptor.rawValue, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(facts: facts)
  }

  /// Whether an open file of this identity holds the bytes with that hash, which it held under `before`. Where
  /// only its times differ it is hashed again: a rename, a link and a mode change them, too.
  fileprivate func holds(sha256: String, as before: FileIdentity, _ file: FileDescriptor) async throws -> Bool
  {
    if self == before { return true }
    guard device == before.device, inode == before.inode, size == before.size else { return false }
    return try await withTaskExecutorPreference(FileThreads.shared) {
      try await Self.sha256(of: file, size: size) == sha256
    }
  }

  /// Hashes an open file without moving its offset, which a child may share.
  @concurrent private static func sha256(of file: FileDescriptor, size: Int64) async throws -> String {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4_096)
    defer { chunk.deallocate() }
    var hash = SHA256()
    var offset: Int64 = 0
    while offset < size {
      try Task.checkCancellation()
      let count = try file.read(fromAbsoluteOffset: offset, into: chunk)
      if count == 0 { break }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      offset += Int64(count)
    }
    return hash.finalize().hex
  }
}

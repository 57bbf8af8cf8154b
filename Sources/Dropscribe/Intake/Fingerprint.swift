import Crypto
import Glibc
import Messages
import SystemPackage

/// What a settled file is: its identity, and the hash of the bytes that it had under that identity.
struct Fingerprint: Equatable, Sendable {
  var identity: FileIdentity
  /// SHA-256, lower-case hex.
  var sha256: String

  /// What came of reading a file.
  enum Outcome: Equatable, Sendable {
    case taken(Fingerprint)
    /// Neither its first bytes nor its name speak of sound or film.
    case notMedia(FileIdentity)
    /// Its header declares more than is there.
    case incomplete
    /// It changed while it was read.
    case changed
    /// There is no file to read.
    case sighting(Sighting)
  }

  private static let chunk = 1 << 20

  /// Reads a file below a folder. `acceptsIncomplete` takes one whose header declares more than is there.
  ///
  /// - Throws: `CancellationError`, within a chunk of 1 MiB.
  @concurrent static func take(
    _ relative: FilePath,
    in folder: FilePath,
    acceptsIncomplete: Bool
  ) async throws -> Outcome {
    let opened: OpenFolder
    do throws(Errno) {
      opened = try OpenFolder(folder)
    } catch {
      return .sighting(.folderGone)
    }
    let file: CInt
    do throws(Errno) {
      file = try opened.open(relative)
    } catch {
      return .sighting(Sighting.seen(error, relative, opened))
    }
    defer { close(file) }
    do {
      return try read(file, relative, in: opened, acceptsIncomplete: acceptsIncomplete)
    } catch let error as Errno {
      return .sighting(.unreadable(error))
    }
  }

  private static func read(
    _ file: CInt,
    _ relative: FilePath,
    in folder: borrowing OpenFolder,
    acceptsIncomplete: Bool
  ) throws -> Outcome {
    let facts = try OpenFolder.facts(of: file)
    guard facts.st_mode & S_IFMT == S_IFREG else { return .sighting(.notAFile) }
    let identity = FileIdentity(facts: facts)

    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 4_096)
    defer { buffer.deallocate() }
    let useful = max(Container.bytesNeeded, DeclaredSize.bytesUseful)
    let first = Array(
      buffer.prefix(try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<useful]), file))
    )
    guard Container(firstBytes: first) != nil || Container.extensionSuggestsMedia(relative.nameBytes) else {
      return .notMedia(identity)
    }
    if !acceptsIncomplete, DeclaredSize.declaresMore(firstBytes: first, size: identity.size) {
      return .incomplete
    }

    _ = posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
    var hash = SHA256()
    hash.update(data: first)
    while true {
      try Task.checkCancellation()
      let count = try fill(buffer, file)
      if count == 0 { break }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    // The open file must not have changed, and the path must still lead to it.
    guard try FileIdentity(facts: OpenFolder.facts(of: file)) == identity,
      let now = try? folder.facts(of: relative), FileIdentity(facts: now) == identity
    else { return .changed }
    return .taken(Fingerprint(identity: identity, sha256: hash.finalize().hex))
  }

  /// Reads on until the buffer is full or the file ends.
  private static func fill(_ buffer: UnsafeMutableRawBufferPointer, _ file: CInt) throws(Errno) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = Glibc.read(file, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
      if count == 0 { break }
      if count < 0 {
        let error = Errno(rawValue: errno)
        if error == .interrupted { continue }
        throw error
      }
      filled += count
    }
    return filled
  }
}

import SystemPackage

/// Reads files of which a page is a lot: configurations, instructions, keys.
enum SmallFile {
  /// Why a file could not be read, as the end of a sentence.
  struct Problem: Error {
    var message: String
  }

  /// The whole file and what `fstat` says of it. A pipe, a device or a file over `limit` bytes is refused, so
  /// that neither opening nor reading ever hangs.
  static func read(_ path: FilePath, limit: Int) throws(Problem) -> (bytes: [UInt8], stat: Stat) {
    do {
      let file = try FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
      return try file.closeAfter {
        let stat = try file.stat()
        guard stat.type == .regular else {
          throw Problem(message: stat.type == .directory ? "is a folder" : "is no regular file")
        }
        let bytes = try [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
          let memory = UnsafeMutableRawBufferPointer(buffer)
          while count < memory.count {
            let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
            if read == 0 { break }
            count += read
          }
        }
        guard bytes.count <= limit else { throw Problem(message: "is larger than \(limit / 1024) KiB") }
        return (bytes, stat)
      }
    } catch let problem as Problem {
      throw problem
    } catch Errno.noSuchFileOrDirectory {
      throw Problem(message: "does not exist")
    } catch Errno.permissionDenied {
      throw Problem(
        message: "may not be read by this user; look at its owner, its mode and its folders' modes"
      )
    } catch {
      throw Problem(message: "cannot be read: \(error)")
    }
  }

  /// The whole file as text, without the mark that some editors put before it.
  static func text(_ path: FilePath, limit: Int) throws(Problem) -> String {
    var bytes = try read(path, limit: limit).bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(message: "is not in UTF-8; store it in that encoding")
    }
    return text
  }
}

import Glibc
import Messages

/// The folder that a person wants clips in.
struct ClipFolder {
  /// What is wrong with it.
  struct Failure: Error {
    let reason: String
  }

  static let listName = "clips.json"

  /// The open folder.
  let descriptor: Int32
  private let name: String

  /// Opens the folder, or makes it; clips of an earlier run in it are a failure.
  init(_ path: Argument) throws(Failure) {
    name = path.text
    _ = path.withCString { mkdir($0, 0o777) }
    descriptor = path.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw Failure(reason: "\(name) cannot be used as a folder: \(String(cString: strerror(errno)))")
    }
    let first = ClipEncoding.allCases.map { ClipList.fileName(0, $0) }
    for file in [Self.listName] + first where faccessat(descriptor, file, F_OK, 0) == 0 {
      throw Failure(
        reason: "\(name) holds \(file) already, and nothing is overwritten: name another folder, or empty it"
      )
    }
  }

  /// Writes a new file, with the one openat(2) that the box still knows.
  func write(_ bytes: [UInt8], to file: String) throws(Failure) {
    let target = openat(descriptor, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard target >= 0 else {
      let hint =
        errno == EEXIST ? "it is there already, and nothing is overwritten" : String(cString: strerror(errno))
      throw Failure(reason: "\(name)/\(file) cannot be written: \(hint)")
    }
    defer { close(target) }
    do { try Output.write(bytes, to: target) } catch {
      throw Failure(reason: "\(name)/\(file) cannot be written: \(error.reason)")
    }
  }
}

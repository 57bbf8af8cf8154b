import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

struct IntakeTestFailure: Error { var number = errno }

/// Waits for a condition; a minute is more than any machine needs.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
  let end = ContinuousClock.now.advanced(by: .seconds(60))
  while ContinuousClock.now < end {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  Issue.record("never: \(what)")
  throw IntakeTestFailure()
}

/// Real files and folders.
enum IntakeDisk {
  static func withFolder(_ body: (FilePath) async throws -> Void) async throws {
    var template = Array("/tmp/intake-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw IntakeTestFailure() }
    let folder = FilePath(platformString: template)
    defer { removeAll(folder) }
    try await body(folder)
  }

  static func makeFolder(_ path: FilePath) throws {
    guard path.withPlatformString({ mkdir($0, 0o755) }) == 0 else { throw IntakeTestFailure() }
  }

  static func move(_ from: FilePath, _ to: FilePath) throws {
    let result = from.withPlatformString { from in to.withPlatformString { rename(from, $0) } }
    guard result == 0 else { throw IntakeTestFailure() }
  }

  static func remove(_ path: FilePath) throws {
    guard path.withPlatformString({ unlink($0) }) == 0 else { throw IntakeTestFailure() }
  }

  static func write(_ bytes: [UInt8], to path: FilePath, appending: Bool = false) throws {
    let mode = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    let file = path.withPlatformString { open($0, mode, 0o644) }
    guard file >= 0 else { throw IntakeTestFailure() }
    defer { close(file) }
    guard bytes.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == bytes.count else {
      throw IntakeTestFailure()
    }
  }

  static func read(_ path: FilePath) throws -> [UInt8] {
    let file = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
    guard file >= 0 else { throw IntakeTestFailure() }
    defer { close(file) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count > 0 else { return all }
      all += buffer[..<count]
    }
  }

  /// Removes a folder and all in it, whatever it is.
  static func removeAll(_ path: FilePath) {
    if let listing = path.withPlatformString({ opendir($0) }) {
      while let entry = readdir(listing) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
        if name == Array(".".utf8) || name == Array("..".utf8) { continue }
        let child = FilePath(bytes: path.bytes + Array("/".utf8) + name)
        if child.withPlatformString({ unlink($0) }) != 0 { removeAll(child) }
      }
      closedir(listing)
    }
    _ = path.withPlatformString { rmdir($0) }
  }

  /// A whole WAV file, different for each seed.
  static func wave(_ seed: UInt8 = 0, bytes count: Int = 64, declaring declared: Int? = nil) -> [UInt8] {
    let data = (0..<count).map { UInt8(truncatingIfNeeded: $0) &+ seed }
    func little(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    let format: [UInt8] = [1, 0, 1, 0, 0x80, 0x3E, 0, 0, 0, 0x7D, 0, 0, 2, 0, 16, 0]
    let size = declared ?? count
    return Array("RIFF".utf8) + little(36 + size) + Array("WAVEfmt ".utf8) + little(16) + format
      + Array("data".utf8) + little(size) + data
  }
}

import FoundationEssentials
import SystemPackage

/// A folder that is gone after its test.
enum TemporaryFolder {
  static func with<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    let path = FilePath("/tmp/dropscribe-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path.string) }
    return try body(path)
  }

  static func with<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
    let path = FilePath("/tmp/dropscribe-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path.string) }
    return try await body(path)
  }

  static func write(_ text: String, to path: FilePath, mode: FilePermissions = [.ownerReadWrite]) throws {
    try write(Array(text.utf8), to: path, mode: mode)
  }

  static func write(_ bytes: [UInt8], to path: FilePath, mode: FilePermissions = [.ownerReadWrite]) throws {
    let file = try FileDescriptor.open(path, .writeOnly, options: [.create, .truncate], permissions: mode)
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }
}

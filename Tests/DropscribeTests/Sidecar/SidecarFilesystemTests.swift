import Foundation
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import Dropscribe

/// Filesystems that refuse, for real: mounted for one thread alone, which needs the right to mount.
@Suite(.enabled(if: PrivateMounts.areAllowed, "this user may not mount"))
struct SidecarFilesystemTests {
  /// What a thread with a small disk of its own saw.
  private struct Seen: Sendable {
    var write: SidecarError.Kind?
    var probe: SidecarError.Kind?
    var left: [String] = []
    var then: [String] = []
  }

  @Test func aFullDiskKeepsNothingHalfAndIsMendedByRoom() throws {
    let outside = try SidecarFixture()
    let folder = outside.folder
    let seen = try PrivateMounts.with { try Self.fill(folder, $0) }
    #expect(seen.write == .full)
    #expect(seen.probe == .full)
    #expect(seen.left == ["fill"])
    #expect(seen.then == ["standup.wav.txt", "standup.wav.usage.json"])
  }

  private static func fill(_ folder: FilePath, _ mounts: PrivateMounts) throws -> Seen {
    try mounts.mountSmallDisk(at: folder)
    let at = try SidecarFixture(in: folder)
    var seen = Seen()
    #expect(throws: (any Error).self) { try at.put(String(repeating: "x", count: 1 << 20), at: "fill") }
    seen.write = kind { try at.write(SidecarFixture.job("transcript", "Hello.")) }
    seen.probe = kind { try SidecarFolder.probe(folder) }
    seen.left = try at.names()
    try at.remove("fill")
    try at.write(SidecarFixture.job("transcript", "Hello."))
    seen.then = try at.names()
    return seen
  }

  @Test func aReadOnlyDiskIsFoundBeforeAnythingIsPaid() throws {
    let outside = try SidecarFixture()
    let folder = outside.folder
    let seen = try PrivateMounts.with { try Self.forbid(folder, $0) }
    #expect(seen.write == .readOnly)
    #expect(seen.probe == .readOnly)
  }

  private static func forbid(_ folder: FilePath, _ mounts: PrivateMounts) throws -> Seen {
    try mounts.mountSmallDisk(at: folder)
    let at = try SidecarFixture(in: folder)
    try mounts.makeReadOnly(folder)
    var seen = Seen()
    seen.write = kind { try at.write(SidecarFixture.job("transcript", "Hello.")) }
    seen.probe = kind { try SidecarFolder.probe(folder) }
    return seen
  }

  private static func kind<Result>(_ body: () throws -> Result) -> SidecarError.Kind? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? SidecarError)?.kind
    }
  }
}

/// A thread with mounts of its own, which go away with it. The calls are not in Swift's Glibc module.
private struct PrivateMounts {
  private typealias Unshare = @convention(c) (Int32) -> Int32
  private typealias Mount =
    @convention(c) (
      UnsafePointer<CChar>?, UnsafePointer<CChar>, UnsafePointer<CChar>?, UInt, UnsafePointer<CChar>?
    ) -> Int32

  private static let newMounts: Int32 = 0x0002_0000
  private static let (recursive, isPrivate, remount, readOnly): (UInt, UInt, UInt, UInt) = (
    16384, 1 << 18, 32, 1
  )

  private let mount: Mount

  static let areAllowed = (try? with { _ in true }) == true

  static func with<Result: Sendable>(
    _ body: @escaping @Sendable (PrivateMounts) throws -> Result
  ) throws -> Result {
    let box = Box<Result>()
    let ended = DispatchSemaphore(value: 0)
    let thread = Thread {
      box.result.withLock { $0 = Swift.Result { try body(PrivateMounts()) } }
      ended.signal()
    }
    thread.start()
    ended.wait()
    return try #require(box.result.withLock { $0 }).get()
  }

  private final class Box<Value: Sendable>: Sendable {
    let result = Mutex<Swift.Result<Value, any Error>?>(nil)
  }

  private init() throws {
    let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)
    mount = unsafeBitCast(try #require(dlsym(nil, "mount")), to: Mount.self)
    try #require(unshare(Self.newMounts) == 0)
    try #require(mount(nil, "/", nil, Self.recursive | Self.isPrivate, nil) == 0)
  }

  func mountSmallDisk(at path: FilePath) throws {
    try #require(mount("tmpfs", path.string, "tmpfs", 0, "size=64k") == 0)
  }

  func makeReadOnly(_ path: FilePath) throws {
    try #require(mount(nil, path.string, nil, Self.remount | Self.readOnly, nil) == 0)
  }
}

import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct SourceFileTests {
  private let slicer: FakeSlicer
  private let path: FilePath

  init() throws {
    slicer = try FakeSlicer()
    path = slicer.folder.appending("a.wav")
    try TemporaryFolder.write("one two three", to: path)
  }

  /// The file as intake found it.
  private func recording() async throws -> Recording {
    let outcome = try await Fingerprint.take("a.wav", in: slicer.folder, acceptsIncomplete: true)
    guard case .taken(let print) = outcome else { throw Errno.ioError }
    return Recording(
      id: 1,
      path: path,
      folder: "inbox",
      identity: print.identity,
      sha256: print.sha256,
      isPresent: true
    )
  }

  /// Writes other bytes of the same length into the file and sets its modification time back.
  private func overwriteUnnoticed() throws {
    var facts = stat()
    #expect(stat(path.string, &facts) == 0)
    let file = try FileDescriptor.open(path, .writeOnly)
    try file.closeAfter { _ = try file.writeAll("ONE TWO THREE".utf8) }
    var times = [facts.st_atim, facts.st_mtim]
    #expect(utimensat(AT_FDCWD, path.string, &times, 0) == 0)
  }

  @Test func aFileThatIsAsItWasIsOpenedAtItsFirstByte() async throws {
    let source = try await SourceFile(try await recording())
    var byte = [UInt8](repeating: 0, count: 3)
    _ = try byte.withUnsafeMutableBytes { try source.descriptor.read(into: $0) }
    #expect(byte == Array("one".utf8))
    try await source.check()
  }

  @Test func aRenameALinkAndAModeChangeNothing() async throws {
    let recording = try await recording()
    #expect(chmod(path.string, 0o640) == 0)
    let source = try await SourceFile(recording)
    let moved = slicer.folder.appending("b.wav")
    #expect(link(path.string, slicer.folder.appending("c.wav").string) == 0)
    #expect(rename(path.string, moved.string) == 0)
    #expect(chmod(moved.string, 0o600) == 0)
    try await source.check()
    #expect(unlink(moved.string) == 0)
    #expect(unlink(slicer.folder.appending("c.wav").string) == 0)
    try await source.check()
  }

  @Test func otherBytesOfTheSameLengthAndTimeAreNoticed() async throws {
    let recording = try await recording()
    let source = try await SourceFile(recording)
    try overwriteUnnoticed()
    await #expect(throws: SourceFile.Problem.changed) { try await source.check() }
    await #expect(throws: SourceFile.Problem.changed) {
      _ = try await SourceFile(recording).descriptor
    }
  }

  @Test func anAppendedByteIsNoticed() async throws {
    let recording = try await recording()
    let source = try await SourceFile(recording)
    let file = try FileDescriptor.open(path, .writeOnly, options: .append)
    try file.closeAfter { _ = try file.writeAll("!".utf8) }
    await #expect(throws: SourceFile.Problem.changed) { try await source.check() }
  }

  @Test(arguments: ["gone", "another file", "a link", "a folder", "a FIFO"])
  func whatIsNotTheFileAnyMoreIsNotRead(_ what: String) async throws {
    let recording = try await recording()
    let aside = slicer.folder.appending("aside")
    #expect(rename(path.string, aside.string) == 0)
    switch what {
    case "another file": try TemporaryFolder.write("one two three", to: path)
    case "a link": #expect(symlink(aside.string, path.string) == 0)
    case "a folder": #expect(mkdir(path.string, 0o700) == 0)
    case "a FIFO": #expect(mkfifo(path.string, 0o600) == 0)
    default: break
    }
    await #expect(throws: SourceFile.Problem.changed) {
      _ = try await SourceFile(recording).descriptor
    }
  }
}

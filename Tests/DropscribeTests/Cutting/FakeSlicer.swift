import FoundationEssentials
import Messages
import SystemPackage

/// A folder for recordings and for small programs that stand in for the slicing child.
final class FakeSlicer {
  let folder: FilePath
  private var files = 0

  init() throws {
    folder = FilePath("/tmp/dropscribe-slicer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      atPath: folder.string,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: folder.string) }

  /// A shell script; `$0.state` is a file of its own. It has no PATH: programs are named in full.
  func program(_ script: String) throws -> FilePath {
    let path = next("program")
    try TemporaryFolder.write("#!/bin/sh\n\(script)\n", to: path, mode: [.ownerReadWriteExecute])
    return path
  }

  /// A file with these frames, to be written out by a program.
  func file(_ frames: [SliceFrame]) throws -> FilePath { try file(frames.flatMap(\.encoded)) }

  func file(_ bytes: [UInt8]) throws -> FilePath {
    let path = next("bytes")
    try TemporaryFolder.write(bytes, to: path)
    return path
  }

  /// A program that says these frames and ends.
  func saying(_ frames: [SliceFrame]) throws -> FilePath {
    try program("exec /bin/cat \(try file(frames))")
  }

  private func next(_ kind: String) -> FilePath {
    files += 1
    return folder.appending("\(kind)-\(files)")
  }

  // MARK: What a slicer says

  static let format = SliceFrame.format(
    .init(name: "WAV, 16-bit PCM", sampleRate: 16_000, channels: 1, declaredFrames: nil)
  )

  /// Clips of ten seconds, from one index up to another, whose audio is their index and `audio`.
  static func clips(_ indices: Range<Int>, _ audio: String = "") -> [SliceFrame] {
    indices.map { .clip(JournalFixture.cut($0, "\($0)\(audio)")) }
  }

  static func end(
    _ clips: Int,
    _ verdict: SliceFrame.End.Verdict = .whole,
    _ reason: String = ""
  ) -> SliceFrame {
    let length = Int64(clips) * 160_000
    return .end(.init(verdict: verdict, reason: reason, framesRead: length, length: length))
  }

  /// All of a recording of so many clips.
  static func whole(_ clips: Int, _ audio: String = "") -> [SliceFrame] {
    [format] + self.clips(0..<clips, audio) + [end(clips)]
  }
}

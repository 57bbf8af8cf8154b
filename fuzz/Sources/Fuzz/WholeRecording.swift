import CFuzzer
import Glibc

@testable import Messages
@testable import Slicing

/// A recording's bytes through the whole slicer, with libsndfile behind it, as the child would slice them.
enum WholeRecording {
  private static let file = memory_file()

  static func run(_ bytes: [UInt8]) -> Bool {
    guard let container = Container(firstBytes: bytes) else { return false }
    precondition(ftruncate(file, 0) == 0)
    precondition(pwrite(file, bytes, bytes.count, 0) == bytes.count)
    precondition(lseek(file, 0, SEEK_SET) == 0)
    switch container.decoder {
    case .soundFile, .soundFileStreamed:
      slice(pipe: nil, container)
      // What ffmpeg sends of a recording that only it can read comes as AU through a pipe.
      if container.name == "AU", let decoded = Container(firstBytes: Array("#!AMR\n".utf8)) {
        piped(bytes) { slice(pipe: $0, decoded) }
      }
    case .ffmpeg: return false
    }
    return true
  }

  /// The reading end of a pipe that holds all of `bytes`.
  private static func piped(_ bytes: [UInt8], _ body: (Int32) -> Void) {
    var ends: [Int32] = [0, 0]
    precondition(roomy_pipe(&ends) >= bytes.count)
    precondition(write(ends[1], bytes, bytes.count) == bytes.count)
    close(ends[1])
    body(ends[0])
    close(ends[0])
  }

  private static func slice(pipe: Int32?, _ container: Container) {
    var request = SliceRequest()
    request.maxSeconds = 2
    request.skipSilenceSeconds = 1
    request.longestSeconds = 20
    guard
      var slicer = try? Slicer(file: file, pipe: pipe, container: container, request: request)
    else { return }
    var (position, index, hasFormat) = (Int64(0), 0, false)
    let end = slicer.run { frame in
      let bytes = frame.encoded
      precondition(
        must { try SliceFrame(kind: bytes[0], payload: Array(bytes[5...])) } == frame,
        "a sound frame"
      )
      switch frame {
      case .format: hasFormat = true
      case .clip(let clip):
        precondition(hasFormat && clip.index == index && clip.range.start == position)
        precondition(clip.audio.count == 44 + 2 * max(16_000, Int(clip.range.frames)))
        (position, index) = (clip.range.end, index + 1)
      case .silence(let range, _):
        precondition(range.start == position)
        position = range.end
      case .end: preconditionFailure("the end is what run returns")
      }
    }
    precondition(hasFormat && position == end.length && end.framesRead >= 0, "the recording is covered")
    precondition(end.verdict == .whole || !end.reason.isEmpty, "what is wrong has a reason")
    let bytes = SliceFrame.end(end).encoded
    precondition(
      must { try SliceFrame(kind: bytes[0], payload: Array(bytes[5...])) } == .end(end),
      "a sound end"
    )
  }
}

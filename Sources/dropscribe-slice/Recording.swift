import Glibc
import Messages
import Slicing

/// The recording on standard input, from its first bytes to its verdict.
enum Recording {
  /// Recognises the recording by its first bytes, starts what decodes it, shuts the box, and slices.
  ///
  /// Whatever is wrong with the recording is said in the result; `emit` throws when nobody listens any more.
  static func slice<Failure: Error>(
    _ request: SliceRequest,
    writing: Box.Writing,
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) -> SliceFrame.End {
    var facts = stat()
    guard fstat(STDIN_FILENO, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      return end(.unreadable, "it is not a regular file")
    }
    guard facts.st_size > 0 else { return end(.unreadable, "it is empty") }
    guard let container = Container(firstBytes: firstBytes()) else {
      return end(.unreadable, "its first bytes are those of no kind of recording that is known here")
    }
    guard case .ffmpeg(let demuxer) = container.decoder else {
      if let failure = Box.enterForSlicing(request, child: nil, writing: writing) {
        return end(.unreadable, "the slicer \(failure)")
      }
      return try work(pipe: nil, container, request, emit)
    }
    guard let path = request.ffmpeg, access(path, X_OK) == 0 else { return ffmpegMissing(container, request) }
    guard let ffmpeg = Decoder.ffmpeg(path, demuxer: demuxer, longestSeconds: request.longestSeconds) else {
      return end(.unreadable, "no process can be started to decode it")
    }
    if let failure = Box.enterForSlicing(request, child: ffmpeg.process, writing: writing) {
      return end(.unreadable, "the slicer \(failure)")
    }
    var result = try work(pipe: ffmpeg.output, container, request, emit)
    let ending = ffmpeg.finish(isEnough: result.verdict == .limit)
    if ending == .cannotExecute { return ffmpegMissing(container, request) }
    if result.verdict == .unreadable {
      result.reason =
        "ffmpeg finds no audio that it can decode in this \(container.name) file: it has no sound, or is damaged"
      if case .died(let words) = ending { result.reason += "; it \(words)" }
    } else if let fault = ending.fault, result.verdict == .whole || result.verdict == .damaged {
      result.verdict = .damaged
      result.reason += result.reason.isEmpty ? fault : "; \(fault)"
    }
    return result
  }

  private static func work<Failure: Error>(
    pipe: Int32?,
    _ container: Container,
    _ request: SliceRequest,
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) -> SliceFrame.End {
    var slicer: Slicer
    do {
      slicer = try Slicer(file: STDIN_FILENO, pipe: pipe, container: container, request: request)
    } catch {
      return end(.unreadable, error.reason)
    }
    return try slicer.run(emit)
  }

  private static func firstBytes() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Container.bytesNeeded) { memory, count in
      count = max(0, pread(STDIN_FILENO, memory.baseAddress, memory.count, 0))
    }
  }

  private static func ffmpegMissing(_ container: Container, _ request: SliceRequest) -> SliceFrame.End {
    let place = request.ffmpeg.map { " (there is none at \($0))" } ?? ""
    return end(.decoderMissing, "\(container.name) needs ffmpeg to be decoded\(place): install ffmpeg")
  }

  private static func end(_ verdict: SliceFrame.End.Verdict, _ reason: String) -> SliceFrame.End {
    SliceFrame.End(verdict: verdict, reason: reason, framesRead: 0, length: 0)
  }
}

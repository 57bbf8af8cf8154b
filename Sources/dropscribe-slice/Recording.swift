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
    let decoder: Decoder?
    var child: pid_t?
    switch container.decoder {
    case .soundFile: decoder = nil
    case .soundFilePiped:
      guard let pump = Decoder.pump(Box.pumpLimits(request)) else {
        return end(.unreadable, "no process can be started to read it")
      }
      child = pump.process
      decoder = consume pump
    case .ffmpeg(let demuxer):
      guard let path = request.ffmpeg, access(path, X_OK) == 0 else {
        return ffmpegMissing(container, request)
      }
      guard let ffmpeg = Decoder.ffmpeg(path, demuxer: demuxer, longestSeconds: request.longestSeconds) else {
        return end(.unreadable, "no process can be started to decode it")
      }
      child = ffmpeg.process
      decoder = consume ffmpeg
    }
    if let failure = Box.enterForSlicing(request, child: child, writing: writing) {
      return end(.unreadable, "the slicer \(failure)")
    }
    guard let decoder else {
      return try work(STDIN_FILENO, container, request, emit)
    }
    var result = try work(decoder.output, container, request, emit)
    let isPumped = container.decoder == .soundFilePiped
    if isPumped, result.verdict == .whole { warnOfRemainder(decoder.remainder(upTo: 1 << 30), in: &result) }
    let ending = decoder.finish(isEnough: isPumped || result.verdict == .limit)
    if ending == .cannotExecute { return ffmpegMissing(container, request) }
    if !isPumped, result.verdict == .unreadable {
      result.reason = "ffmpeg finds no audio that it can decode in this \(container.name) file"
      if case .died(let words) = ending { result.reason += ": it \(words)" }
    } else if let fault = ending.fault, result.verdict == .whole || result.verdict == .damaged {
      result.verdict = .damaged
      result.reason += result.reason.isEmpty ? fault : "; \(fault)"
    }
    return result
  }

  private static func work<Failure: Error>(
    _ descriptor: Int32,
    _ container: Container,
    _ request: SliceRequest,
    _ emit: (SliceFrame) throws(Failure) -> Void
  ) throws(Failure) -> SliceFrame.End {
    var slicer: Slicer
    do {
      slicer = try Slicer(descriptor: descriptor, file: STDIN_FILENO, container: container, request: request)
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

  /// Two MP3s behind one another, or an MP3 with something else behind it: the decoder stops at the seam.
  private static func warnOfRemainder(_ bytes: Int, in result: inout SliceFrame.End) {
    // Tags at the end are no audio.
    guard bytes > 65_536 else { return }
    result.verdict = .damaged
    result.reason = "\(bytes) bytes at its end could not be decoded"
  }

  private static func ffmpegMissing(_ container: Container, _ request: SliceRequest) -> SliceFrame.End {
    let place = request.ffmpeg.map { " (there is none at \($0))" } ?? ""
    return end(
      .decoderMissing,
      "\(container.name) needs ffmpeg to be decoded\(place): install ffmpeg, then try again"
    )
  }

  private static func end(_ verdict: SliceFrame.End.Verdict, _ reason: String) -> SliceFrame.End {
    SliceFrame.End(verdict: verdict, reason: reason, framesRead: 0, length: 0)
  }
}

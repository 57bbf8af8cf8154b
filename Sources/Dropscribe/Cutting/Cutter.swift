import Glibc
import Logging
import Messages
import Subprocess
import Synchronization
import SystemPackage

/// The slicing child's parent side: starts one child for one pass over one recording, hands on what it says,
/// and never believes more of it than its form.
struct Cutter: Sendable {
  /// `dropscribe-slice`.
  var executable: FilePath
  /// What decodes the formats that libsndfile does not read; nil where that is not wanted.
  var ffmpeg: FFmpeg?
  /// A child that says nothing for so long while somebody waits for it is ended.
  var patience: Duration = .seconds(120)

  /// How a pass ended.
  enum End: Equatable, Sendable {
    /// The child said so.
    case said(SliceFrame.End)
    /// The child died, hung or wrote garbage; for a person.
    case failed(String)
    /// The body wanted no more.
    case stopped
  }

  /// What the body says to each frame.
  enum Wish { case more, enough }

  /// Runs one pass over `source`, which stands at its first byte and has no other reader. `body` is called with
  /// every frame in order; while it works the child waits.
  ///
  /// - Throws: what starting the child throws, what `body` throws, and `CancellationError`: a child that was
  ///   ended with the task says nothing about the recording. The child and all that it started are gone when
  ///   this returns.
  func cut(
    _ source: FileDescriptor,
    _ request: SliceRequest,
    body: (SliceFrame) async throws -> Wish
  ) async throws -> End {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = []
    let waiting = WaitingSince()
    var request = request
    request.ffmpeg = ffmpeg?.present?.string
    let result = try await run(
      .path(executable),
      arguments: Arguments(["--frames"] + request.arguments),
      environment: .custom([:] as [Environment.Key: String]),
      platformOptions: options,
      input: .fileDescriptor(source, closeAfterSpawningProcess: false),
      output: .sequence,
      error: .discarded
    ) { child -> End? in
      let group = child.processIdentifier.value
      defer { kill(-group, SIGKILL) }
      // Ended with this scope.
      async let _: Void = waiting.end(group: group, after: patience)
      return try await Self.read(child.standardOutput, FrameTally(request), waiting, body)
    }
    if let end = result.closureResult { return end }
    try Task.checkCancellation()
    if waiting.ranOut { return .failed("the slicer said nothing for \(patience.components.seconds) s") }
    return .failed("the slicer \(Self.words(result.terminationStatus))")
  }

  private static func words(_ status: TerminationStatus) -> String {
    switch status {
    case .exited(0): "ended without a verdict"
    case .exited(let code): "ended without a verdict, with status \(code)"
    case .signaled(let signal): Death.words(signal: signal)
    }
  }

  /// Reads frames until the child has said its end, the body has enough, or the stream ends (nil).
  private static func read(
    _ output: SubprocessOutputSequence,
    _ tally: FrameTally,
    _ waiting: WaitingSince,
    _ body: (SliceFrame) async throws -> Wish
  ) async throws -> End? {
    var reader = FrameReader()
    var tally = tally
    var buffers = output.makeAsyncIterator()
    while true {
      waiting.begin()
      guard let buffer = try await buffers.next() else { return nil }
      waiting.pause()
      var offset = 0
      while offset < buffer.count {
        let frame: SliceFrame?
        do {
          (frame, offset) = try buffer.withUnsafeBytes { bytes throws(SliceGarbage) in
            var rest = bytes[offset...]
            let frame = try reader.read(&rest)
            return (frame, bytes.count - rest.count)
          }
        } catch {
          return .failed("the slicer wrote what is no frame")
        }
        guard let frame else { continue }
        guard tally.admits(frame) else {
          return .failed("the slicer said what no pass over a recording does")
        }
        if case .end(let end) = frame { return .said(end) }
        if case .enough = try await body(frame) { return .stopped }
      }
    }
  }
}

/// Since when somebody waits for a child's next word, and the end of a child that says none.
private final class WaitingSince: Sendable {
  private struct State {
    var since: ContinuousClock.Instant?
    var ranOut = false
  }

  private let state = Mutex(State())

  func begin() { state.withLock { $0.since = .now } }
  func pause() { state.withLock { $0.since = nil } }
  var ranOut: Bool { state.withLock { $0.ranOut } }

  /// Kills the process group once somebody has waited for longer than `patience`; returns when cancelled.
  func end(group: pid_t, after patience: Duration) async {
    while !Task.isCancelled {
      let left = state.withLock { $0.since.map { patience - (.now - $0) } ?? patience }
      if left <= .zero {
        state.withLock { $0.ranOut = true }
        kill(-group, SIGKILL)
        return
      }
      try? await Task.sleep(for: left)
    }
  }
}

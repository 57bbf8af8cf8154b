import Logging

/// Takes up the recordings that could not be read without ffmpeg, once it is there: at the start, after a reload,
/// and within a minute after it came. Where nothing waits for it, nobody looks.
struct FFmpegWait: Sendable {
  let journal: Journal
  let ffmpeg: FFmpeg
  let log: Logger
  /// How often it is looked for while something waits.
  var interval: Duration = .seconds(15)

  /// Looks until cancelled.
  func run() async {
    // One that was there and did not help is not tried again and again.
    var tried: FileIdentity?
    while !Task.isCancelled {
      let heard = journal.lacking.rings
      let isLacking = (try? await journal.isLacking(.ffmpeg)) ?? false
      if isLacking, let version = ffmpeg.version {
        if version != tried { await resume() }
        tried = version
      } else if isLacking {
        tried = nil
      }
      await journal.lacking.wait(after: heard, atMost: isLacking ? interval : nil)
    }
  }

  /// Takes them up now if it is there.
  func resumeIfPresent() async {
    if ffmpeg.present != nil { await resume() }
  }

  private func resume() async {
    do {
      let count = try await journal.resume(lacking: .ffmpeg)
      if count > 0 {
        log.notice("ffmpeg is there now; what waited for it is taken up", metadata: ["jobs": "\(count)"])
      }
    } catch {
      log.error("what waits for ffmpeg cannot be taken up yet", metadata: ["reason": "\(error)"])
    }
  }
}

import CBox
import Glibc
import Messages

/// The limits under which recordings are decoded.
enum Box {
  /// Enters the box of the process that slices. `filesMayGrow` is for a person who wants WAV files.
  static func enterForSlicing(_ request: SliceRequest, filesMayGrow: Bool) -> String? {
    // A clip is held as samples, as a WAV file and as a frame, each with room to spare; as samples for each channel.
    let clip = Int64(request.maxSeconds * 2 * Double(ClipRange.sampleRate))
    let more = request.channels == .split ? Int64(SliceRequest.mostSplitChannels - 1) : 0
    return enter(
      box_limits(
        cpu_seconds: cpuSeconds(longest: request.longestSeconds),
        address_space_bytes: 768 << 20 + (6 + 4 * more) * clip,
        file_bytes: filesMayGrow ? -1 : 0,
        descriptors: 32
      )
    )
  }

  /// Enters the box of the process that becomes ffmpeg.
  static func enterForDecoding(longestSeconds: Double) -> String? {
    enter(
      box_limits(
        cpu_seconds: cpuSeconds(longest: longestSeconds),
        address_space_bytes: 2 << 30,
        file_bytes: 0,
        descriptors: 64
      )
    )
  }

  /// Twenty times faster than real time is slow for any decoder here, and a minute is much for a header.
  private static func cpuSeconds(longest: Double) -> Int64 { 60 + Int64(longest / 20) }

  private static func enter(_ limits: box_limits) -> String? {
    let failure = box_enter(limits)
    return failure == 0 ? nil : "cannot limit itself before decoding: \(String(cString: strerror(failure)))"
  }
}

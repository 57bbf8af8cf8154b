import CBox
import Glibc
import Messages

/// The limits under which recordings are decoded.
enum Box {
  /// What a slicer writes.
  enum Writing {
    /// Frames, to a pipe.
    case frames
    /// What a person wants: to standard output, which may be a file, and WAV files in an open folder.
    case files(folder: Int32?)
  }

  /// Shuts the box around the process that slices: from then on it opens nothing, and a system call that
  /// decoding does not need kills it.
  ///
  /// - Parameters:
  ///   - child: The process that decodes for it, the only one that it may end.
  /// - Returns: what could not be done, for a person; nil when the box is shut.
  static func enterForSlicing(_ request: SliceRequest, child: pid_t?, writing: Writing) -> String? {
    // A clip is held as samples, as a WAV file and as a frame, each with room to spare; as samples for each channel.
    let clip = Int64(request.maxSeconds * 2 * Double(ClipRange.sampleRate))
    let more = request.channels == .split ? Int64(SliceRequest.mostSplitChannels - 1) : 0
    var limits = box_limits(
      cpu_seconds: cpuSeconds(longest: request.longestSeconds),
      address_space_bytes: 768 << 20 + (6 + 4 * more) * clip,
      file_bytes: 0,
      descriptors: 32
    )
    var rights = box_rights(child: child ?? 0, folder: -1)
    if case .files(let folder) = writing {
      limits.file_bytes = -1
      rights.folder = folder ?? -1
    }
    return words(box_enter(limits, rights))
  }

  /// What ffmpeg may use.
  static func decoderLimits(longestSeconds: Double) -> box_limits {
    box_limits(
      cpu_seconds: cpuSeconds(longest: longestSeconds),
      address_space_bytes: 2 << 30,
      file_bytes: 0,
      descriptors: 64
    )
  }

  /// Where an ffmpeg at `path` finds its libraries: the folders of the system, and those that stand beside it in
  /// a place of its own, such as `/opt/ffmpeg`.
  static func libraries(of path: String) -> [String] {
    var places = [
      "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib",
      "/usr/local/lib64",
      "/etc/ld.so.cache",
    ]
    guard let resolved = realpath(path, nil) else { return places }
    defer { free(resolved) }
    let real = String(cString: resolved)
    let folder = real.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
    if !folder.isEmpty { places += ["\(folder)/lib", "\(folder)/lib64"] }
    // There every package has a folder of its own.
    return places + ["/nix/store", "/gnu/store"].filter { real.hasPrefix("\($0)/") }
  }

  /// Twenty times faster than real time is slow for any decoder here, and a minute is much for a header.
  private static func cpuSeconds(longest: Double) -> Int64 { 60 + Int64(longest / 20) }

  private static func words(_ failure: box_failure) -> String? {
    failure.step.map { step in
      "cannot \(String(cString: step)) before decoding: \(String(cString: strerror(failure.code)))"
    }
  }
}

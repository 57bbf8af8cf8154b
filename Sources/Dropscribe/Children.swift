internal import CLinux
import Foundation
import SystemPackage

/// A program that dropscribe starts is not where it was looked for.
public struct MissingProgram: Error, CustomStringConvertible {
  let reason: String
  /// Whether nothing works without it.
  public let isNeeded: Bool

  /// Which, and what to do about it.
  public var description: String { reason }
}

extension Configuration {
  /// What is missing of the programs that dropscribe starts: an error or a warning for `check`.
  public func missingProgram(environment: [String: String]) -> MissingProgram? {
    do throws(MissingProgram) {
      _ = try Children(daemon)
      if FFmpeg(daemon, environment: environment).present != nil { return nil }
      return MissingProgram(
        reason:
          "there is no ffmpeg \(daemon.ffmpeg.map { "at \($0)" } ?? "in PATH"), so that M4A, MP4, WebM and what else "
          + "libsndfile does not read cannot be transcribed; install it, or say where it is ([daemon] ffmpeg)",
        isNeeded: false
      )
    } catch {
      return error
    }
  }
}

/// What keeps recordings that strangers made away from the rest of the machine.
public enum Protection {
  /// What this kernel cannot do for it, in a sentence; nil when nothing is missing.
  public static var shortcoming: String? {
    if linux_landlock_version() > 0 { return nil }
    return
      "this kernel has no Landlock, or it is switched off (Linux 5.13 and later have it): an ffmpeg that a "
      + "prepared recording takes over could read other files of this user's. It could still not connect to "
      + "anything or start anything"
  }
}

/// Where the programs are that the daemon starts.
struct Children: Sendable {
  var slicer: FilePath
  var watcher: FilePath

  /// Finds the children beside this process's own executable, unless the configuration says where.
  init(_ configuration: DaemonConfiguration) throws(MissingProgram) {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = FilePath(own).removingLastComponent()
    slicer = configuration.slicer ?? beside.appending("dropscribe-slice")
    watcher = configuration.watcher ?? beside.appending("dropscribe-watch")
    for (name, place, key) in [
      ("dropscribe-slice", slicer, "slicer"), ("dropscribe-watch", watcher, "watcher"),
    ]
    where !FileManager.default.isExecutableFile(atPath: place.string) {
      throw MissingProgram(
        reason: "\(name) is not an executable at \(place); install it beside dropscribe, or say where it is "
          + "([daemon] \(key))",
        isNeeded: true
      )
    }
  }
}

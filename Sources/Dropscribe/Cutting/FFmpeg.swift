import Foundation
import Glibc
import SystemPackage

/// Where ffmpeg is looked for: anew each time that it is needed, since it may be installed, or go away, while the
/// daemon runs.
struct FFmpeg: Sendable {
  /// The places, the first one best.
  private let places: [FilePath]

  /// Where the configuration says, else in `PATH`.
  init(_ configuration: DaemonConfiguration, environment: [String: String]) {
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    places =
      configuration.ffmpeg.map { [$0] }
      ?? path.split(separator: ":").map { FilePath(String($0)).appending("ffmpeg") }
  }

  /// The program; nil when it is nowhere.
  var present: FilePath? { places.first { FileManager.default.isExecutableFile(atPath: $0.string) } }

  /// Which program that is: another one after an update, and the same one however often it is looked at.
  var version: FileIdentity? {
    var facts = stat()
    guard let present, stat(present.string, &facts) == 0 else { return nil }
    return FileIdentity(facts: facts)
  }
}

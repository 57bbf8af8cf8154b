import Foundation
import SystemPackage

/// Where the programs are that the daemon starts.
struct Children: Sendable {
  var slicer: FilePath
  var watcher: FilePath
  var ffmpeg: FilePath?

  /// A program that the daemon needs is not where it was looked for.
  struct Missing: Error, CustomStringConvertible {
    let name: String
    let place: FilePath
    let key: String

    var description: String {
      "\(name) is not an executable at \(place); install it beside dropscribe, or say where it is ([daemon] \(key))"
    }
  }

  /// Finds the children beside this process's own executable, unless the configuration says where.
  init(_ configuration: DaemonConfiguration, environment: [String: String]) throws(Missing) {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = FilePath(own).removingLastComponent()
    slicer = configuration.slicer ?? beside.appending("dropscribe-slice")
    watcher = configuration.watcher ?? beside.appending("dropscribe-watch")
    let places = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    ffmpeg =
      configuration.ffmpeg
      ?? places.map { FilePath(String($0)).appending("ffmpeg") }
      .first { FileManager.default.isExecutableFile(atPath: $0.string) }
    for (name, place, key) in [
      ("dropscribe-slice", slicer, "slicer"), ("dropscribe-watch", watcher, "watcher"),
    ]
    where !FileManager.default.isExecutableFile(atPath: place.string) {
      throw Missing(name: name, place: place, key: key)
    }
  }
}

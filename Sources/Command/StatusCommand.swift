import ArgumentParser
import Dropscribe
import Foundation

struct StatusCommand: DaemonCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is queued, running, done and failed.",
    discussion: "--json prints one JSON object with a schema number, for scripts."
  )

  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "Also name the files that are no recordings.") var ignored = false
  @Option(help: "So many of those that are done, newest first.") var done = 10

  func run() async throws {
    guard case .status(let status) = try await ask(.status(done: done)) else { return }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(status), as: UTF8.self))
    } else {
      print(StatusTable(status, ignored: ignored).text)
    }
  }
}

/// `status` for a person.
struct StatusTable {
  private let status: Status

  private let showsIgnored: Bool

  init(_ status: Status, ignored: Bool) {
    self.status = status
    showsIgnored = ignored
  }

  var text: String {
    var lines = [status.running ? "dropscribe is at work." : "dropscribe is not running."]
    for endpoint in status.endpoints {
      let until = endpoint.retryInSeconds.map { ", tried again in \(Int($0)) s" } ?? ""
      let why = endpoint.reason.map { ": \(safe($0))" } ?? ""
      lines.append(
        "  endpoint \(endpoint.name): \(endpoint.state), \(endpoint.inFlight) in flight\(until)\(why)"
      )
    }
    for folder in status.folders {
      let why = folder.reason.map { " (\(safe($0)))" } ?? ""
      lines.append("  folder \(folder.name): \(folder.state)\(why), \(safe(folder.path))")
    }
    let order = ["running", "queued", "backlog", "failed", "done", "cancelled"]
    let counts = order.compactMap { state in status.counts[state].map { "\($0) \(state)" } }
    lines.append(counts.isEmpty ? "No recordings yet." : counts.joined(separator: ", ") + ".")
    if status.counts["backlog"] != nil {
      lines.append("The backlog was there before its folder was watched: `dropscribe release` lets it go.")
    }
    if !status.settling.isEmpty {
      lines.append("Waiting to settle: " + status.settling.map(safe).joined(separator: ", "))
    }
    if showsIgnored, !status.ignored.isEmpty {
      lines.append("No recordings: " + status.ignored.map(safe).joined(separator: ", "))
    }
    if !status.jobs.isEmpty { lines.append("") }
    let rows = status.jobs.map(row)
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0.padding(toLength: max($1, 1), withPad: " ", startingAt: 0) }
      lines.append((cells.joined(separator: "  ") + "  " + row[4]).trimmingTrailingSpace)
    }
    return lines.joined(separator: "\n")
  }

  private func row(_ job: JobStatus) -> [String] {
    let gaps = job.gaps > 0 ? ", \(job.gaps) gaps" : ""
    let clips = job.clips > 0 ? "\(job.clipsFinal)/\(job.clips) clips\(gaps)" : ""
    let length = job.seconds.map { "\(Int($0) / 60):\(String(Int($0) % 60 + 100).dropFirst())" } ?? ""
    return [job.state, job.task, length, clips, safe(job.path) + (job.reason.map { ": \(safe($0))" } ?? "")]
  }

  /// Without what a terminal would obey.
  private func safe(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : $0 }
      )
    )
  }
}

extension String {
  fileprivate var trimmingTrailingSpace: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}

import Dropscribe

/// `status` for a person.
struct StatusTable {
  /// Jobs that wait and are named; of the others only the number is told.
  private static let mostWaiting = 50

  private let status: Status
  private let showsIgnored: Bool

  init(_ status: Status, ignored: Bool) {
    self.status = status
    showsIgnored = ignored
  }

  var text: String {
    var lines = [status.running ? "dropscribe is at work." : "dropscribe is not running."]
    lines += status.endpoints.map { "  endpoint \($0.name): \(words(for: $0))" }
    lines += status.folders.map { folder in
      "  folder \(folder.name): \(folder.state)\(folder.reason.map { " (\(safe($0)))" } ?? ""), \(safe(folder.path))"
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
    if showsIgnored {
      let names = status.ignored.map(safe).joined(separator: ", ")
      lines.append(names.isEmpty ? "Every file is a recording." : "No recordings: \(names)")
    }
    return (lines + table).joined(separator: "\n")
  }

  private func words(for endpoint: EndpointStatus) -> String {
    var words =
      switch endpoint.state {
      case "open": "answers"
      case "unproven": "not asked yet"
      default: endpoint.state
      }
    if endpoint.inFlight > 0 {
      words += ", \(endpoint.inFlight) \(endpoint.inFlight == 1 ? "request" : "requests") in flight"
    }
    if let seconds = endpoint.retryInSeconds { words += ", tried again in \(Int(seconds)) s" }
    return words + (endpoint.reason.map { ": \(safe($0))" } ?? "")
  }

  /// A line for each job, and one more for why it failed or waits.
  private var table: [String] {
    var shown: [JobStatus] = []
    var waiting = 0
    for job in status.jobs {
      if job.state == "queued" || job.state == "backlog" {
        waiting += 1
        if waiting > Self.mostWaiting { continue }
      }
      shown.append(job)
    }
    if shown.isEmpty { return [] }
    let rows = shown.map(row)
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let known = Set(status.endpoints.compactMap(\.reason))
    var lines = [""]
    for (job, row) in zip(shown, rows) {
      let cells = zip(row, widths).filter { $1 > 0 }.map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }
      lines.append(cells.joined(separator: "  ") + "  " + safe(job.path))
      // What an endpoint is paused for stands above.
      if let reason = job.reason, !known.contains(reason) {
        lines.append(String(repeating: " ", count: widths[0] + 2) + safe(reason))
      }
    }
    if waiting > Self.mostWaiting { lines.append("… and \(waiting - Self.mostWaiting) more that wait.") }
    return lines
  }

  private func row(_ job: JobStatus) -> [String] {
    let gaps = job.gaps == 0 ? "" : job.gaps == 1 ? ", 1 gap" : ", \(job.gaps) gaps"
    let clips = job.clips > 0 ? "\(job.clipsFinal)/\(job.clips) clips\(gaps)" : ""
    return [job.state, job.task, job.seconds.map(length) ?? "", clips]
  }

  /// Hours, minutes and seconds.
  private func length(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
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

import FoundationEssentials
import SystemPackage

/// `NAME.error.json`: what went wrong with a recording and what to do about it. It is there while something is
/// wrong; `docs/schema/error.schema.json` describes it.
struct ErrorSidecar: SidecarDocument, Hashable {
  var schema = 1
  var program: Program
  var written: Date
  /// The recording's name, and its bytes in base64 where they are not UTF-8.
  var recording: String
  var recordingBytes: String?
  /// Of the recording.
  var sha256: String
  /// By the name of the task.
  var tasks: [String: Problem]

  /// What keeps one task from its text.
  struct Problem: Codable, Hashable, Sendable {
    /// What there is not, such as `no transcript`.
    var what: String
    /// Why, never with a secret.
    var why: String
    /// What a person can do.
    var whatToDo: String
    /// Since when it is so.
    var since: Date
    /// Whether dropscribe tries again without being told to.
    var retriesByItself: Bool
  }

  var withoutTimes: Self {
    let epoch = Date(timeIntervalSince1970: 0)
    var same = self
    same.written = epoch
    for name in same.tasks.keys { same.tasks[name]?.since = epoch }
    return same
  }

  /// - Returns: nil when nothing is wrong.
  init?(_ report: RecordingReport) {
    let pairs = report.jobs.compactMap { job in
      (job.problem ?? Problem(job, at: report.recording.path)).map { (job.job.task, $0) }
    }
    guard !pairs.isEmpty else { return nil }
    let name = FileName(lastOf: report.recording.path)
    program = Program(version: report.version)
    written = report.now
    recording = name?.text ?? ""
    recordingBytes = name?.base64UnlessText
    sha256 = report.recording.sha256
    tasks = Dictionary(pairs) { $1 }
  }
}

extension ErrorSidecar.Problem {
  /// What a failed job says; nil for one that did not fail.
  fileprivate init?(_ report: JobReport, at path: FilePath) {
    let job = report.job
    guard job.state == .failed else { return nil }
    what = "the task \(job.task) failed: there is no text"
    why = job.reason ?? "no reason is known; the log may tell more"
    since = job.finished ?? job.created
    retriesByItself = job.lacks != nil
    switch job.lacks {
    case .ffmpeg:
      whatToDo =
        "install ffmpeg (apt install ffmpeg), or say where it is ([daemon] ffmpeg) and reload; a running dropscribe "
        + "then takes the recording up by itself, within a minute"
    case nil:
      whatToDo =
        "mend what it says, then run: dropscribe retry --task \(Self.quoted(job.task)) -- "
        + Self.quoted(path.string)
    }
  }

  /// As one word of a shell command.
  static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "/._-".utf8.contains(byte)
    }
    if isPlain, !word.isEmpty { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
      + "'"
  }
}

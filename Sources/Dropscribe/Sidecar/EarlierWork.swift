internal import Crypto
import FoundationEssentials

/// What a usage sidecar beside a recording says was done before, for a journal that was lost: it counts, so
/// that nothing is bought twice.
struct EarlierWork: Hashable, Sendable {
  /// A task that was done.
  struct FinishedTask: Hashable, Sendable {
    var task: String
    var clips: Int
    var gaps: Int
    var tokens: UsageSidecar.Tokens
    var finished: Date?
  }

  /// Of the recording, lower-case hex.
  var sha256: String
  /// Sorted by name.
  var tasks: [FinishedTask]
  /// What the recording is, where it says so.
  var source: SourceFacts?
  /// The sidecars that dropscribe wrote then, so that they can be replaced and removed again. The usage sidecar
  /// itself is among them unless somebody edited it.
  var written: [SidecarKind: WrittenSidecar]

  /// Reads `data`, found under `name` beside `recording`. Tolerant: what this version does not know is passed
  /// over, and a task of which little is said is still done.
  ///
  /// - Returns: nil when it is no usage sidecar of dropscribe's.
  init?(_ data: Data, name: FileName, recording: FileName) {
    guard let loose = try? LooseUsage(data), loose.schema >= 1, loose.program.name == Program.dropscribe,
      loose.source.sha256.utf8.count == 64
    else { return nil }
    sha256 = loose.source.sha256
    let done = loose.tasks.filter { $0.value.state == Job.State.done.rawValue }
    tasks = done.map { task, entry in
      FinishedTask(
        task: task,
        clips: entry.clips?.count ?? 0,
        gaps: entry.gaps?.count ?? 0,
        tokens: entry.sums?.tokens ?? UsageSidecar.Tokens(),
        finished: entry.finished
      )
    }.sorted { $0.task < $1.task }
    if let format = loose.source.format, let rate = loose.source.sampleRate,
      let channels = loose.source.channels
    {
      source = SourceFacts(
        format: format,
        sampleRate: rate,
        channels: channels,
        seconds: loose.source.seconds,
        damage: loose.source.damage
      )
    }
    written = [:]
    for (task, entry) in done {
      for output in entry.outputs ?? [] {
        // Whoever may write here could name any file: only what is called after the recording can be ours.
        guard let name = FileName(text: output.name, base64: output.nameBytes), name != recording,
          name.bytes.starts(with: recording.bytes.prefix(64))
        else { continue }
        written[.text(task: task, format: output.format)] = WrittenSidecar(
          name: name,
          sha256: output.sha256,
          meaning: output.sha256
        )
      }
    }
    if let meaning = try? UsageSidecar.untouched(data)?.meaning() {
      written[.usage] = WrittenSidecar(name: name, sha256: SHA256.hash(data: data).hex, meaning: meaning)
    }
  }
}

extension SidecarFolder {
  /// Looks for a usage sidecar of ours beside `recording` that is about bytes with that digest.
  func earlierWork(beside recording: FileName, sha256: String) throws(SidecarError) -> EarlierWork? {
    let names = SidecarNames(recording: recording, longest: longestName)
    var found: EarlierWork?
    // A later number is the younger one: it was written beside one that had been edited, or was not ours.
    for number in 1..<100 {
      let name = names.name(of: .usage, suffix: "", number: number)
      switch try contents(of: name) {
      case .nothing: return found
      case .other: continue
      case .file(let data, _):
        let work = EarlierWork(data, name: name, recording: recording)
        if let work, work.sha256 == sha256 { found = work }
      }
    }
    return found
  }
}

/// The few fields that the rule of the lost journal needs.
private struct LooseUsage: Decodable {
  struct Source: Decodable {
    var sha256: String
    var seconds: Double?
    var format: String?
    var sampleRate: Int?
    var channels: Int?
    var damage: String?
  }

  struct Task: Decodable {
    struct Sums: Decodable {
      var tokens: UsageSidecar.Tokens?
    }

    var state: String
    var finished: Date?
    var clips: [JSONValue]?
    var gaps: [JSONValue]?
    var sums: Sums?
    var outputs: [UsageSidecar.Output]?
  }

  var schema: Int
  var program: Program
  var source: Source
  var tasks: [String: Task]

  init(_ data: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .iso8601
    self = try decoder.decode(Self.self, from: data)
  }
}

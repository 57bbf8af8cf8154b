import FoundationEssentials
import Glibc
import SystemPackage

/// Brings the sidecars of a recording to what a ``RecordingReport`` says: texts first, then what went wrong,
/// and last the usage sidecar, whose `complete` says that the others are there.
///
/// It may be called again at any time, after a failure or a kill too: what is there already is recognised and
/// left. Calls for one recording must not overlap, and they block.
struct SidecarWriter: Sendable {
  /// The configured folder, below which no symbolic link is followed.
  var root: FilePath?
  var abilities = SidecarFolder.Abilities()

  /// What was done.
  struct Outcome: Sendable {
    /// What the journal is to know from now on: what was handed in, brought up to date.
    var written: [SidecarKind: WrittenSidecar]
    var notices: [SidecarNotice] = []
  }

  /// More numbered names than this are not tried.
  private static let mostNames = 1000

  /// Writes what is missing or out of date.
  ///
  /// - Parameters:
  ///   - known: What the journal knows of this recording's sidecars.
  ///   - force: Writes those anew, too, that their consumer took away or somebody edited.
  func write(
    _ report: RecordingReport,
    known: [SidecarKind: WrittenSidecar],
    force: Bool = false
  ) throws(SidecarError) -> Outcome {
    let path = report.recording.path
    guard let source = FileName(lastOf: path) else {
      throw SidecarError(.sourceGone, "write sidecars beside", path)
    }
    let folder = try SidecarFolder(path.removingLastComponent(), root: root, abilities: abilities)
    var desk = Desk(
      source: source,
      identity: report.recording.identity,
      names: SidecarNames(recording: source, longest: folder.longestName),
      force: force,
      outcome: Outcome(written: known)
    )
    _ = try folder.check(source, is: report.recording.identity)
    // Read before anything changes: it may be the only one that remembers an earlier task.
    let earlier = try Self.usage(known[.usage], in: folder)

    for job in report.jobs where job.job.state == .done && !job.isEarlier && job.formats.contains("txt") {
      let transcript = Transcript(of: job.job, clips: job.clips)
      let kind = SidecarKind.text(task: job.job.task, format: "txt")
      try desk.write(SidecarContent(text: transcript.text), kind, job.suffix, in: folder)
    }
    if let error = ErrorSidecar(report) {
      try desk.write(try Self.content(error, path), .error, "", in: folder)
    } else {
      try desk.removeError(sha256: report.recording.sha256, in: folder)
    }
    let usage = UsageSidecar(report, outputs: desk.outcome.written, earlier: earlier)
    try desk.write(try Self.content(usage, path), .usage, "", in: folder)
    return desk.outcome
  }

  /// Removes the sidecars of a recording that is not there any more, those that somebody edited excepted.
  func remove(
    _ known: [SidecarKind: WrittenSidecar],
    beside path: FilePath
  ) throws(SidecarError) -> [SidecarNotice] {
    let folder = try SidecarFolder(path.removingLastComponent(), root: root, abilities: abilities)
    var notices: [SidecarNotice] = []
    for (kind, written) in known.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      switch try folder.remove(written.name, ifHolding: written.sha256) {
      case .replaced: notices.append(.removed(kind, written.name))
      case .edited: notices.append(.keptEdited(kind, written.name))
      case .gone: break
      }
    }
    return notices
  }

  private static func content(
    _ document: some SidecarDocument,
    _ path: FilePath
  ) throws(SidecarError) -> SidecarContent {
    do {
      return try SidecarContent(document)
    } catch {
      // Only a number that is not finite cannot be written, and none gets so far.
      throw SidecarError(.system, "put into JSON what is known of", path)
    }
  }

  private static func usage(
    _ known: WrittenSidecar?,
    in folder: borrowing SidecarFolder
  ) throws(SidecarError) -> UsageSidecar? {
    guard let known, case .file(let data, _) = try folder.contents(of: known.name) else { return nil }
    return try? UsageSidecar(encoded: data)
  }

  /// One visit to a folder.
  private struct Desk {
    let source: FileName
    let identity: FileIdentity
    let names: SidecarNames
    let force: Bool
    var outcome: Outcome

    mutating func write(
      _ content: SidecarContent,
      _ kind: SidecarKind,
      _ suffix: String,
      in folder: borrowing SidecarFolder
    ) throws(SidecarError) {
      guard let known = outcome.written[kind] else {
        return try writeNew(content, kind, suffix, from: 1, edited: nil, in: folder)
      }
      switch try folder.contents(of: known.name) {
      case .nothing:
        try writeMissing(content, kind, suffix, known, in: folder)
      case .file(let data, let sha256) where content.isSaid(by: data, sha256: sha256):
        keep(kind, known.name, sha256, content)
      case .file(_, known.sha256):
        switch try exchange(content, known, in: folder) {
        case .replaced:
          keep(kind, known.name, content.sha256, content)
          outcome.notices.append(.wrote(kind, known.name))
        case .gone: try writeMissing(content, kind, suffix, known, in: folder)
        case .edited: try writeNew(content, kind, suffix, from: 2, edited: known.name, in: folder)
        }
      case .file, .other:
        // Edited, and there is nothing new to say: the edit may be all that anybody wants.
        if known.meaning == content.meaning, !force { return }
        try writeNew(content, kind, suffix, from: 2, edited: known.name, in: folder)
      }
    }

    private mutating func writeMissing(
      _ content: SidecarContent,
      _ kind: SidecarKind,
      _ suffix: String,
      _ known: WrittenSidecar,
      in folder: borrowing SidecarFolder
    ) throws(SidecarError) {
      if known.meaning == content.meaning, !force {
        outcome.notices.append(.takenAway(kind, known.name))
      } else {
        try writeNew(content, kind, suffix, from: 1, edited: nil, in: folder)
      }
    }

    /// Writes under the first name that is free. One that says the same already is as good as written.
    private mutating func writeNew(
      _ content: SidecarContent,
      _ kind: SidecarKind,
      _ suffix: String,
      from first: Int,
      edited: FileName?,
      in folder: borrowing SidecarFolder
    ) throws(SidecarError) {
      for number in first..<SidecarWriter.mostNames {
        let name = names.name(of: kind, suffix: suffix, number: number)
        switch try folder.contents(of: name) {
        case .file(let data, let sha256) where content.isSaid(by: data, sha256: sha256):
          keep(kind, name, sha256, content)
          return
        case .file, .other: continue
        case .nothing: break
        }
        let facts = try folder.check(source, is: identity)
        let placed = try folder.withTemporaryFile(content.bytes, for: name, beside: facts) {
          file throws(SidecarError) in
          try folder.place(file, as: name)
        }
        // Taken in this moment: the next one.
        guard placed else { continue }
        keep(kind, name, content.sha256, content)
        if let edited {
          outcome.notices.append(.edited(kind, kept: edited, wrote: name))
        } else if number > 1 {
          let taken = names.name(of: kind, suffix: suffix)
          outcome.notices.append(.foreign(kind, kept: taken, wrote: name))
        } else {
          outcome.notices.append(.wrote(kind, name))
        }
        return
      }
      let name = names.name(of: kind, suffix: suffix)
      throw SidecarError(.namesTaken, "find a name beside", folder.path.appending(name))
    }

    private func exchange(
      _ content: SidecarContent,
      _ known: WrittenSidecar,
      in folder: borrowing SidecarFolder
    ) throws(SidecarError) -> Replacement {
      let facts = try folder.check(source, is: identity)
      return try folder.withTemporaryFile(content.bytes, for: known.name, beside: facts) {
        file throws(SidecarError) in
        try folder.replace(known.name, by: file, ifHolding: known.sha256)
      }
    }

    private mutating func keep(
      _ kind: SidecarKind,
      _ name: FileName,
      _ sha256: String,
      _ content: SidecarContent
    ) {
      outcome.written[kind] = WrittenSidecar(name: name, sha256: sha256, meaning: content.meaning)
    }

    /// Nothing is wrong any more: what says so goes away. One that the journal does not know of, since the
    /// process was killed before it could tell, is recognised by what it says.
    mutating func removeError(sha256: String, in folder: borrowing SidecarFolder) throws(SidecarError) {
      var known = outcome.written.removeValue(forKey: .error)
      if known == nil {
        let name = names.name(of: .error, suffix: "")
        if case .file(let data, let digest) = try folder.contents(of: name),
          ErrorSidecar.untouched(data)?.sha256 == sha256
        {
          known = WrittenSidecar(name: name, sha256: digest, meaning: "")
        }
      }
      guard let known else { return }
      switch try folder.remove(known.name, ifHolding: known.sha256) {
      case .replaced: outcome.notices.append(.removed(.error, known.name))
      case .edited: outcome.notices.append(.keptEdited(.error, known.name))
      case .gone: break
      }
    }
  }
}

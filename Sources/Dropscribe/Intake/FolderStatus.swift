import SystemPackage

/// What a folder's intake is doing, for `status`.
struct FolderStatus: Equatable, Sendable {
  /// How changes are noticed at the moment.
  enum Watch: Equatable, Sendable {
    /// It has not been listed yet.
    case starting
    /// By events, and a slow scan.
    case watched
    /// By a scan every few seconds; the text says why.
    case polled(String)
    /// Not at all: the folder is not there, or cannot be read.
    case missing
  }

  /// A file that was noticed and not yet taken.
  struct Waiting: Equatable, Sendable {
    var path: FilePath
    /// Until it is looked at again; nil while it is being read.
    var remaining: Duration?
  }

  var name: String
  var path: FilePath
  var watch: Watch
  var waiting: [Waiting]
  /// Files that are no recordings; at most ``PassedOver/most``.
  var notMedia: [FilePath]
  /// Files that cannot be read.
  var unreadable: [FilePath]
  /// Recordings that the ledger took since the start.
  var taken: Int
  /// How long ago the last scan ended.
  var sinceScan: Duration?
}

extension FolderIntake {
  var status: FolderStatus {
    let now = now
    let polled = (blindReason ?? pollReason).map(FolderStatus.Watch.polled)
    return FolderStatus(
      name: folder.name,
      path: folder.path,
      watch: isMissing ? .missing : lastScan == nil ? .starting : polled ?? .watched,
      waiting: room.waiting.map { waiting in
        FolderStatus.Waiting(
          path: waiting.path,
          remaining: waiting.until.map { max(.zero, now.duration(to: $0)) }
        )
      },
      notMedia: passedOver.files.filter { $0.value.reason == .notMedia }.map(\.key),
      unreadable: passedOver.files.filter { $0.value.reason != .notMedia }.map(\.key),
      taken: takenCount,
      sinceScan: lastScan.map { $0.duration(to: now) }
    )
  }
}

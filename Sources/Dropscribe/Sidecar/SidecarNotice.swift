/// Something about sidecars that a person would ask about, for the log.
enum SidecarNotice: Hashable, Sendable {
  /// Written for the first time, or anew.
  case wrote(SidecarKind, FileName)
  /// The name belonged to a file that dropscribe did not write: the sidecar got another.
  case foreign(SidecarKind, kept: FileName, wrote: FileName)
  /// Somebody edited the sidecar since it was written: it stays, and the new one got another name.
  case edited(SidecarKind, kept: FileName, wrote: FileName)
  /// Its consumer took it away: it is not written again.
  case takenAway(SidecarKind, FileName)
  /// Removed, since what it said holds no longer.
  case removed(SidecarKind, FileName)
  /// It says what holds no longer, but somebody edited it: it stays.
  case keptEdited(SidecarKind, FileName)

  /// A constant message.
  var message: String {
    switch self {
    case .wrote: "wrote a sidecar"
    case .foreign: "kept a file of somebody else; the sidecar has a numbered name"
    case .edited: "kept an edited sidecar; the new one has a numbered name"
    case .takenAway: "a sidecar was taken away and is not written again"
    case .removed: "removed a sidecar that holds no longer"
    case .keptEdited: "left an edited sidecar that holds no longer"
    }
  }

  /// What it is about: the kind, the name that it is about, and the name that was written, if that is another.
  var subject: (kind: SidecarKind, name: FileName, wrote: FileName?) {
    switch self {
    case .wrote(let kind, let name), .takenAway(let kind, let name), .removed(let kind, let name),
      .keptEdited(let kind, let name):
      (kind, name, nil)
    case .foreign(let kind, let kept, let wrote), .edited(let kind, let kept, let wrote): (kind, kept, wrote)
    }
  }
}

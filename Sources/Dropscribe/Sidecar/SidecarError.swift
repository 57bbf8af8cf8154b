import SystemPackage

/// A sidecar could not be written, read or removed.
struct SidecarError: Error, Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// The file beside which it belongs is not the one that was transcribed any more.
    case sourceChanged
    /// The file beside which it belongs is gone.
    case sourceGone
    /// The folder is gone, or something else stands in its place, such as a symbolic link.
    case folderGone
    /// The filesystem or the quota is full.
    case full
    /// The filesystem is mounted read-only.
    case readOnly
    /// The folder's permissions do not let this user write.
    case permission
    /// Every numbered name is taken, too.
    case namesTaken
    /// Anything else that the system says.
    case system
  }

  var kind: Kind
  /// What was being done, such as `write`.
  var action: String
  /// Where.
  var path: FilePath
  /// What the system said, if it was asked.
  var code: Errno?

  init(_ kind: Kind, _ action: String, _ path: FilePath, _ code: Errno? = nil) {
    self.kind = kind
    self.action = action
    self.path = path
    self.code = code
  }

  /// What the system refused.
  init(_ code: Errno, _ action: String, _ path: FilePath) {
    let kind: Kind
    switch code {
    case .noSpace, .diskQuotaExceeded: kind = .full
    case .readOnlyFileSystem: kind = .readOnly
    case .permissionDenied, .notPermitted: kind = .permission
    case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .staleNFSFileHandle:
      kind = .folderGone
    default: kind = .system
    }
    self.init(kind, action, path, code)
  }

  /// Whether the same call may succeed later with nothing changed here: a person or the system may make room,
  /// permit or mount. A source that changed has to be looked at again first.
  var canRetry: Bool {
    switch kind {
    case .sourceChanged, .sourceGone, .namesTaken: false
    case .folderGone, .full, .readOnly, .permission, .system: true
    }
  }
}

extension SidecarError: CustomStringConvertible {
  var description: String {
    let system = code.map { ": \($0)" } ?? ""
    return "cannot \(action) \(path)\(system). \(hint)"
  }

  /// What to do about it.
  var hint: String {
    switch kind {
    case .sourceChanged: "The recording changed meanwhile; it is looked at anew, and nothing is lost."
    case .sourceGone: "The recording is gone from there; its replies are kept in the journal."
    case .folderGone: "The folder is gone or is a symbolic link; put it back, and the sidecars follow."
    case .full: "The disk or the quota is full; make room, and it is written without buying anything again."
    case .readOnly: "The filesystem is read-only; mount it writable, and it is written."
    case .permission: "Give the user that dropscribe runs as the right to write in that folder."
    case .namesTaken: "All numbered names are taken by other files; move some of them away."
    case .system: "It is tried again later; the replies are kept in the journal."
    }
  }
}

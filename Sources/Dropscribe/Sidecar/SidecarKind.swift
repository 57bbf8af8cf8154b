/// What a sidecar says about its recording.
enum SidecarKind: Hashable, Sendable {
  /// A task's text in one of its formats.
  case text(task: String, format: String)
  /// What everything took.
  case usage
  /// What went wrong and what to do.
  case error
}

/// The form in which the journal keeps it: `usage`, `error`, `text:FORMAT:TASK`. It never changes.
extension SidecarKind: RawRepresentable {
  var rawValue: String {
    switch self {
    case .text(let task, let format): "text:\(format):\(task)"
    case .usage: "usage"
    case .error: "error"
    }
  }

  init?(rawValue: String) {
    switch rawValue {
    case "usage": self = .usage
    case "error": self = .error
    default:
      // A task may be called anything, so it stands last; a format has no colon.
      let parts = rawValue.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "text", !parts[1].isEmpty else { return nil }
      self = .text(task: String(parts[2]), format: String(parts[1]))
    }
  }
}

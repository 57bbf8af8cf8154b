import SystemPackage

/// The files of one folder that are no recordings, by their first bytes and their names, and those that cannot be
/// read. Remembered so that a scan does not read, or complain of, the same file twice.
struct PassedOver: Sendable {
  enum Reason: Equatable, Sendable {
    case notMedia
    case unreadable(Errno)
  }

  /// So many are remembered; others are read anew at every scan, which costs time and nothing else.
  static let most = 10_000

  private(set) var files: [FilePath: (reason: Reason, identity: FileIdentity?)] = [:]

  /// Returns whether this is news.
  @discardableResult
  mutating func remember(_ path: FilePath, _ reason: Reason, _ identity: FileIdentity?) -> Bool {
    if let known = files[path], known == (reason, identity) { return false }
    if files.count < Self.most || files[path] != nil { files[path] = (reason, identity) }
    return true
  }

  mutating func forget(_ path: FilePath) {
    files[path] = nil
  }

  /// Whether a file is known to be no recording. One that could not be read is always tried again.
  func isNotMedia(_ path: FilePath, _ identity: FileIdentity) -> Bool {
    guard let known = files[path] else { return false }
    return known.reason == .notMedia && known.identity == identity
  }
}

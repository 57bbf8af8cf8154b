import SystemPackage

/// A file that holds sound, as it was when its bytes were hashed.
struct Recording: Hashable, Sendable {
  var id: Int64
  /// Absolute.
  var path: FilePath
  /// The name of the configured folder that it lies in.
  var folder: String
  var identity: FileIdentity
  /// SHA-256 of the bytes, lower-case hex.
  var sha256: String
  /// False once the file is gone from ``path``; the row stays.
  var isPresent: Bool
}

/// What tells cheaply whether a file is still the one that was hashed: any difference means hash again.
struct FileIdentity: Hashable, Sendable {
  var device: UInt64
  var inode: UInt64
  /// Bytes.
  var size: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  /// Nanoseconds since 1970.
  var changed: Int64
}

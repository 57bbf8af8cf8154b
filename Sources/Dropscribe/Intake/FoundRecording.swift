import SystemPackage

/// A settled file that holds sound, hashed.
struct FoundRecording: Hashable, Sendable {
  /// Absolute.
  var path: FilePath
  /// The name of the configured folder that it lies in.
  var folder: String
  var identity: FileIdentity
  /// Of its bytes, lower-case hex.
  var sha256: String
}

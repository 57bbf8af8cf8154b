import SystemPackage

/// What intake knows and tells: the journal, seen from the folder's side.
///
/// Every call may throw; intake then tries again later and loses nothing.
protocol RecordingLedger: Sendable {
  /// What is known of the files below a folder, by absolute path, those present only.
  func known(in folder: String) async throws -> [FilePath: FileIdentity]

  /// What is known of one path; nil when nothing is, or when the file was told lost.
  func known(at path: FilePath, in folder: String) async throws -> FileIdentity?

  /// A listing has just found these files that were not known: told before any of them is taken, so that a
  /// backlog can be counted. Each is told once, as long as it does not change, but some will prove to be no
  /// recordings at all.
  func discovered(_ files: [FileIdentity], in folder: String) async throws

  /// A settled recording, hashed. Told once for each identity, and again when the call threw.
  func take(_ found: FoundRecording) async throws

  /// A known file is no longer there.
  func lost(_ path: FilePath, in folder: String) async throws
}

/// A recording that has settled, as it was when its bytes were hashed.
struct FoundRecording: Hashable, Sendable {
  /// Absolute.
  var path: FilePath
  /// The name of the configured folder that it lies in.
  var folder: String
  var identity: FileIdentity
  /// SHA-256 of the bytes, lower-case hex.
  var sha256: String
}

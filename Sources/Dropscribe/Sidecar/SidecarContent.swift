internal import Crypto
import FoundationEssentials

/// What a sidecar is to say, before it is written.
struct SidecarContent: Sendable {
  let bytes: Data
  /// Of ``bytes``.
  let sha256: String
  /// See ``WrittenSidecar/meaning``.
  let meaning: String
  /// The meaning of bytes that were found; nil when they are not what dropscribe writes.
  private let meaningOf: @Sendable (Data) -> String?

  /// A text.
  init(text: String) {
    bytes = Data(text.utf8)
    sha256 = SHA256.hash(data: bytes).hex
    meaning = sha256
    meaningOf = { SHA256.hash(data: $0).hex }
  }

  /// A document.
  init<Document: SidecarDocument>(_ document: Document) throws {
    bytes = try document.encoded()
    sha256 = SHA256.hash(data: bytes).hex
    meaning = try document.meaning()
    meaningOf = { try? Document.untouched($0)?.meaning() }
  }

  /// Whether bytes that were found say the same, times of writing aside: the very file that was to be written,
  /// left by a process that was killed before it could tell the journal.
  func isSaid(by found: Data, sha256: String) -> Bool {
    sha256 == self.sha256 || meaningOf(found) == meaning
  }
}

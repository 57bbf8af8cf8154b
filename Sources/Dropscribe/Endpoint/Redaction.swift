/// Makes a text that others wrote fit for a log, a sidecar and a terminal: one line, short, without the key and
/// without the audio. Servers like to echo what they refuse.
struct Redaction: Sendable {
  /// What must never show; empty texts count for nothing.
  var secrets: [String] = []

  /// Characters that a message keeps.
  static let longest = 300
  /// A run of base64's characters this long is taken for payload. Ordinary words, UUIDs (36) and most links stay
  /// below; the shortest slice of payload that a server echoes is usually far above.
  private static let payloadRun = 40
  /// So many characters of the key in a row are too many.
  private static let secretRun = 8

  func clean(_ text: String) -> String {
    // The endpoint may answer with megabytes; what is beyond this cannot reach the message.
    let start = String(text.unicodeScalars.prefix(16_384))
    let line = Self.oneLine(start)
    let pieces = secretPieces
    let words = line.split(separator: " ", omittingEmptySubsequences: true).map {
      cleanWord(String($0), pieces)
    }
    let joined = words.joined(separator: " ")
    guard joined.count > Self.longest else { return joined }
    return String(joined.prefix(Self.longest - 1)) + "…"
  }

  /// Control characters, line ends, invisible and direction-changing characters become spaces.
  private static func oneLine(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse,
        .unassigned:
        scalars.append(" ")
      default:
        scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  private func cleanWord(_ word: String, _ pieces: [Int: Set<ArraySlice<UInt8>>]) -> String {
    // Servers show keys with stars in the middle: both ends of it are still secret.
    if word.contains("***") || Self.holdsSecret(word, pieces) { return "[redacted]" }
    return Self.withoutPayload(word)
  }

  /// Every run of characters of a secret that is too long to be shown, by its length. A token has thousands.
  private var secretPieces: [Int: Set<ArraySlice<UInt8>>] {
    var pieces: [Int: Set<ArraySlice<UInt8>>] = [:]
    for secret in secrets where !secret.isEmpty {
      let secret = Array(secret.utf8)
      let window = min(Self.secretRun, secret.count)
      for start in 0...(secret.count - window) {
        pieces[window, default: []].insert(secret[start..<start + window])
      }
    }
    return pieces
  }

  private static func holdsSecret(_ word: String, _ pieces: [Int: Set<ArraySlice<UInt8>>]) -> Bool {
    let bytes = Array(word.utf8)
    return pieces.contains { window, pieces in
      bytes.count >= window
        && (0...(bytes.count - window)).contains { pieces.contains(bytes[$0..<$0 + window]) }
    }
  }

  /// Runs that look like base64 become `[…]`; a run that begins as a WAV does (`UklGR`) at any length.
  private static func withoutPayload(_ word: String) -> String {
    var result: [UInt8] = []
    var run: [UInt8] = []
    func close() {
      let isPayload = run.count >= payloadRun || (run.count > 5 && run.starts(with: "UklGR".utf8))
      result += isPayload ? Array("[…]".utf8) : run
      run.removeAll(keepingCapacity: true)
    }
    for byte in word.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-"),
        UInt8(ascii: "_"), UInt8(ascii: "="):
        run.append(byte)
      default:
        close()
        result.append(byte)
      }
    }
    close()
    return String(decoding: result, as: UTF8.self)
  }
}

internal import Crypto
import FoundationEssentials

/// What the sidecars of one recording are called.
///
///     standup.m4a.txt  standup.m4a.es.txt  standup.m4a.usage.json  standup.m4a.error.json
///     standup.m4a.2.txt                    when the first name belongs to somebody else
///
/// A name that the filesystem would refuse for its length keeps its end, which says what it is, and as much
/// of the recording's name as fits, with `~` and 16 digits of a digest of the whole between them.
struct SidecarNames: Hashable, Sendable {
  var recording: FileName
  /// The longest name that the folder takes, in bytes.
  var longest = 255

  /// The `number`-th choice for a sidecar of `kind`, from 1. `suffix` is the task's and counts for texts only.
  func name(of kind: SidecarKind, suffix: String, number: Int = 1) -> FileName {
    switch kind {
    case .text(_, let format): name(suffix, number, format)
    case .usage: name(".usage", number, "json")
    case .error: name(".error", number, "json")
    }
  }

  private func name(_ suffix: String, _ number: Int, _ format: String) -> FileName {
    let end = Array(((number > 1 ? ".\(number)" : "") + "." + format).utf8)
    let whole = recording.bytes + Array(suffix.utf8)
    var bytes = whole + end
    if bytes.count > longest {
      let digest = Array("~\(SHA256.hash(data: whole).hex.prefix(16))".utf8)
      // A suffix so long that it leaves no room goes too: the digest still tells it apart.
      let tail = Array(suffix.utf8) + end
      let kept = digest.count + tail.count <= longest ? digest + tail : digest + end
      bytes = Self.prefix(of: recording.bytes, longest - kept.count) + kept
    }
    // Made of a name and of configured words, which the configuration keeps free of slashes and NULs.
    return FileName(bytes: bytes) ?? recording
  }

  /// At most `count` bytes, ending where a character does when `bytes` is UTF-8.
  static func prefix(of bytes: [UInt8], _ count: Int) -> [UInt8] {
    guard count < bytes.count else { return bytes }
    var end = max(0, count)
    for _ in 0..<3 where end > 0 && bytes[end] & 0b1100_0000 == 0b1000_0000 { end -= 1 }
    return Array(bytes[..<end])
  }
}

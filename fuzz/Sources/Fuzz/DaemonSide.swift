@testable import Dropscribe
@testable import Messages

/// What the daemon itself reads of a file and of its watching child: a fault here ends the daemon, not a child.
enum DaemonSide {
  static func run(_ bytes: [UInt8]) -> Bool {
    _ = Container(firstBytes: bytes)
    _ = Container.extensionSuggestsMedia(bytes)
    let first = Array(bytes.prefix(DeclaredSize.bytesUseful))
    // A file is rarely as long as what is looked at of it.
    for size in [Int64(bytes.count), 0, 1, 1 << 32, Int64.max]
    where DeclaredSize.declaresMore(firstBytes: first, size: size) && size > 0 {
      precondition(DeclaredSize.bytes(firstBytes: first, size: UInt64(size)) != nil)
    }
    readHints(bytes)
    return true
  }

  /// A stream says the same however it is cut.
  private static func readHints(_ bytes: [UInt8]) {
    var (whole, cut) = (HintReader(), HintReader())
    guard let hints = try? whole.read(bytes) else { return }
    var pieces: [Hint] = []
    for start in stride(from: 0, to: bytes.count, by: 7) {
      pieces += must { try cut.read(bytes[start..<min(start + 7, bytes.count)]) }
    }
    precondition(pieces == hints)
    precondition(
      hints.flatMap(\.encoded).elementsEqual(bytes.prefix(hints.reduce(0) { $0 + $1.encoded.count }))
    )
  }
}

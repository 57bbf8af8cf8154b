import Glibc
import Messages

/// Standard output: hints gathered while a burst lasts, written in one go. A full pipe blocks, which is right:
/// the kernel's queue then takes what comes, and says when that was too much.
struct HintOutput {
  /// Lines for a person, or frames for the daemon.
  var isForDaemon: Bool
  private var pending: [UInt8] = []

  init(isForDaemon: Bool) {
    self.isForDaemon = isForDaemon
  }

  mutating func say(_ hint: Hint) {
    pending += isForDaemon ? hint.encoded : Array((Self.line(hint) + "\n").utf8)
    if pending.count >= 1 << 16 { flush() }
  }

  /// Writes what is pending. Ends the program when nobody reads any more.
  mutating func flush() {
    var rest = pending[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        exit(ExitCode.done)
      }
      rest = rest.dropFirst(written)
    }
    pending.removeAll(keepingCapacity: true)
  }

  private static func line(_ hint: Hint) -> String {
    switch hint {
    case .closed(let path): "closed   \(readable(path))"
    case .arrived(let path): "arrived  \(readable(path))"
    case .gone(let path): "gone     \(readable(path))"
    case .lookAgain(let path): "look     \(readable(path))"
    case .unwatched(let path): "blind    \(readable(path))"
    case .ready: "ready"
    }
  }
}

/// A path for a person: what a terminal could not show, or would obey, stands as `\xNN`.
func readable(_ path: [UInt8]) -> String {
  let isText = String(validating: path, as: UTF8.self) != nil
  var bytes: [UInt8] = []
  for byte in path {
    if byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\\") || (byte >= 0x80 && !isText) {
      let digits = String(byte, radix: 16, uppercase: true)
      bytes += Array("\\x\(byte < 16 ? "0" : "")\(digits)".utf8)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

import Glibc
import SystemPackage

/// Paths are bytes; text is made of them only to be shown.
extension FilePath {
  /// The bytes, without a NUL at the end.
  var bytes: [UInt8] {
    withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }

  /// The bytes of the last component; empty for the root.
  var nameBytes: [UInt8] {
    lastComponent?.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
  }

  /// Of bytes without a NUL.
  init(bytes: [UInt8]) {
    let terminated = bytes + [0]
    self = terminated.withUnsafeBytes {
      FilePath(platformString: $0.assumingMemoryBound(to: CChar.self).baseAddress!)
    }
  }

  /// What is below a folder, relative to it; nil when it is not below. Bytes are compared, not components, since this
  /// is asked for every hint.
  func below(_ folder: FilePath) -> FilePath? {
    withPlatformString { path in
      folder.withPlatformString { prefix in
        let count = strlen(prefix)
        guard count > 0, strncmp(path, prefix, count) == 0 else { return nil }
        let separator = CChar(UInt8(ascii: "/"))
        if prefix[count - 1] == separator || path[count] == 0 {
          return FilePath(platformString: path + count)
        }
        return path[count] == separator ? FilePath(platformString: path + count + 1) : nil
      }
    }
  }

  /// For a log or a message: what a terminal would obey, and what is no text, stands as `\xNN`.
  var readable: String {
    let bytes = bytes
    let isText = String(validating: bytes, as: UTF8.self) != nil
    var shown: [UInt8] = []
    for byte in bytes {
      if byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\\") || (byte >= 0x80 && !isText) {
        let digits = String(byte, radix: 16, uppercase: true)
        shown += Array("\\x\(byte < 16 ? "0" : "")\(digits)".utf8)
      } else {
        shown.append(byte)
      }
    }
    return String(decoding: shown, as: UTF8.self)
  }
}

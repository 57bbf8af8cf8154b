import Glibc

/// An argument as the kernel handed it over: a path is bytes, and need not be text.
struct Argument {
  let bytes: [UInt8]

  /// The argument as text, bytes that are none replaced.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The program's arguments, its name not included.
  static var all: [Argument] {
    CommandLine.unsafeArgv.dropFirstOfList(CommandLine.argc).map { Argument(bytes: $0) }
  }

  /// The value of `--name=VALUE`; nil when this is another argument.
  func value(of name: String) -> Argument? {
    let start = Array("\(name)=".utf8)
    return bytes.starts(with: start) ? Argument(bytes: Array(bytes.dropFirst(start.count))) : nil
  }

  /// Lends the bytes as a C string.
  func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (bytes + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { chars in
        // The list holds the final NUL at least, so it has an address.
        body(chars.baseAddress!)
      }
    }
  }
}

extension UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
  fileprivate func dropFirstOfList(_ count: Int32) -> [[UInt8]] {
    (1..<max(1, Int(count))).compactMap { index in
      self[index].map { text in
        UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
      }
    }
  }
}

import FoundationEssentials
import Glibc
import SystemPackage

/// The name of a file in its folder: bytes, which need not be text.
struct FileName: Hashable, Sendable {
  /// Neither empty nor with a slash or a NUL.
  let bytes: [UInt8]

  /// - Returns: nil when no file can be called that.
  init?(bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")),
      bytes != Array(".".utf8), bytes != Array("..".utf8)
    else { return nil }
    self.bytes = bytes
  }

  /// The last part of `path`; nil when that is no name, as in `/`.
  init?(lastOf path: FilePath) {
    guard let last = path.lastComponent else { return nil }
    let bytes = last.withPlatformString { UnsafeRawBufferPointer(start: $0, count: strlen($0)).map { $0 } }
    self.init(bytes: bytes)
  }

  /// The name as text, with U+FFFD for what is none.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes in base64 when ``text`` does not say them all; what JSON holds beside it.
  var base64UnlessText: String? {
    Array(text.utf8) == bytes ? nil : Data(bytes).base64EncodedString()
  }

  /// Reads what ``text`` and ``base64UnlessText`` wrote.
  init?(text: String, base64: String?) {
    guard let base64 else {
      self.init(bytes: text.utf8)
      return
    }
    guard let bytes = Data(base64Encoded: base64) else { return nil }
    self.init(bytes: bytes)
  }

  /// The name as C takes it.
  var cString: [CChar] { bytes.map(CChar.init(bitPattern:)) + [0] }
}

extension FilePath {
  /// The path of `name` in this folder.
  func appending(_ name: FileName) -> FilePath {
    // A file's name is always one component.
    FilePath.Component(platformString: name.cString).map { appending($0) } ?? self
  }
}

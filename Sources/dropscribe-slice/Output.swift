import Glibc

/// Writing to descriptors, whole.
enum Output {
  /// The reader is gone, or the disk is full.
  struct Closed: Error {
    let code: Int32

    /// What the system says of it.
    var reason: String { String(cString: strerror(code)) }
  }

  /// Writes all bytes, waiting as long as it takes.
  static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Closed) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Closed(code: errno) }
      written += count
    }
  }

  /// Prints to standard output; a reader that is gone wants no more.
  static func say(_ text: String) {
    try? write(Array("\(text)\n".utf8), to: STDOUT_FILENO)
  }

  /// Prints to standard error, after the program's name.
  static func complain(_ text: String) {
    try? write(Array("dropscribe-slice: \(text)\n".utf8), to: STDERR_FILENO)
  }
}

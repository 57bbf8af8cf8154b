/// Standard base64 with padding and without line breaks (RFC 4648, section 4), written straight into memory
/// that the caller owns: a clip is about a megabyte, and a request holds none of it twice.
enum Base64 {
  /// Characters that `count` bytes become.
  static func length(of count: Int) -> Int { (count + 2) / 3 * 4 }

  /// The two characters for each 12 bits, the first one in the low byte.
  private static let pairs: [UInt16] = {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return (0..<4096).map { UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8 }
  }()

  /// Writes `source` into the first ``length(of:)`` bytes of `target`, which must be there, and returns that
  /// length.
  @discardableResult
  static func encode(
    _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    let length = length(of: source.count)
    precondition(target.count >= length)
    pairs.withUnsafeBufferPointer { pairs in
      var read = 0
      var written = 0
      // Eight bytes are loaded, and the upper six of them used.
      while read + 8 <= source.count {
        let bits = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: read, as: UInt64.self))
        let first = UInt64(pairs[Int(bits >> 52)])
        let second = UInt64(pairs[Int(bits >> 40 & 0xFFF)])
        let third = UInt64(pairs[Int(bits >> 28 & 0xFFF)])
        let fourth = UInt64(pairs[Int(bits >> 16 & 0xFFF)])
        let eight = first | second << 16 | third << 32 | fourth << 48
        target.storeBytes(of: eight.littleEndian, toByteOffset: written, as: UInt64.self)
        read += 6
        written += 8
      }
      while read < source.count {
        let left = source.count - read
        var bits = UInt32(source[read]) << 16
        if left > 1 { bits |= UInt32(source[read + 1]) << 8 }
        if left > 2 { bits |= UInt32(source[read + 2]) }
        let upper = pairs[Int(bits >> 12)]
        let lower = pairs[Int(bits & 0xFFF)]
        target.storeBytes(of: upper.littleEndian, toByteOffset: written, as: UInt16.self)
        target.storeBytes(of: lower.littleEndian, toByteOffset: written + 2, as: UInt16.self)
        if left < 3 { target[written + 3] = UInt8(ascii: "=") }
        if left < 2 { target[written + 2] = UInt8(ascii: "=") }
        read += 3
        written += 4
      }
    }
    return length
  }
}

import Glibc
import Testing

/// The encoders of phones, which no program in Debian 12 brings: their libraries are called themselves.
enum AMREncoder: Sendable {
  /// AMR-NB at 12.2 kbit/s, by libopencore-amrnb.
  case narrow
  /// AMR-WB at 23.85 kbit/s, by libvo-amrwbenc.
  case wide

  /// A file of samples at 8 or 16 kHz, as phones store it.
  func file(_ samples: [Float]) throws -> [UInt8] {
    let isWide = self == .wide
    let library = try #require(
      dlopen(isWide ? "libvo-amrwbenc.so.0" : "libopencore-amrnb.so.0", RTLD_NOW),
      "install libopencore-amrnb0 and libvo-amrwbenc0"
    )
    typealias Begin = @convention(c) (Int32) -> UnsafeMutableRawPointer?
    typealias Encode =
      @convention(c) (
        UnsafeMutableRawPointer?, Int32, UnsafePointer<Int16>, UnsafeMutablePointer<UInt8>, Int32
      ) -> Int32
    typealias End = @convention(c) (UnsafeMutableRawPointer?) -> Void
    let begin = unsafeBitCast(dlsym(library, isWide ? "E_IF_init" : "Encoder_Interface_init"), to: Begin.self)
    let encode = unsafeBitCast(
      dlsym(library, isWide ? "E_IF_encode" : "Encoder_Interface_Encode"),
      to: Encode.self
    )
    let end = unsafeBitCast(dlsym(library, isWide ? "E_IF_exit" : "Encoder_Interface_exit"), to: End.self)
    let encoder = try #require(begin(0))
    defer { end(encoder) }
    let frame = isWide ? 320 : 160
    var bytes = Array((isWide ? "#!AMR-WB\n" : "#!AMR\n").utf8)
    var block = [UInt8](repeating: 0, count: 500)
    for start in stride(from: 0, to: samples.count - frame + 1, by: frame) {
      let input = samples[start..<start + frame].map { Int16($0 * 32_767) }
      let count = encode(encoder, isWide ? 8 : 7, input, &block, 0)
      bytes += block[..<max(0, Int(count))]
    }
    return bytes
  }
}

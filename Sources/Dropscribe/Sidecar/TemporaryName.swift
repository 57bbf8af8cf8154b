/// The name under which a sidecar is written before it gets its own: `.NAME.dropscribe-0123456789abcdef`.
/// The dot hides it from people and from intake; the form is strict, so that clean-up takes nothing else.
enum TemporaryName {
  private static let mark = Array(".dropscribe-".utf8)
  private static let digits = 16

  /// A fresh name for the writing of `name`, at most `longest` bytes.
  static func fresh(for name: FileName, longest: Int) -> FileName {
    let number = UInt64.random(in: .min ... .max)
    let hex = String(number, radix: 16)
    let tail = mark + Array((String(repeating: "0", count: digits - hex.utf8.count) + hex).utf8)
    let kept = SidecarNames.prefix(of: name.bytes, longest - 1 - tail.count)
    return FileName(bytes: [UInt8(ascii: ".")] + kept + tail) ?? name
  }

  /// Whether a file of that name can only be one of ours.
  static func matches(_ name: FileName) -> Bool {
    let bytes = name.bytes
    guard bytes.first == UInt8(ascii: "."), bytes.count > 1 + mark.count + digits else { return false }
    let tail = bytes.suffix(mark.count + digits)
    return tail.starts(with: mark)
      && tail.dropFirst(mark.count).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

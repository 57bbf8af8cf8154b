/// Numbers and stretches taken from the front of an input; zeros once it is used up.
struct Feed {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var isEmpty: Bool { bytes.isEmpty }

  mutating func byte() -> UInt8 { bytes.popFirst() ?? 0 }

  mutating func short() -> Int { Int(byte()) << 8 | Int(byte()) }

  /// One of the numbers in `range`, spread evenly over two bytes' worth of choice.
  mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + short() % range.count }

  mutating func bool() -> Bool { byte() & 1 == 1 }

  mutating func take(_ count: Int) -> [UInt8] {
    defer { bytes = bytes.dropFirst(count) }
    return Array(bytes.prefix(count))
  }

  mutating func rest() -> [UInt8] { take(bytes.count) }
}

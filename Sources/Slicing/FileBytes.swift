import Glibc

/// A regular file's bytes, looked at in order through one block of memory.
struct FileBytes: ~Copyable {
  /// The most that ``bytes(at:_:)`` lends at a time.
  static let blockSize = 1 << 18

  /// The file, which stays the caller's; its offset is never moved.
  let descriptor: Int32
  /// How long the file was when it was first looked at, in bytes.
  let size: Int64

  private let memory: UnsafeMutableRawBufferPointer
  private var origin: Int64 = 0
  private var count = 0

  /// Looks at an open file; nil when it is no regular one.
  init?(descriptor: Int32) {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    self.descriptor = descriptor
    size = Int64(facts.st_size)
    memory = .allocate(byteCount: Self.blockSize, alignment: 16)
  }

  deinit { memory.deallocate() }

  /// Lends `wanted` bytes from `position` on, fewer at the file's end; good until the next call.
  mutating func bytes(at position: Int64, _ wanted: Int) -> UnsafeRawBufferPointer {
    let wanted = min(wanted, Self.blockSize)
    guard position >= 0, position < size else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    if position < origin || position + Int64(wanted) > origin + Int64(count) { fill(from: position) }
    let start = min(count, Int(position - origin))
    return UnsafeRawBufferPointer(rebasing: memory[start..<min(count, start + wanted)])
  }

  private mutating func fill(from position: Int64) {
    (origin, count) = (position, 0)
    while count < memory.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
      let got = pread(descriptor, rest.baseAddress, rest.count, off_t(origin) + off_t(count))
      if got < 0, errno == EINTR { continue }
      if got <= 0 { return }
      count += got
    }
  }

  /// Where these bytes stand first at or behind `position`; nil when nowhere.
  mutating func position(of needle: [UInt8], from position: Int64) -> Int64? {
    guard let first = needle.first else { return position }
    var position = position
    while case let block = bytes(at: position, Self.blockSize), block.count >= needle.count,
      let start = block.baseAddress
    {
      var offset = 0
      while offset <= block.count - needle.count,
        let found = memchr(start + offset, Int32(first), block.count - needle.count + 1 - offset)
      {
        if memcmp(found, needle, needle.count) == 0 {
          return position + Int64(UnsafeRawPointer(found) - start)
        }
        offset = UnsafeRawPointer(found) - start + 1
      }
      position += Int64(block.count - needle.count + 1)
    }
    return nil
  }

  /// `count` bytes as characters; empty when they are not all there.
  mutating func text(at position: Int64, _ count: Int) -> String {
    let bytes = bytes(at: position, count)
    return bytes.count == count ? String(decoding: bytes, as: UTF8.self) : ""
  }

  /// A number of `count` bytes, held to the largest that there is; nil when they are not all there.
  mutating func number(at position: Int64, _ count: Int, bigEndian: Bool) -> Int64? {
    let bytes = bytes(at: position, count)
    guard bytes.count == count else { return nil }
    let value =
      bigEndian
      ? bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } : bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    return Int64(clamping: value)
  }
}

/// Puts a frame's bytes into memory that was reserved in one piece, so that a clip's audio is copied once.
struct FrameWriter {
  private let start: UnsafeMutableRawPointer
  private var count = 0

  private init(start: UnsafeMutableRawPointer) { self.start = start }

  /// The bytes of a frame: its kind, the payload's length, and what `body` writes, `payloadBytes` bytes.
  static func frame(kind: UInt8, payloadBytes: Int, _ body: (inout FrameWriter) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 5 + payloadBytes) { memory, initialized in
      guard let base = memory.baseAddress else { return }
      var writer = FrameWriter(start: UnsafeMutableRawPointer(base))
      base.pointee = kind
      writer.count = 1
      writer.length(payloadBytes)
      body(&writer)
      initialized = writer.count
      precondition(initialized == 5 + payloadBytes, "a frame's payload is as long as it was said to be")
    }
  }

  mutating func integer(_ value: Int64) {
    (start + count).storeBytes(of: value.littleEndian, as: Int64.self)
    count += 8
  }

  mutating func range(_ range: ClipRange) {
    integer(range.start)
    integer(range.end)
  }

  mutating func channel(_ channel: Int?) { integer(Int64(channel ?? -1)) }

  mutating func block(_ block: [UInt8]) {
    length(block.count)
    block.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { (start + count).copyMemory(from: base, byteCount: bytes.count) }
    }
    count += block.count
  }

  private mutating func length(_ value: Int) {
    (start + count).storeBytes(of: UInt32(value).littleEndian, as: UInt32.self)
    count += 4
  }
}

/// Takes a frame's payload apart; whatever would reach beyond its end is garbage.
struct FrameReader {
  private var payload: [UInt8]
  private var position = 0

  init(_ payload: consuming [UInt8]) { self.payload = payload }

  /// Bytes that were not taken yet.
  var bytesLeft: Int { payload.count - position }

  var isAtEnd: Bool { position == payload.count }

  private mutating func take(_ count: Int) throws(SliceGarbage) -> Int {
    guard count <= bytesLeft else { throw SliceGarbage() }
    defer { position += count }
    return position
  }

  mutating func integer() throws(SliceGarbage) -> Int64 {
    let offset = try take(8)
    return payload.withUnsafeBytes {
      Int64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }
  }

  mutating func byte() throws(SliceGarbage) -> UInt8 {
    guard let value = UInt8(exactly: try integer()) else { throw SliceGarbage() }
    return value
  }

  mutating func range() throws(SliceGarbage) -> ClipRange {
    let (start, end) = (try integer(), try integer())
    guard 0 <= start, start <= end, end < ClipRange.beyondAll else { throw SliceGarbage() }
    return ClipRange(start: start, end: end)
  }

  mutating func channel() throws(SliceGarbage) -> Int? {
    let channel = try integer()
    guard (-1..<Int64(SliceRequest.mostSplitChannels)).contains(channel) else { throw SliceGarbage() }
    return channel < 0 ? nil : Int(channel)
  }

  mutating func block() throws(SliceGarbage) -> [UInt8] {
    let count = try length()
    let start = try take(count)
    return Array(payload[start..<start + count])
  }

  /// The block that ends the payload, in the payload's own memory: a clip's audio is not copied.
  mutating func lastBlock() throws(SliceGarbage) -> [UInt8] {
    let start = try take(try length())
    guard isAtEnd else { throw SliceGarbage() }
    var block = exchange(&payload, with: [])
    position = 0
    block.removeFirst(start)
    return block
  }

  private mutating func length() throws(SliceGarbage) -> Int {
    let offset = try take(4)
    return payload.withUnsafeBytes {
      Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
  }

  /// Words for a person, which nobody needs more than some sentences of.
  mutating func text() throws(SliceGarbage) -> String {
    let bytes = try block()
    guard bytes.count <= SliceFrame.longestText, let text = String(validating: bytes, as: UTF8.self) else {
      throw SliceGarbage()
    }
    return text
  }
}

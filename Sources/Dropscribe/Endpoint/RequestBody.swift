internal import NIOCore

/// A request's body: text before and after a clip's base64, in pieces that are made as the connection takes them.
/// Of a request in flight only the clip itself is held.
struct RequestBody: Sequence, Sendable {
  /// Bytes of the clip that go into a piece, 64 KiB of base64. A multiple of three: only the end is padded.
  static let bytesAPiece = 48 << 10

  let head: ArraySlice<UInt8>
  let audio: [UInt8]
  let tail: ArraySlice<UInt8>

  /// Bytes of the whole.
  var length: Int { head.count + Base64.length(of: audio.count) + tail.count }

  func makeIterator() -> Iterator { Iterator(body: self) }

  struct Iterator: IteratorProtocol, Sendable {
    let body: RequestBody
    private var start = 0
    private var isOver = false

    init(body: RequestBody) { self.body = body }

    mutating func next() -> ByteBuffer? {
      guard !isOver else { return nil }
      let end = Swift.min(start + bytesAPiece, body.audio.count)
      defer { start = end }
      isOver = end == body.audio.count
      let head = start == 0 ? body.head : []
      let tail = isOver ? body.tail : []
      let characters = Base64.length(of: end - start)
      var piece = ByteBufferAllocator().buffer(capacity: head.count + characters + tail.count)
      piece.writeBytes(head)
      body.audio.withUnsafeBytes { bytes in
        _ = piece.writeWithUnsafeMutableBytes(minimumWritableBytes: characters) { target in
          Base64.encode(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), into: target)
        }
      }
      piece.writeBytes(tail)
      return piece
    }
  }
}

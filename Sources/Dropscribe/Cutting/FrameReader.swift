import Messages

/// Puts a slicing child's frames together from a stream of bytes that may be cut anywhere. It holds one frame.
struct FrameReader {
  private static let header = 5

  private var head: [UInt8] = []
  private var payload: [UInt8] = []
  private var missing = 0

  /// Whether the stream may end here.
  var isBetweenFrames: Bool { head.isEmpty }

  /// Takes bytes from the front of `bytes` and returns the frame that they complete, if they do; the rest
  /// stays in `bytes`. Call again until `bytes` is empty.
  ///
  /// - Throws: ``SliceGarbage`` when they cannot be frames. Nothing is allocated for a length that no honest
  ///   child would send.
  mutating func read(_ bytes: inout UnsafeRawBufferPointer.SubSequence) throws(SliceGarbage) -> SliceFrame? {
    while head.count < Self.header, let byte = bytes.popFirst() {
      head.append(byte)
      guard head.count == Self.header else { continue }
      missing = head[1...].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard missing <= SliceFrame.longestPayload else { throw SliceGarbage() }
      payload = []
      payload.reserveCapacity(missing)
    }
    guard head.count == Self.header else { return nil }
    let some = bytes.prefix(missing)
    payload.append(contentsOf: some)
    bytes = bytes.dropFirst(some.count)
    missing -= some.count
    guard missing == 0 else { return nil }
    defer { head.removeAll(keepingCapacity: true) }
    // Given away, not shared: the frame keeps it as its own.
    return try SliceFrame(kind: head[0], payload: exchange(&payload, with: []))
  }
}

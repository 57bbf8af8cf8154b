import Messages

/// The 16-bit samples at 16 kHz that a clip may still be made of.
struct SampleWindow: ~Copyable {
  private var memory: UnsafeMutablePointer<Int16>
  private var capacity: Int
  /// Samples in memory, and how many of the first of them are let go.
  private var count = 0
  private var dropped = 0
  /// The frame of the recording that the first sample in memory is.
  private var base: Int64 = 0

  init(capacity: Int) {
    self.capacity = max(1024, capacity)
    memory = .allocate(capacity: self.capacity)
  }

  deinit { memory.deallocate() }

  /// One past the last frame.
  var end: Int64 { base + Int64(count) }

  /// Adds samples, rounded to the nearest step and held to full scale.
  mutating func append(_ samples: UnsafeBufferPointer<Float>) {
    guard let source = samples.baseAddress, !samples.isEmpty else { return }
    makeRoom(for: samples.count)
    Self.quantise(source, count: samples.count, into: memory + count)
    count += samples.count
  }

  /// Lets go of what lies before `frame`.
  mutating func drop(before frame: Int64) { dropped = max(dropped, min(count, Int(frame - base))) }

  /// The samples in `range`, as far as they are there.
  func samples(in range: ClipRange) -> UnsafeBufferPointer<Int16> {
    let start = max(dropped, min(count, Int(range.start - base)))
    let end = max(start, min(count, Int(range.end - base)))
    return UnsafeBufferPointer(start: memory + start, count: end - start)
  }

  /// Cuts the signal off at `frame`, or lengthens it with silence to there.
  mutating func adjust(to frame: Int64) {
    let wanted = max(dropped, Int(frame - base))
    if wanted > count {
      makeRoom(for: wanted - count)
      (memory + count).initialize(repeating: 0, count: Int(frame - base) - count)
    }
    count = Int(frame - base)
  }

  private mutating func makeRoom(for more: Int) {
    guard count + more > capacity else { return }
    let kept = count - dropped
    if kept + more <= capacity {
      memory.update(from: memory + dropped, count: kept)
    } else {
      capacity = 2 * (kept + more)
      let larger = UnsafeMutablePointer<Int16>.allocate(capacity: capacity)
      larger.initialize(from: memory + dropped, count: kept)
      memory.deallocate()
      memory = larger
    }
    base += Int64(dropped)
    (count, dropped) = (kept, 0)
  }

  /// Adding 1.5 x 2^23 moves a number's whole part into the lowest bits of its mantissa, rounded to the
  /// nearest, in one addition and without a call.
  private static func quantise(
    _ source: UnsafePointer<Float>,
    count: Int,
    into target: UnsafeMutablePointer<Int16>
  ) {
    let (input, output) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    let magic = SIMD8<Float>(repeating: 12_582_912)
    let (low, high) = (SIMD8<Float>(repeating: -32_768), SIMD8<Float>(repeating: 32_767))
    let whole = count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      var samples = input.loadUnaligned(fromByteOffset: 4 * start, as: SIMD8<Float>.self) * 32_768
      samples.replace(with: low, where: samples .< low)
      samples.replace(with: high, where: samples .> high)
      let bits = unsafeBitCast(samples + magic, to: SIMD8<Int32>.self)
      output.storeBytes(
        of: SIMD8<Int16>(truncatingIfNeeded: bits),
        toByteOffset: 2 * start,
        as: SIMD8<Int16>.self
      )
    }
    for index in whole..<count {
      let sample = max(-32_768, min(32_767, source[index] * 32_768))
      target[index] = Int16(truncatingIfNeeded: Int32(bitPattern: (sample + 12_582_912).bitPattern))
    }
  }
}

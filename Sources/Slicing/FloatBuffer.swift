/// Memory for samples that lives as long as its owner; the pointer is good for `capacity` samples.
struct FloatBuffer: ~Copyable {
  let pointer: UnsafeMutablePointer<Float>
  let capacity: Int

  /// Memory for `capacity` samples, all zero.
  init(capacity: Int) {
    self.capacity = max(1, capacity)
    pointer = .allocate(capacity: self.capacity)
    pointer.initialize(repeating: 0, count: self.capacity)
  }

  deinit { pointer.deallocate() }
}

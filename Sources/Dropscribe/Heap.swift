internal import CLinux

/// How the C library keeps memory that was freed.
enum Heap {
  /// Blocks of so many bytes and more go back to the system when they are freed.
  private static let largeBlock: Int32 = 256 << 10

  /// Has large blocks given back at once.
  ///
  /// glibc by itself raises the bound to the size of whatever large block was freed. From then on clips, a
  /// megabyte each and no two of the same size, leave its heaps full of holes, and the peak grows with a
  /// recording's length.
  static func returnLargeBlocks() { _ = linux_return_blocks(largeBlock) }
}

import Glibc

/// A part of a file as a file of its own: read, sought and told as libsndfile does it.
struct FileView {
  private let descriptor: Int32
  private let part: FilePart
  /// Where each piece begins in the view, and behind the last, where it ends.
  private let starts: [Int64]
  /// The piece that was read last.
  private var index = 0
  /// Where the next byte is read, in bytes of the view.
  private(set) var position: Int64 = 0
  /// The furthest that was read, in bytes of the file.
  private(set) var consumed: Int64 = 0

  /// A view of a file that stays the caller's.
  init(descriptor: Int32, part: FilePart) {
    self.descriptor = descriptor
    self.part = part
    starts = part.pieces.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.upperBound - $1.lowerBound) }
  }

  /// Its length in bytes; the largest number where the reader is not to know it.
  var size: Int64 { part.isStream ? .max : starts[starts.count - 1] }

  /// Reads up to `count` bytes; returns how many there were, fewer at the end alone.
  mutating func read(into target: UnsafeMutableRawPointer, _ count: Int64) -> Int64 {
    var done: Int64 = 0
    while done < count, position < starts[starts.count - 1] {
      while position >= starts[index + 1] { index += 1 }
      while position < starts[index] { index -= 1 }
      let place = part.pieces[index].lowerBound + position - starts[index]
      let wanted = min(count - done, starts[index + 1] - position)
      let got = Int64(pread(descriptor, target + Int(done), Int(wanted), off_t(place)))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      mend(UnsafeMutableRawBufferPointer(start: target + Int(done), count: Int(got)), at: place)
      done += got
      position += got
      consumed = max(consumed, place + got)
    }
    return done
  }

  private func mend(_ bytes: UnsafeMutableRawBufferPointer, at place: Int64) {
    guard let patch = part.patch else { return }
    for (offset, byte) in patch.bytes.enumerated() {
      let index = patch.position + Int64(offset) - place
      if (0..<Int64(bytes.count)).contains(index) { bytes[Int(index)] = byte }
    }
  }

  /// Moves to another place, as lseek(2) does; returns it, or -1 when there is no such place.
  mutating func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    if part.isStream, whence == SEEK_END { return -1 }
    let origin = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position : size
    let (target, overflow) = origin.addingReportingOverflow(offset)
    guard !overflow, (0...Int64.max / 2).contains(target) else { return -1 }
    position = target
    return target
  }
}

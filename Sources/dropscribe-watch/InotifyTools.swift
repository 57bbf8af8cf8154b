import CInotifyTools
import Glibc

/// libinotifytools, which has process-global state and one hidden descriptor: there is one value of this type
/// in a process, and one thread uses it.
struct InotifyTools: ~Copyable {
  /// Something happened in a watched folder, its bytes copied out of the library's static memory.
  struct Event {
    var mask: UInt32
    /// The folder as it was named when it was watched, without a slash at the end.
    var folder: [UInt8]
    /// The entry of the folder, empty when the event is about the folder itself.
    var name: [UInt8]

    func has(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }
    var isFolder: Bool { mask & UInt32(IN_ISDIR) != 0 }
  }

  struct Failure: Error {
    var number: Int32
  }

  /// Readable when events wait.
  let descriptor: Int32

  /// Call it before other files are opened: the library uses select(2), which ends the process on a
  /// descriptor over 1,023.
  init() throws(Failure) {
    guard inotifytools_initialize() != 0 else { throw Failure(number: inotifytools_error()) }
    guard let descriptor = Self.findDescriptor() else {
      inotifytools_cleanup()
      throw Failure(number: EBADF)
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    self.descriptor = descriptor
  }

  deinit { inotifytools_cleanup() }

  /// Watches the entries of one folder, not of its subfolders.
  func watch(_ folder: [UInt8], followingLink: Bool) throws(Failure) {
    var events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
    events |= IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
    if !followingLink { events |= IN_DONT_FOLLOW }
    let terminated = folder.map(CChar.init(bitPattern:)) + [0]
    guard inotifytools_watch_file(terminated, events) != 0 else {
      throw Failure(number: inotifytools_error())
    }
  }

  /// The next event that has come; nil when there is none. Never waits.
  func next() -> Event? {
    guard let event = inotifytools_next_events(0, 1) else { return nil }
    let (mask, count) = (event.pointee.mask, Int(event.pointee.len))
    // A copy of the struct would lose the name, which lies behind it.
    let nameStart = UnsafeRawPointer(event).advanced(by: MemoryLayout<inotify_event>.size)
    let name = UnsafeRawBufferPointer(start: nameStart, count: count).prefix { $0 != 0 }
    var folder: [UInt8] = []
    if let known = inotifytools_filename_from_wd(event.pointee.wd) {
      folder = Array(UnsafeRawBufferPointer(start: known, count: strlen(known)))
    }
    while folder.count > 1, folder.last == UInt8(ascii: "/") { folder.removeLast() }
    return Event(mask: mask, folder: folder, name: Array(name))
  }

  /// The library does not tell its descriptor; the kernel does.
  private static func findDescriptor() -> Int32? {
    guard let listing = opendir("/proc/self/fd") else { return nil }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let number = Int32(name) else { continue }
      var target = [CChar](repeating: 0, count: 64)
      let length = readlink("/proc/self/fd/\(number)", &target, target.count)
      let text = String(decoding: target.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
      if text == "anon_inode:inotify" || text == "anon_inode:[inotify]" { return number }
    }
    return nil
  }
}

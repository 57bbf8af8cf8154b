import FoundationEssentials
import Glibc
import SystemPackage

extension SidecarFolder {
  /// Makes sure that a sidecar could be written into `folder` now: before anything is paid for one.
  static func probe(_ folder: FilePath, root: FilePath? = nil) throws(SidecarError) {
    let folder = try SidecarFolder(folder, root: root)
    guard let name = FileName(bytes: "probe".utf8) else { return }
    // Some bytes, since a full disk still gives out names.
    try folder.withTemporaryFile(Data(repeating: 0, count: 4096), for: name, beside: nil) { _ in }
  }

  /// Removes the temporary files that a killed process of this user left in `folder`, and tells how many.
  ///
  /// A file that somebody is writing at this moment is locked and stays. Where the filesystem has no locks,
  /// only what is older than an hour goes.
  static func cleanUp(_ folder: FilePath, root: FilePath? = nil) throws(SidecarError) -> Int {
    let folder = try SidecarFolder(folder, root: root)
    var removed = 0
    for name in try folder.names() where TemporaryName.matches(name) {
      guard let facts = try folder.facts(of: name), facts.st_mode & S_IFMT == S_IFREG,
        facts.st_uid == geteuid(), folder.isAbandoned(name, facts)
      else { continue }
      if unlinkat(folder.descriptor, name.cString, 0) == 0 {
        removed += 1
      } else if errno != ENOENT {
        throw folder.error("remove", name)
      }
    }
    return removed
  }

  private func isAbandoned(_ name: FileName, _ facts: stat) -> Bool {
    let file = openat(descriptor, name.cString, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if file >= 0 {
      defer { close(file) }
      if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
      if errno == EWOULDBLOCK { return false }
    }
    return Date().timeIntervalSince1970 - Double(facts.st_mtim.tv_sec) > 3600
  }

  private func names() throws(SidecarError) -> [FileName] {
    // An open of its own: the stream takes the descriptor over and closes it.
    let again = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard again >= 0, let stream = fdopendir(again) else {
      let failed = SidecarError(Errno(rawValue: errno), "list", path)
      if again >= 0 { close(again) }
      throw failed
    }
    defer { closedir(stream) }
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
    var names: [FileName] = []
    errno = 0
    while let entry = readdir(stream) {
      // The record is as long as its name, not as long as the declared array.
      let start = UnsafeRawPointer(entry) + offset
      let length = strlen(start.assumingMemoryBound(to: CChar.self))
      let bytes = UnsafeRawBufferPointer(start: start, count: length)
      if bytes.first == UInt8(ascii: "."), let name = FileName(bytes: bytes) { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw SidecarError(Errno(rawValue: errno), "list", path) }
    return names
  }
}

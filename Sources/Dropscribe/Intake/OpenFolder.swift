import CLinux
import Glibc
import SystemPackage

/// A configured folder, opened. Everything below it is reached from its descriptor, without following a symbolic
/// link and without leaving it; the folder itself may be named through a link, which is the administrator's word.
struct OpenFolder: ~Copyable {
  let descriptor: CInt

  init(_ path: FilePath) throws(Errno) {
    descriptor = path.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    if descriptor < 0 { throw Errno(rawValue: errno) }
  }

  deinit { close(descriptor) }

  /// What stat(2) says of an entry below; the folder itself for an empty path.
  func facts(of relative: FilePath) throws(Errno) -> stat {
    if relative.isEmpty { return try Self.facts(of: descriptor) }
    let entry = relative.withPlatformString { linux_look_beneath(descriptor, $0) }
    if entry < 0 { throw Errno(rawValue: errno) }
    defer { close(entry) }
    return try Self.facts(of: entry)
  }

  /// Opens an entry below for reading, without ever blocking on a FIFO. The caller closes it.
  func open(_ relative: FilePath, _ flags: CInt = O_RDONLY) throws(Errno) -> CInt {
    let opened = relative.withPlatformString { linux_open_beneath(descriptor, $0, flags) }
    if opened < 0 { throw Errno(rawValue: errno) }
    return opened
  }

  /// The device of the deepest folder on the way to an entry that is not there.
  func deviceAbove(_ relative: FilePath) throws(Errno) -> UInt64 {
    var above = relative.removingLastComponent()
    while !above.isEmpty {
      if let facts = try? facts(of: above), facts.st_mode & S_IFMT == S_IFDIR { return UInt64(facts.st_dev) }
      above.removeLastComponent()
    }
    return try UInt64(facts(of: above).st_dev)
  }

  static func facts(of descriptor: CInt) throws(Errno) -> stat {
    var facts = stat()
    if fstat(descriptor, &facts) != 0 { throw Errno(rawValue: errno) }
    return facts
  }
}

extension FileIdentity {
  /// Of what stat(2) said.
  init(facts: stat) {
    self.init(
      device: UInt64(facts.st_dev),
      inode: UInt64(facts.st_ino),
      size: Int64(facts.st_size),
      modified: Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec),
      changed: Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec)
    )
  }
}

/// What is at a path right now.
enum Sighting: Equatable, Sendable {
  case file(FileIdentity)
  /// A folder, a link, a FIFO …
  case notAFile
  /// Nothing; the folder that would hold it is on this device.
  case gone(folderDevice: UInt64)
  case unreadable(Errno)
  /// The configured folder itself cannot be opened, so that nothing is known.
  case folderGone

  /// Looks at a path below a folder.
  @concurrent static func at(_ relative: FilePath, in folder: FilePath) async -> Sighting {
    let opened: OpenFolder
    do throws(Errno) {
      opened = try OpenFolder(folder)
    } catch {
      return .folderGone
    }
    do throws(Errno) {
      let facts = try opened.facts(of: relative)
      return facts.st_mode & S_IFMT == S_IFREG ? .file(FileIdentity(facts: facts)) : .notAFile
    } catch {
      return seen(error, relative, opened)
    }
  }

  /// What a failed open of an entry means.
  static func seen(_ error: Errno, _ relative: FilePath, _ folder: borrowing OpenFolder) -> Sighting {
    switch error {
    case .noSuchFileOrDirectory, .notDirectory:
      guard let device = try? folder.deviceAbove(relative) else { return .folderGone }
      return .gone(folderDevice: device)
    case .tooManySymbolicLinkLevels:
      return .notAFile
    default:
      return .unreadable(error)
    }
  }
}

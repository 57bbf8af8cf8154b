internal import Crypto
import FoundationEssentials
import Glibc
import SystemPackage

/// An open folder in which sidecars are written: every name is looked up in the folder that was opened, so that
/// one swapped for a symbolic link midway leads nowhere else. All calls block.
struct SidecarFolder: ~Copyable {
  /// What its filesystem is trusted to do; each is tried, and done without where it is refused.
  struct Abilities: Hashable, Sendable {
    /// renameat2(2) with flags: missing on NFS, exFAT and some FUSE filesystems.
    var renameFlags = true
    /// Hard links: missing on FAT, exFAT and some FUSE filesystems.
    var links = true
  }

  /// What stands under a name.
  enum Present: Hashable, Sendable {
    case nothing
    /// A regular file that can be read.
    case file(Data, sha256: String)
    /// A folder, a symbolic link, a file that may not be read or is far too long to be a sidecar.
    case other
  }

  let path: FilePath
  let descriptor: Int32
  let abilities: Abilities
  /// The longest name that a file in it can have, in bytes.
  let longestName: Int

  /// Longer files are nobody's sidecar, in bytes.
  private static let longestSidecar = 32 << 20

  /// Opens `path`. Symbolic links are followed on the way to `root`, which is what the configuration names,
  /// and nowhere below it; where `path` does not lie in `root`, only its last part must not be one.
  init(_ path: FilePath, root: FilePath? = nil, abilities: Abilities = Abilities()) throws(SidecarError) {
    var below: [FilePath.Component] = []
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    var open: Int32
    if let root, path.starts(with: root) {
      below = Array(path.components.dropFirst(root.components.count))
      open = root.withPlatformString { Glibc.open($0, flags) }
    } else {
      open = path.withPlatformString { Glibc.open($0, flags | O_NOFOLLOW) }
    }
    for component in below where open >= 0 {
      let next = component.withPlatformString { openat(open, $0, flags | O_NOFOLLOW) }
      let code = errno
      close(open)
      errno = code
      open = next
    }
    guard open >= 0 else { throw SidecarError(Errno(rawValue: errno), "open the folder", path) }
    descriptor = open
    self.path = path
    self.abilities = abilities
    var facts = statvfs()
    // Some filesystems count characters there, and so more bytes than Linux lets through.
    longestName = fstatvfs(open, &facts) == 0 && facts.f_namemax > 0 ? min(255, Int(facts.f_namemax)) : 255
  }

  deinit { close(descriptor) }

  /// The error that the last call left, with where it happened.
  func error(_ action: String, _ name: FileName) -> SidecarError {
    SidecarError(Errno(rawValue: errno), action, path.appending(name))
  }

  /// What stat(2) says of `name` itself, never of what it links to; nil when nothing is there.
  func facts(of name: FileName) throws(SidecarError) -> stat? {
    var facts = stat()
    if fstatat(descriptor, name.cString, &facts, AT_SYMLINK_NOFOLLOW) == 0 { return facts }
    if errno == ENOENT { return nil }
    throw error("look at", name)
  }

  /// Makes sure that `name` is still the file that was hashed.
  func check(_ name: FileName, is identity: FileIdentity) throws(SidecarError) -> stat {
    guard let facts = try facts(of: name) else {
      throw SidecarError(.sourceGone, "write sidecars beside", path.appending(name))
    }
    let same =
      UInt64(facts.st_dev) == identity.device && UInt64(facts.st_ino) == identity.inode
      && Int64(facts.st_size) == identity.size && Self.nanoseconds(facts.st_mtim) == identity.modified
      && Self.nanoseconds(facts.st_ctim) == identity.changed
    guard same else { throw SidecarError(.sourceChanged, "write sidecars beside", path.appending(name)) }
    return facts
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Reads what stands under `name`.
  func contents(of name: FileName) throws(SidecarError) -> Present {
    let file = openat(descriptor, name.cString, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else {
      switch errno {
      case ENOENT: return .nothing
      case ELOOP, EACCES, EPERM, ENXIO, EISDIR: return .other
      default: throw error("read", name)
      }
    }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw error("read", name) }
    guard facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= Self.longestSidecar else { return .other }
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + filled, $0.count - filled) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw error("read", name) }
      if count == 0 { break }
      filled += count
    }
    let data = Data(bytes.prefix(filled))
    return .file(data, sha256: SHA256.hash(data: data).hex)
  }

  /// Makes the folder's names last through a power loss. A filesystem that knows no such thing does not mind.
  func sync() throws(SidecarError) {
    if fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP { return }
    throw SidecarError(Errno(rawValue: errno), "sync", path)
  }
}

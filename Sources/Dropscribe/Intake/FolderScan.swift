import Glibc
import Messages
import SystemPackage

/// One listing of a folder, compared with what is known of it. This is the truth; events only tell when to look.
struct FolderScan: Sendable {
  struct Found: Equatable, Sendable {
    /// Absolute.
    var path: FilePath
    var identity: FileIdentity
  }

  /// The folder cannot be listed: it is missing, or not for us to read. Nothing is known then, and nothing is lost.
  struct Unreadable: Error {
    var reason: Errno
  }

  /// The folder itself, so that another one under its name is noticed.
  struct Root: Equatable, Sendable {
    var device: UInt64
    var inode: UInt64
  }

  /// Files that are not known, or not with this identity.
  private(set) var unknown: [Found] = []
  /// What was known and was not listed. A file may have come since: look again before it counts as lost.
  private(set) var missing: [FilePath: FileIdentity]
  private(set) var root = Root(device: 0, inode: 0)
  /// Subfolders that could not be listed; what lies below them is neither there nor missing.
  private(set) var unlisted: [(path: FilePath, reason: Errno)] = []
  /// Known files lie on a device that is not to be seen: a filesystem is not mounted at the moment.
  private(set) var missesDevice = false
  /// The first folder that lies too deep to be looked into.
  private(set) var tooDeep: FilePath?

  private let rules: NameRules
  private let isRecursive: Bool
  /// The absolute path of what is being looked at, without a NUL.
  private var path: [UInt8]
  private let relativeStart: Int
  private var devices: Set<UInt64> = []
  private var steps = 0

  /// Lists a folder. `below` limits it to one of its subfolders; then only ``unknown`` is of use.
  @concurrent static func run(
    _ folder: FilePath,
    below: FilePath = "",
    isRecursive: Bool,
    rules: NameRules,
    known: consuming [FilePath: FileIdentity]
  ) async throws -> FolderScan {
    var scan = FolderScan(folder, isRecursive: isRecursive, rules: rules, known: known)
    try scan.list(folder, below: below)
    return scan
  }

  private init(
    _ folder: FilePath,
    isRecursive: Bool,
    rules: NameRules,
    known: consuming [FilePath: FileIdentity]
  ) {
    self.rules = rules
    self.isRecursive = isRecursive
    missing = known
    path = folder.bytes
    relativeStart = path.count + (path.last == UInt8(ascii: "/") ? 0 : 1)
  }

  private mutating func list(_ folder: FilePath, below: FilePath) throws {
    let descriptor: CInt
    do throws(Errno) {
      let opened = try OpenFolder(folder)
      let facts = try opened.facts(of: "")
      root = Root(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
      descriptor = try opened.open(below.isEmpty ? "." : below, O_RDONLY | O_DIRECTORY)
    } catch {
      throw Unreadable(reason: error)
    }
    if !below.isEmpty { path = folder.pushing(below).bytes }
    if let reason = try list(descriptor, depth: below.components.count) { throw Unreadable(reason: reason) }
    leaveOutOfSight()
  }

  /// Takes the descriptor over. Returns why the listing broke off, if it did.
  private mutating func list(_ descriptor: CInt, depth: Int) throws -> Errno? {
    guard let listing = fdopendir(descriptor) else {
      let reason = Errno(rawValue: errno)
      close(descriptor)
      return reason
    }
    defer { closedir(listing) }
    if let facts = try? OpenFolder.facts(of: descriptor) { devices.insert(UInt64(facts.st_dev)) }
    let folderLength = path.count
    if path.last != UInt8(ascii: "/") { path.append(UInt8(ascii: "/")) }
    let nameStart = path.count
    defer { path.removeSubrange(folderLength...) }

    while true {
      errno = 0
      guard let entry = readdir(listing) else { return errno == 0 ? nil : Errno(rawValue: errno) }
      steps += 1
      if steps % 1_024 == 0 { try Task.checkCancellation() }
      // The name is read where it lies: the imported tuple of 256 bytes would be copied for every file.
      let name = UnsafeRawPointer(entry).advanced(by: Self.nameOffset).assumingMemoryBound(to: CChar.self)
      if name.pointee == CChar(bitPattern: UInt8(ascii: ".")) { continue }
      path.removeSubrange(nameStart...)
      path.append(contentsOf: UnsafeRawBufferPointer(start: name, count: strlen(name)))
      switch Int(entry.pointee.d_type) {
      case Int(DT_REG): file(name, in: descriptor)
      case Int(DT_DIR): try subfolder(name, in: descriptor, depth: depth + 1)
      case Int(DT_UNKNOWN):
        var facts = stat()
        guard fstatat(descriptor, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
        if facts.st_mode & S_IFMT == S_IFDIR {
          try subfolder(name, in: descriptor, depth: depth + 1)
        } else {
          file(name, in: descriptor)
        }
      default: continue
      }
    }
  }

  private static let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 19

  private mutating func file(_ name: UnsafePointer<CChar>, in folder: CInt) {
    let isWanted = path.withUnsafeBufferPointer {
      rules.takes(UnsafeBufferPointer(rebasing: $0[relativeStart...]))
    }
    guard isWanted else { return }
    var facts = stat()
    guard fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      return
    }
    let path = FilePath(bytes: path)
    let identity = FileIdentity(facts: facts)
    let known = missing.removeValue(forKey: path)
    if known == identity { return }
    // The same path on a device of another number: the filesystem was mounted anew, so what was known of the
    // old number is in sight after all.
    if let known { devices.insert(known.device) }
    unknown.append(Found(path: path, identity: identity))
  }

  private mutating func subfolder(_ name: UnsafePointer<CChar>, in folder: CInt, depth: Int) throws {
    guard isRecursive else { return }
    guard depth <= FolderDepth.most else {
      if tooDeep == nil { tooDeep = FilePath(bytes: path) }
      return
    }
    let opened = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else {
      // Gone again, or swapped for something else: then there is nothing below.
      if errno != ENOENT, errno != ENOTDIR, errno != ELOOP {
        unlisted.append((FilePath(bytes: path), Errno(rawValue: errno)))
      }
      return
    }
    if let reason = try list(opened, depth: depth) { unlisted.append((FilePath(bytes: path), reason)) }
  }

  /// What is on a device that no listed folder is on is not missing but unmounted.
  private mutating func leaveOutOfSight() {
    guard !missing.isEmpty else { return }
    let (devices, unlisted) = (devices, unlisted)
    missesDevice = missing.values.contains { !devices.contains($0.device) }
    missing = missing.filter { path, identity in
      devices.contains(identity.device) && !unlisted.contains { path.starts(with: $0.path) }
    }
  }
}

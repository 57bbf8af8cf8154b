internal import CLinux
import FoundationEssentials
import Glibc
import SystemPackage

/// A sidecar on its way into the folder: written and synced under a temporary name, not yet under its own.
/// It holds a lock as long as it lives, which tells it from what a killed process left behind.
struct TemporaryFile: ~Copyable {
  let name: FileName
  let inode: UInt64
  fileprivate let descriptor: Int32

  fileprivate init(name: FileName, inode: UInt64, descriptor: Int32) {
    self.name = name
    self.inode = inode
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

/// How the replacing of a sidecar that was written before went.
enum Replacement: Hashable, Sendable {
  case replaced
  /// Somebody had edited it: it stands as it was.
  case edited
  /// It was gone.
  case gone
}

extension SidecarFolder {
  /// Writes `bytes` to a fresh temporary file, syncs it and lends it to `body`, which gives it its name. A
  /// file that has none afterwards is removed.
  ///
  /// Its mode is never wider than that of `source`, and its group the source's where this user may give it;
  /// where not, the group gets no more than everybody has. Without a source only this user may read it.
  func withTemporaryFile<Result>(
    _ bytes: Data,
    for name: FileName,
    beside source: stat?,
    _ body: (borrowing TemporaryFile) throws(SidecarError) -> Result
  ) throws(SidecarError) -> Result {
    let temporary = TemporaryName.fresh(for: name, longest: longestName)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let opened = openat(descriptor, temporary.cString, flags, 0o600)
    guard opened >= 0 else { throw error("write", name) }
    var facts = stat()
    let hasFacts = fstat(opened, &facts) == 0
    let file = TemporaryFile(name: temporary, inode: hasFacts ? UInt64(facts.st_ino) : 0, descriptor: opened)
    defer {
      // After an exchange the temporary name is somebody else's file: only our own is ours to remove.
      if let now = try? self.facts(of: temporary), UInt64(now.st_ino) == file.inode {
        unlinkat(descriptor, temporary.cString, 0)
      }
    }
    guard hasFacts else { throw error("write", name) }
    // Refused only where the filesystem has no locks: clean-up then goes by age.
    _ = flock(opened, LOCK_EX | LOCK_NB)
    if let source { try copyAccess(of: source, to: file, for: name) }
    do {
      let descriptor = FileDescriptor(rawValue: opened)
      try descriptor.writeAll(bytes)
    } catch {
      throw SidecarError((error as? Errno) ?? .ioError, "write", path.appending(name))
    }
    guard fsync(opened) == 0 else { throw error("sync", name) }
    return try body(file)
  }

  private func copyAccess(
    of source: stat,
    to file: borrowing TemporaryFile,
    for name: FileName
  ) throws(SidecarError) {
    // The owner reads what it wrote: the next rewrite has to compare.
    var mode = source.st_mode & 0o666 | 0o400
    _ = fchown(file.descriptor, uid_t.max, source.st_gid)
    var facts = stat()
    guard fstat(file.descriptor, &facts) == 0 else { throw error("write", name) }
    // With an access list the group's bits are a mask for everybody on it, and the list is the folder's choice.
    if facts.st_gid != source.st_gid, linux_has_acl(file.descriptor) == 0 {
      mode &= ~0o070 | (mode & 0o007) << 3
    }
    if fchmod(file.descriptor, mode) == 0 { return }
    // A filesystem without modes has nothing to widen.
    guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS else { throw error("write", name) }
  }

  /// Gives `file` the name `name`, unless somebody has it.
  ///
  /// - Returns: false when the name is taken; the file then has none yet.
  func place(_ file: borrowing TemporaryFile, as name: FileName) throws(SidecarError) -> Bool {
    try rename(file.name, toNew: name)
  }

  private func rename(_ from: FileName, toNew name: FileName) throws(SidecarError) -> Bool {
    let (old, new) = (from.cString, name.cString)
    if abilities.renameFlags {
      if linux_rename_new(descriptor, old, new) == 0 {
        try sync()
        return true
      }
      if errno == EEXIST { return false }
      guard errno == EINVAL || errno == ENOSYS else { throw error("write", name) }
    }
    if abilities.links {
      if linkat(descriptor, old, descriptor, new, 0) == 0 {
        unlinkat(descriptor, old, 0)
        try sync()
        return true
      }
      if errno == EEXIST { return false }
      guard [EPERM, ENOTSUP, ENOSYS, EMLINK].contains(errno) else { throw error("write", name) }
    }
    // What is left is to take the name with an empty file, which then nobody else can, and to rename over it.
    let claim = openat(descriptor, new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard claim >= 0 else {
      if errno == EEXIST { return false }
      throw error("write", name)
    }
    close(claim)
    guard renameat(descriptor, old, descriptor, new) == 0 else {
      let failed = error("write", name)
      unlinkat(descriptor, new, 0)
      throw failed
    }
    try sync()
    return true
  }

  /// Puts `file` in the place of `name`, provided that `name` still holds bytes with that digest.
  ///
  /// The look comes after the exchange, so that an edit saved at the last moment is seen and put back. Where
  /// the filesystem cannot exchange, the look comes first, and an edit in the moment between is lost.
  func replace(
    _ name: FileName,
    by file: borrowing TemporaryFile,
    ifHolding sha256: String
  ) throws(SidecarError) -> Replacement {
    let (temporary, final) = (file.name.cString, name.cString)
    if abilities.renameFlags {
      if linux_rename_exchange(descriptor, temporary, final) == 0 {
        if case .file(_, sha256) = try contents(of: file.name) {
          unlinkat(descriptor, temporary, 0)
          try sync()
          return .replaced
        }
        try putBack(name, file)
        return .edited
      }
      if errno == ENOENT { return .gone }
      guard errno == EINVAL || errno == ENOSYS else { throw error("write", name) }
    }
    switch try contents(of: name) {
    case .nothing: return .gone
    case .file(_, sha256): break
    case .file, .other: return .edited
    }
    guard renameat(descriptor, temporary, descriptor, final) == 0 else { throw error("write", name) }
    try sync()
    return .replaced
  }

  /// Undoes an exchange that brought out somebody's edit.
  private func putBack(_ name: FileName, _ file: borrowing TemporaryFile) throws(SidecarError) {
    let (temporary, final) = (file.name.cString, name.cString)
    if linux_rename_exchange(descriptor, temporary, final) != 0 {
      // The name went away meanwhile: the edit alone goes back.
      guard errno == ENOENT, try rename(file.name, toNew: name) else { throw error("put back", name) }
    } else if let out = try facts(of: file.name), UInt64(out.st_ino) != file.inode {
      // Saved a second time, over ours: the later edit goes back, and replaces the earlier as its author meant.
      guard linux_rename_exchange(descriptor, temporary, final) == 0 else { throw error("put back", name) }
      unlinkat(descriptor, temporary, 0)
    }
    try sync()
  }

  /// Removes `name`, provided that it still holds bytes with that digest.
  func remove(_ name: FileName, ifHolding sha256: String) throws(SidecarError) -> Replacement {
    switch try contents(of: name) {
    case .nothing: return .gone
    case .file(_, sha256): break
    case .file, .other: return .edited
    }
    // Set aside first and looked at there, so that an edit saved at the last moment can go back.
    let aside = TemporaryName.fresh(for: name, longest: longestName)
    guard renameat(descriptor, name.cString, descriptor, aside.cString) == 0 else {
      if errno == ENOENT { return .gone }
      throw error("remove", name)
    }
    var outcome = Replacement.replaced
    if case .file(_, sha256) = try contents(of: aside) {
      unlinkat(descriptor, aside.cString, 0)
    } else {
      outcome = .edited
      // Taken again already: saved once more, and that is what its author wants there.
      if try !rename(aside, toNew: name) { unlinkat(descriptor, aside.cString, 0) }
    }
    try sync()
    return outcome
  }
}

import Glibc

/// The names of the subfolders of a folder: no symbolic links, none that begin with a dot. Empty when the folder
/// cannot be read, or is gone again.
func subfolders(of folder: [UInt8]) -> [[UInt8]] {
  let terminated = folder.map(CChar.init(bitPattern:)) + [0]
  guard let listing = opendir(terminated) else { return [] }
  defer { closedir(listing) }
  var names: [[UInt8]] = []
  while let entry = readdir(listing) {
    let kind = Int(entry.pointee.d_type)
    guard kind == Int(DT_DIR) || kind == Int(DT_UNKNOWN) else { continue }
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
    if name.first == UInt8(ascii: ".") { continue }
    if kind == Int(DT_UNKNOWN) {
      var facts = stat()
      let found = fstatat(
        dirfd(listing),
        name.map(CChar.init(bitPattern:)) + [0],
        &facts,
        AT_SYMLINK_NOFOLLOW
      )
      guard found == 0, facts.st_mode & S_IFMT == S_IFDIR else { continue }
    }
    names.append(name)
  }
  return names
}

/// Paths as bytes.
extension [UInt8] {
  private static var slash: UInt8 { UInt8(ascii: "/") }

  /// The path of an entry of this folder.
  func entry(_ name: [UInt8]) -> [UInt8] {
    self + (last == Self.slash ? [] : [Self.slash]) + name
  }

  /// 0 for the folder itself, 1 for what lies in it, and so on; nil when this path is not below the folder.
  func depth(below folder: [UInt8]) -> Int? {
    guard starts(with: folder) else { return nil }
    let rest = dropFirst(folder.last == Self.slash ? folder.count - 1 : folder.count)
    guard let first = rest.first else { return 0 }
    if first != Self.slash { return nil }
    return rest.count { $0 == Self.slash }
  }
}

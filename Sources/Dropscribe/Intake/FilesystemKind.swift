import CLinux
import SystemPackage

/// Whether the kernel can report what happens in a folder.
enum FilesystemKind: Equatable, Sendable {
  /// inotify sees everything.
  case reporting
  /// inotify sees what comes through this mount, but not what is changed underneath it.
  case partlyReporting(String)
  /// Changes are made elsewhere, and inotify sees none of them.
  case silent(String)

  /// By the filesystem's magic number; see statfs(2).
  init(magic: Int) {
    switch magic & 0xFFFF_FFFF {
    case 0x6969: self = .silent("NFS")
    case 0xFE53_4D42: self = .silent("SMB2")
    case 0xFF53_4D42: self = .silent("CIFS")
    case 0x6573_5546: self = .silent("FUSE")
    case 0x0102_1997: self = .silent("9p")
    case 0x794C_7630: self = .partlyReporting("overlay")
    default: self = .reporting
    }
  }

  /// Of the filesystem that holds a folder; one that cannot be asked counts as reporting.
  init(of folder: FilePath) {
    self.init(magic: folder.withPlatformString { linux_filesystem_type($0) })
  }

  var name: String? {
    switch self {
    case .reporting: nil
    case .partlyReporting(let name), .silent(let name): name
    }
  }
}

public import SystemPackage

/// A configured folder that cannot be watched now: an error for `check`, a warning for `run`, which waits.
public struct MissingFolder: Equatable, Sendable, CustomStringConvertible {
  /// The folder's name in the configuration.
  public let name: String
  /// Where it should be.
  public let path: FilePath
  /// Why it cannot be watched and how to mend that.
  public let reason: String

  /// All of it in a sentence.
  public var description: String { "[folder.\(name)]: \(path) \(reason)" }
}

extension Configuration {
  /// The configured folders that are not there, or that this user may not list or write to, by name.
  public func missingFolders() -> [MissingFolder] {
    folders.values.sorted { $0.name < $1.name }.compactMap { folder in
      folder.obstacle.map { MissingFolder(name: folder.name, path: folder.path, reason: $0) }
    }
  }
}

extension FolderConfiguration {
  fileprivate var obstacle: String? {
    do {
      guard try path.stat().type == .directory else { return "is no folder" }
      // Opening is the question that counts: it asks access lists and mounts, too.
      try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec]).close()
      return nil
    } catch Errno.noSuchFileOrDirectory {
      return "does not exist; create it, or mend its path"
    } catch Errno.permissionDenied {
      return "may not be listed by this user; give it to a group that the user is in, or an access list entry"
    } catch {
      return "cannot be listed: \(error)"
    }
  }
}

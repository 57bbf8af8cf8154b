import Glibc
public import SystemPackage

/// The executables that were built together with the tests.
public enum BuiltProducts {
  /// The folder that holds them: the one of the test program itself.
  public static let folder: FilePath = {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let program = length > 0 ? FilePath(platformString: buffer) : FilePath(CommandLine.arguments[0])
    return program.removingLastComponent()
  }()

  /// One of them, such as `dropscribe-watch`.
  public static func executable(_ name: String) -> FilePath {
    folder.appending(name)
  }
}

import Glibc

/// How the program ends, in the terms of sysexits.h.
enum ExitCode {
  /// The daemon closed the pipe.
  static let done: Int32 = 0
  static let usage: Int32 = 64
  /// By hand only: none of the folders can be watched.
  static let noInput: Int32 = 66
  /// The kernel gave no inotify instance.
  static let system: Int32 = 71
  /// The library's state is in doubt: start the program again.
  static let startAnew: Int32 = 75
}

/// One line on standard error.
func complain(_ text: String) {
  var line = Array("dropscribe-watch: \(text)\n".utf8)
  line.withUnsafeMutableBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// What an error number means.
func reason(_ number: Int32) -> String {
  String(cString: strerror(number))
}

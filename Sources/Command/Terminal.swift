import Glibc

/// What depends on whether a person reads along.
enum Terminal {
  /// Columns of the terminal on standard output; nil where it is a file or a pipe.
  static var width: Int? {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
    else { return nil }
    return Int(size.ws_col)
  }

  /// `text` in lines as long as the terminal is wide, all but the first indented; as it is where there is none.
  static func wrapped(_ text: String) -> String { wrapped(text, width: width) }

  static func wrapped(_ text: String, width: Int?) -> String {
    guard let width, width > 20 else { return text }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = "  " + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return (lines + [line]).joined(separator: "\n")
  }
}

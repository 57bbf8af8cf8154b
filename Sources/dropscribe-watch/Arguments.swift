import Glibc

/// What the command line asks for. Folders stay bytes: they need not be UTF-8.
struct Arguments {
  /// A folder to watch.
  struct Folder: Equatable {
    var path: [UInt8]
    var isRecursive: Bool
  }

  enum Wish {
    case watch(Arguments)
    case help
    case version
    case wrong(String)
  }

  var folders: [Folder] = []
  /// Framed hints instead of lines, and the end when standard input closes.
  var isForDaemon = false

  static let help = """
    Usage: dropscribe-watch [--daemon] [--flat] DIR…

    Watches folders and says what may have changed in them: one line for each event, until Ctrl-C.
    Subfolders are watched too, 64 levels deep; those whose names begin with a dot are not, and symbolic
    links are not followed.

      closed    a file was closed after writing
      arrived   a file was moved in
      gone      a file or folder was moved away or deleted
      look      something below this folder may have been missed
      blind     this folder cannot be watched; standard error says why
      ready     every folder is watched; what follows is news

    Options:
      --flat DIR   watch DIR without its subfolders; may be given several times
      --daemon     what the daemon uses: hints framed by NUL bytes, exit 0 when standard input closes, and
                   exit 75 when something may have been missed and the program is to be started again
      --version    print the version
      --help       print this text
    """

  static func parse(_ arguments: [[UInt8]]) -> Wish {
    var wish = Arguments()
    var isFlat = false
    var takesOptions = true
    for argument in arguments {
      guard takesOptions, argument.starts(with: "-".utf8), argument.count > 1 else {
        if argument.isEmpty { return .wrong("an empty folder name") }
        wish.folders.append(Folder(path: trimmed(argument), isRecursive: !isFlat))
        isFlat = false
        continue
      }
      switch String(decoding: argument, as: UTF8.self) {
      case "--help", "-h": return .help
      case "--version": return .version
      case "--daemon": wish.isForDaemon = true
      case "--flat": isFlat = true
      case "--": takesOptions = false
      case let unknown: return .wrong("unknown option \(unknown)")
      }
    }
    if isFlat { return .wrong("--flat wants a folder after it") }
    if wish.folders.isEmpty { return .wrong("no folder to watch") }
    return .watch(wish)
  }

  /// Without the program's name.
  static func ofThisProcess() -> [[UInt8]] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { text in
        Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
      }
    }
  }

  /// Replaces this process by a new one with the same arguments; returns only when that fails.
  static func startThisProgramAnew() {
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    complain("cannot start anew: \(reason(errno))")
  }

  /// Without slashes at the end, so that `DIR/` and `DIR` give the same paths.
  private static func trimmed(_ path: [UInt8]) -> [UInt8] {
    var path = path
    while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
    return path
  }
}

import Glibc
import Messages

/// The one loop: wait for events, say what they hint at, watch what is new.
struct Watch: ~Copyable {
  /// Watches that ended stay in the library's memory; after so many a new process is cheaper.
  private static let mostEndedWatches = 10_000

  private let arguments: Arguments
  private let tools: InotifyTools
  private var output: HintOutput
  private var endedWatches = 0
  /// Reasons that standard error has already heard, by error number.
  private var complained: Set<Int32> = []

  /// Runs until the daemon is gone or the library's state is in doubt; returns the exit code.
  static func run(_ arguments: Arguments) -> Int32 {
    let tools: InotifyTools
    do throws(InotifyTools.Failure) {
      tools = try InotifyTools()
    } catch {
      complain(
        "the kernel gives no inotify instance: \(reason(error.number)); see fs.inotify.max_user_instances"
      )
      return ExitCode.system
    }
    var watch = Watch(arguments: arguments, tools: tools)
    return watch.run()
  }

  private init(arguments: Arguments, tools: consuming InotifyTools) {
    self.arguments = arguments
    self.tools = tools
    output = HintOutput(isForDaemon: arguments.isForDaemon)
  }

  private mutating func run() -> Int32 {
    var watched = 0
    for folder in arguments.folders where add(folder.path, in: folder) { watched += 1 }
    output.say(.ready)
    output.flush()
    if watched == 0, !arguments.isForDaemon { return ExitCode.noInput }

    while waitForEvents() {
      while let event = tools.next() {
        guard take(event) else {
          for folder in arguments.folders { output.say(.lookAgain(folder.path)) }
          output.flush()
          return ExitCode.startAnew
        }
      }
      output.flush()
    }
    return ExitCode.done
  }

  /// False when the daemon is gone.
  private func waitForEvents() -> Bool {
    var waits = [
      pollfd(fd: tools.descriptor, events: Int16(POLLIN), revents: 0),
      // Nothing is asked of standard output but whether its reader is still there.
      pollfd(fd: STDOUT_FILENO, events: 0, revents: 0),
    ]
    if arguments.isForDaemon { waits.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
    while poll(&waits, nfds_t(waits.count), -1) < 0 {
      guard errno == EINTR else { return false }
    }
    // Nothing is ever sent on standard input: whatever happens there is its end.
    return waits.dropFirst().allSatisfy { $0.revents == 0 }
  }

  /// False when the library's state is in doubt from here on.
  private mutating func take(_ event: InotifyTools.Event) -> Bool {
    if event.has(IN_Q_OVERFLOW) || event.has(IN_MOVE_SELF) || event.has(IN_UNMOUNT) { return false }
    if event.has(IN_IGNORED) {
      endedWatches += 1
      return endedWatches <= Self.mostEndedWatches
    }
    if event.has(IN_DELETE_SELF) {
      return !arguments.folders.contains { $0.path == event.folder }
    }
    guard !event.folder.isEmpty, !event.name.isEmpty else { return true }
    let path = event.folder.entry(event.name)
    return event.isFolder ? takeFolder(event, at: path) : takeFile(event, at: path)
  }

  private mutating func takeFile(_ event: InotifyTools.Event, at path: [UInt8]) -> Bool {
    if event.has(IN_CLOSE_WRITE) {
      output.say(.closed(path))
    } else if event.has(IN_MOVED_TO) {
      output.say(.arrived(path))
    } else if event.has(IN_MOVED_FROM) || event.has(IN_DELETE) {
      output.say(.gone(path))
    } else if event.has(IN_CREATE), isHardLink(path) {
      // A hard link is never closed after writing: this is all that is heard of it.
      output.say(.lookAgain(path))
    }
    return true
  }

  private mutating func takeFolder(_ event: InotifyTools.Event, at path: [UInt8]) -> Bool {
    guard event.name.first != UInt8(ascii: "."), let root = root(of: event.folder), root.isRecursive else {
      return true
    }
    if event.has(IN_CREATE) || event.has(IN_MOVED_TO) {
      add(path, in: root)
      output.say(.lookAgain(path))
    } else if event.has(IN_DELETE) {
      output.say(.gone(path))
    } else if event.has(IN_MOVED_FROM) {
      // The library would name the old path for good.
      output.say(.gone(path))
      return false
    }
    return true
  }

  /// Watches a folder and all below it, each first watched and then listed, so that nothing falls between.
  /// False when the folder itself cannot be watched.
  @discardableResult
  private mutating func add(_ folder: [UInt8], in root: Arguments.Folder) -> Bool {
    var isWatched = false
    var pending = [folder]
    while let next = pending.popLast() {
      let depth = next.depth(below: root.path) ?? 0
      guard depth <= FolderDepth.most else {
        complainOnce(ELOOP, "more than \(FolderDepth.most) folders deep, not watched: \(readable(next))")
        continue
      }
      do throws(InotifyTools.Failure) {
        try tools.watch(next, followingLink: depth == 0)
      } catch {
        // Below the root it may have gone again, or have become something else.
        if depth > 0, error.number == ENOENT || error.number == ENOTDIR { continue }
        output.say(.unwatched(next))
        let hint = error.number == ENOSPC ? " (the watch limit; raise fs.inotify.max_user_watches)" : ""
        complainOnce(error.number, "cannot watch \(readable(next)): \(reason(error.number))\(hint)")
        continue
      }
      if next == folder { isWatched = true }
      if root.isRecursive { pending += subfolders(of: next).map { next.entry($0) } }
    }
    return isWatched
  }

  /// The innermost of the named folders that holds this one.
  private func root(of folder: [UInt8]) -> Arguments.Folder? {
    arguments.folders.filter { folder.depth(below: $0.path) != nil }.max { $0.path.count < $1.path.count }
  }

  private func isHardLink(_ path: [UInt8]) -> Bool {
    var facts = stat()
    guard lstat(path.map(CChar.init(bitPattern:)) + [0], &facts) == 0 else { return false }
    return facts.st_mode & S_IFMT == S_IFREG && facts.st_nlink > 1
  }

  private mutating func complainOnce(_ number: Int32, _ text: String) {
    if complained.insert(number).inserted { complain(text) }
  }
}

/// What the signal that ended a child says about it.
public enum Death {
  /// Words that go on after the child's name, such as `crashed (SIGSEGV)`.
  ///
  /// - Parameter signal: By its number on Linux, which is the same on every machine that Swift runs on.
  public static func words(signal: Int32) -> String {
    switch signal {
    case 4: "crashed (SIGILL)"
    case 5: "crashed (SIGTRAP)"
    case 6: "gave up, as it does when memory runs out or is damaged (SIGABRT)"
    case 7: "crashed (SIGBUS)"
    case 8: "crashed (SIGFPE)"
    case 9: "was killed, as the system does when memory runs out (SIGKILL)"
    case 11: "crashed (SIGSEGV)"
    case 24: "used up the CPU time that it may take (SIGXCPU)"
    case 25: "tried to write more than it may (SIGXFSZ)"
    case 31: "was killed for a system call that is forbidden to it (SIGSYS)"
    default: "was ended by signal \(signal)"
    }
  }
}

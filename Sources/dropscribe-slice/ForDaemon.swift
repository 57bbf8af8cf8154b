import Glibc
import Messages

/// The way the daemon uses this program: frames on standard output.
enum ForDaemon {
  /// Slices the recording on standard input; returns the exit status.
  static func run(arguments: [String]) -> Int32 {
    let request: SliceRequest
    do { request = try SliceRequest(arguments: arguments) } catch {
      Output.complain("\(error.argument) is no argument of --frames, which is the daemon's own way in")
      return 64
    }
    do {
      let end = try Recording.slice(request, writing: .frames) { frame throws(Output.Closed) in
        try Output.write(frame.encoded, to: STDOUT_FILENO)
      }
      try Output.write(SliceFrame.end(end).encoded, to: STDOUT_FILENO)
    } catch {
      // A daemon that is gone, or wants no more, is nobody to tell anything.
      guard error.code != EPIPE else { return 0 }
      Output.complain("frames go to a pipe and cannot be written: \(error.reason)")
      return 74
    }
    return 0
  }
}

// dropscribe-slice makes clips of a recording: for the daemon as frames on a pipe, for a person as WAV files.
// Nothing of a recording is decoded before the box is shut: see Recording.swift.

import CBox
import Glibc
import Messages

// Neither the daemon's sockets nor its journal are any business of a process that reads hostile bytes.
_ = box_close_from(3)
// A reader that goes away shows as EPIPE on the next write, and is no failure.
signal(SIGPIPE, SIG_IGN)

let arguments = Argument.all

if let first = arguments.first?.text, first.hasPrefix("--decode=") {
  Decoder.become(arguments: arguments.map(\.text))
} else if arguments.first?.text == "--frames" {
  exit(ForDaemon.run(arguments: arguments.dropFirst().map(\.text)))
} else {
  exit(ByHand.run(arguments: arguments))
}

import Glibc
import Messages

// The daemon's eyes. Watches folders through libinotifytools and says on standard output what may have
// changed. It decides nothing, and when the library's state is in doubt it ends: a new process is the only
// clean state that this library has.

switch Arguments.parse(Arguments.ofThisProcess()) {
case .help:
  print(Arguments.help)
case .version:
  print("dropscribe-watch \(Version.current)")
case .wrong(let reason):
  complain("\(reason)\nTry: dropscribe-watch --help")
  exit(ExitCode.usage)
case .watch(let arguments):
  let ended = Watch.run(arguments)
  if ended == ExitCode.startAnew, !arguments.isForDaemon {
    sleep(1)
    Arguments.startThisProgramAnew()
  }
  exit(ended)
}

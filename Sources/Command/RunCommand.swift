import ArgumentParser
import Dropscribe

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Watch the folders and write text beside every recording.",
    discussion: """
      Runs until SIGTERM or Ctrl-C, then finishes what is in flight. SIGHUP reads the configuration again. \
      With --once it does what one scan finds and ends: 0 all done, 1 some failed or have gaps, 75 some still \
      wait.
      """
  )

  @OptionGroup var source: ConfigurationOption
  @OptionGroup var log: LogOption
  @Flag(help: "Do what one scan finds, then exit.") var once = false

  func run() async throws {
    let configuration = try source.read()
    let daemon = Daemon(configuration, environment: source.environment, log: log.logger()) {
      try source.reread()
    }
    try await withReasons {
      guard once else { return try await daemon.run() }
      switch try await daemon.once() {
      case .done: return
      case .failed(let lines):
        for line in lines { say(line) }
        throw Exit.trouble
      case .waiting(let lines):
        for line in lines { say(line) }
        throw Exit.waiting
      }
    }
  }
}

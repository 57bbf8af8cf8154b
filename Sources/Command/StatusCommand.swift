import ArgumentParser
import Dropscribe
import Foundation

struct StatusCommand: DaemonCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is queued, running, done and failed.",
    discussion: "--json prints one JSON object with a schema number, for scripts."
  )

  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "Also name the files that are no recordings.") var ignored = false
  @Option(
    help: ArgumentHelp("How many of those that are done are shown, the last ones.", valueName: "number")
  )
  var done = 10

  func validate() throws {
    if done < 0 { throw ValidationError("--done takes a number from 0.") }
  }

  func run() async throws {
    guard case .status(let status) = try await ask(.status(done: done)) else { return }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(status), as: UTF8.self))
    } else {
      print(StatusTable(status, ignored: ignored).text)
    }
  }
}

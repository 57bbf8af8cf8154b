import ArgumentParser
import Dropscribe

struct ReleaseCommand: DaemonCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Let the recordings go that were there before their folder was watched.",
    discussion: "They wait because they are more than the folder's `backlog`; `dropscribe status` shows them."
  )

  @OptionGroup var source: ConfigurationOption

  func run() async throws {
    guard case .released(let count) = try await ask(.release) else { return }
    switch count {
    case 0: print("Nothing was held back.")
    case 1: print("1 task was held back and is queued now.")
    default: print("\(count) tasks were held back and are queued now.")
    }
  }
}

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
    print(count == 0 ? "Nothing was held back." : "\(count) let go.")
  }
}

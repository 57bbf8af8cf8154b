import ArgumentParser
import Dropscribe
import Messages

@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dropscribe",
    abstract: "Turns recordings dropped into a folder into text beside them.",
    discussion: """
      Start with `dropscribe check`: it reads the configuration and says what is wrong with it, or what it \
      will do. `dropscribe run` then watches the folders; `dropscribe status` shows how things stand.

      Exit codes: 0 all is well; 1 some recordings failed or have gaps; 64 wrong usage; 65 bad input; 69 the \
      running daemon gave no answer; 75 some recordings still wait, or another dropscribe has the state; 78 the \
      configuration is wrong.
      """,
    version: Version.current,
    subcommands: [
      RunCommand.self, TranscribeCommand.self, CheckCommand.self, StatusCommand.self, RetryCommand.self,
      ReleaseCommand.self,
    ]
  )
}

import ArgumentParser
import Dropscribe

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what is wrong with the configuration, where, and how to mend it; or what it does.",
    discussion: """
      Nothing is sent unless --online is given: then every endpoint is asked about one second of built-in \
      speech, which costs what one second costs.
      """
  )

  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Ask every endpoint about one second of speech and show the reply.") var online = false

  func run() async throws {
    let configuration = try source.read()
    print(configuration.explanation())
    var isWrong = false
    for folder in configuration.missingFolders() {
      isWrong = true
      say("folder \(folder.name): \(folder.path) is not there; make it, or mend its path")
    }
    for problem in configuration.missingKeys(environment: source.environment) {
      isWrong = true
      say(problem)
    }
    if online {
      for finding in try await EndpointProbe.run(configuration, environment: source.environment) {
        if !finding.isGood { isWrong = true }
        print("endpoint \(finding.endpoint): \(finding.text)")
      }
    }
    if isWrong { throw Exit.configuration }
  }
}

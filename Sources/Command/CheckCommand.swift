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
    print("Configuration: \(try source.place())")
    for sentence in configuration.explanation().split(separator: "\n") {
      print(Terminal.wrapped(String(sentence)))
    }
    for warning in configuration.warnings { say("warning: \(warning)") }
    var isWrong = false
    if let missing = configuration.missingProgram(environment: source.environment) {
      if missing.isNeeded { isWrong = true }
      say("\(missing.isNeeded ? "error" : "warning"): \(missing)")
    }
    for folder in configuration.missingFolders() {
      isWrong = true
      say("error: \(folder)")
    }
    for (name, endpoint) in configuration.endpoints.sorted(by: { $0.key < $1.key }) {
      do {
        if let warning = try endpoint.key?.secret(environment: source.environment).warning {
          say("warning: [endpoint.\(name)]: \(warning)")
        }
      } catch {
        isWrong = true
        say("error: [endpoint.\(name)]: \(error)")
      }
    }
    if online {
      for finding in try await EndpointProbe.run(configuration, environment: source.environment) {
        if !finding.isGood { isWrong = true }
        print(Terminal.wrapped("Endpoint \"\(finding.endpoint)\" says: \(finding.text)"))
      }
    }
    if isWrong { throw Exit.configuration }
    print("All is well.")
  }
}

import ArgumentParser
import Dropscribe
import Foundation

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
    tell("Configuration: \(try source.place())")
    for sentence in configuration.explanation().split(separator: "\n") {
      tell(Terminal.wrapped(String(sentence)))
    }
    for warning in configuration.warnings { say("warning: \(warning)") }
    var isWrong = false
    if let missing = configuration.missingProgram(environment: source.environment) {
      if missing.isNeeded { isWrong = true }
      say("\(missing.isNeeded ? "error" : "warning"): \(missing)")
    }
    if let shortcoming = Protection.shortcoming { say("note: \(shortcoming)") }
    for folder in configuration.missingFolders() {
      isWrong = true
      say("error: \(folder)")
    }
    for (name, endpoint) in configuration.endpoints.sorted(by: { $0.key < $1.key }) {
      if !canRead(endpoint.key ?? endpoint.entra?.clientSecret, of: name) { isWrong = true }
    }
    if online {
      for finding in try await EndpointProbe.run(configuration, environment: source.environment) {
        if !finding.isGood { isWrong = true }
        tell(Terminal.wrapped("Endpoint \"\(finding.endpoint)\" says: \(finding.text)"))
      }
    }
    if isWrong { throw Exit.configuration }
    tell("All is well.")
  }

  /// Says what is wrong with an endpoint's key, and whether that is an error.
  private func canRead(_ key: KeySource?, of endpoint: String) -> Bool {
    if case .credential(let name) = key, source.environment["CREDENTIALS_DIRECTORY"] == nil, !online {
      say(
        "note: [endpoint.\(endpoint)]: the credential \"\(name)\" is for the service alone, and was not looked at"
      )
      return true
    }
    do {
      if let warning = try key?.secret(environment: source.environment).warning {
        say("warning: [endpoint.\(endpoint)]: \(warning)")
      }
      return true
    } catch {
      say("error: [endpoint.\(endpoint)]: \(error)")
      return false
    }
  }

  /// Writes a line to standard output, at once, so that it keeps its place among those on standard error.
  private func tell(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}

import ArgumentParser
import Dropscribe
import Foundation
import Logging
import SystemPackage

/// Where a command finds its configuration.
struct ConfigurationOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The configuration file.",
      discussion: """
        Without it, $XDG_CONFIG_HOME/dropscribe/dropscribe.toml (or ~/.config/…) is read when it is there, \
        else /etc/dropscribe/dropscribe.toml.
        """,
      valueName: "file"
    )
  )
  var config: String?

  /// The environment that the program was started in.
  var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// Reads the configuration, or ends the program with everything that is wrong with it.
  func read() throws -> Configuration {
    do {
      return try reread()
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      throw Exit.configuration
    }
  }

  /// Reads the configuration as it stands now.
  func reread() throws -> Configuration {
    try Configuration.read(path: try place(), environment: environment)
  }

  /// Where it stands.
  func place() throws -> FilePath {
    try Configuration.find(explicit: config.map { FilePath($0) }, environment: environment)
  }
}

/// How much a command says on standard error.
struct LogOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The least that is logged: debug, info (the default), notice, warning or error.",
      valueName: "level"
    ),
    transform: { text in
      guard let level = Logger.Level(rawValue: text) else {
        throw ValidationError("There is no level \(text); say debug, info, notice, warning or error.")
      }
      return level
    }
  )
  var logLevel = Logger.Level.info

  /// A logger for the whole program.
  func logger() -> Logger { Self.logger(logLevel) }

  /// A logger for commands whose output is their answer.
  static var quiet: Logger { logger(.warning) }

  private static func logger(_ level: Logger.Level) -> Logger {
    var logger = Logger(label: "dropscribe") { _ in StandardErrorLog() }
    logger.logLevel = level
    return logger
  }
}

/// The exit codes of sysexits.h that dropscribe uses.
enum Exit {
  /// Some recordings failed or have gaps.
  static let trouble = ExitCode(1)
  /// The command line makes no sense.
  static let usage = ExitCode(64)
  /// An input makes no sense.
  static let badInput = ExitCode(65)
  /// The daemon cannot be had.
  static let unavailable = ExitCode(69)
  /// Some recordings still wait.
  static let waiting = ExitCode(75)
  /// The configuration is wrong.
  static let configuration = ExitCode(78)
}

/// Runs what needs the state and the other programs, and ends this one with a sentence where they cannot be had.
func withReasons<Result>(_ body: () async throws -> Result) async throws -> Result {
  do {
    return try await body()
  } catch let problem as StateLock.Problem {
    say("dropscribe: \(problem)")
    if case .taken = problem { throw Exit.waiting }
    throw Exit.configuration
  } catch let problem as MissingProgram {
    say("dropscribe: \(problem)")
    throw Exit.configuration
  }
}

/// Writes a line for a person to standard error.
func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

public import SystemPackage

/// One thing that is wrong in a configuration file, or that its author should know.
public struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file that it stands in.
  public var file: FilePath
  /// Its line, from 1; nil when something is missing as a whole.
  public var line: Int?
  /// Its column in bytes, from 1, where the text is no TOML.
  public var column: Int?
  /// What is wrong and how to mend it; never a secret.
  public var message: String

  /// `FILE:LINE:COLUMN: MESSAGE`, as compilers write it, so that editors can jump there.
  public var description: String {
    var place = "\(file)"
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return "\(place): \(message)"
  }
}

/// Everything that is wrong in a configuration file, in the order of its lines.
public struct ConfigurationErrors: Error, Equatable, Sendable, CustomStringConvertible {
  /// At least one.
  public let problems: [ConfigurationProblem]

  init(_ problems: [ConfigurationProblem]) {
    self.problems = problems
  }

  init(file: FilePath, _ message: String) {
    problems = [ConfigurationProblem(file: file, message: message)]
  }

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// What was found so far while a file is read: reading goes on after a problem, so that all are reported at
/// once.
final class ConfigurationFindings {
  let file: FilePath
  private let document: TOMLDocument
  private(set) var problems: [ConfigurationProblem] = []
  private(set) var warnings: [ConfigurationProblem] = []

  init(file: FilePath, document: TOMLDocument) {
    self.file = file
    self.document = document
    for line in document.nulLines {
      problems.append(
        ConfigurationProblem(file: file, line: line, message: "a text cannot hold a NUL character")
      )
    }
  }

  /// Notes that the file cannot be used.
  func report(_ message: String, at path: TOMLNode.Path) {
    let problem = ConfigurationProblem(file: file, line: document.line(of: path), message: message)
    // What several settings rest on is found by each.
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Notes something that does no harm but is hardly meant.
  func warn(_ message: String, at path: TOMLNode.Path) {
    warnings.append(ConfigurationProblem(file: file, line: document.line(of: path), message: message))
  }

  /// What was found, by line; what has none comes last.
  static func sorted(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
    problems.sorted {
      ($0.line ?? .max, $0.column ?? 0, $0.message) < ($1.line ?? .max, $1.column ?? 0, $1.message)
    }
  }
}

import SystemPackage

@testable import Dropscribe

/// Reads configurations for tests, as if they stood in a user's file.
enum ConfigurationFixture {
  static let file: FilePath = "/home/ada/.config/dropscribe/dropscribe.toml"
  static let environment = ["HOME": "/home/ada"]

  static let endpoint = """
    [endpoint.local]
    preset = "local"

    """
  static let folder = """
    [folder.inbox]
    path = "/srv/recordings"

    """

  /// Reads `text`.
  static func read(
    _ text: String,
    file: FilePath = file,
    environment: [String: String] = environment
  ) throws(ConfigurationErrors) -> Configuration {
    try Configuration.read(text: text, path: file, environment: environment)
  }

  /// What is wrong with `text`, as `LINE: MESSAGE`.
  static func problems(_ text: String, environment: [String: String] = environment) -> [String] {
    do throws(ConfigurationErrors) {
      _ = try read(text, environment: environment)
      return []
    } catch {
      return error.problems.map { ($0.line.map { "\($0): " } ?? "") + $0.message }
    }
  }
}

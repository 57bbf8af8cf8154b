/// A TOML 1.0 document and on which line each of its values stands.
///
/// The reader is our own because a configuration is read by a daemon at work: TOMLKit 0.6, the package that
/// there is, aborts the whole process at slips such as `x = ,` or `[=`, and knows no lines.
struct TOMLDocument: Sendable {
  /// Where and why a text is no TOML.
  struct SyntaxError: Error, Equatable {
    /// From 1.
    var line: Int
    /// In bytes, from 1.
    var column: Int
    /// As the end of a sentence; never repeats more than a character or a key, for a value may be a secret.
    var message: String
  }

  private(set) var entries: [String: TOMLNode] = [:]
  /// From the way to a value to its line, from 1. Tables have the line of their header, or of the first key or
  /// header that implies them.
  private(set) var lines: [TOMLNode.Path: Int] = [:]
  /// Lines on which a text holds an escaped NUL: legal, and of no use in a configuration.
  private(set) var nulLines: [Int] = []

  /// Parses `text`.
  init(_ text: String) throws(SyntaxError) {
    var parser = TOMLParser(text)
    entries = try parser.document()
    lines = parser.lines
    nulLines = parser.scanner.nulLines
  }

  /// The line of the value at `path`, or of the nearest table around it that has one.
  func line(of path: TOMLNode.Path) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return nil
  }
}

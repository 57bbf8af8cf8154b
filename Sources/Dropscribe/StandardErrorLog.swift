import Foundation
import Glibc
public import Logging

/// Log lines on standard error: for the journal with its priority, for a terminal with the time. A value never
/// breaks its line, whatever a file is called.
public struct StandardErrorLog: LogHandler {
  /// What every line carries.
  public var metadata: Logger.Metadata = [:]
  /// The least that is written.
  public var logLevel: Logger.Level = .info
  private let isJournal: Bool

  /// A handler that looks at `JOURNAL_STREAM` to see who reads.
  public init() { isJournal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil }

  /// What every line carries, by key.
  public subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one line.
  public func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let facts = all.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
    let head: String
    if isJournal {
      head = "<\(Self.priority(event.level))>"
    } else {
      let time = Date.now.formatted(.iso8601)
      head = "\(time) \(event.level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)) "
    }
    Self.write(Array("\(head)\(event.message)\(facts)\n".utf8)[...])
  }

  /// Writes what can be written: a log that nobody reads any more, or whose disk is full, stops nothing.
  private static func write(_ line: ArraySlice<UInt8>) {
    var rest = line
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { return }
      rest = rest.dropFirst(max(0, count))
    }
  }

  /// The value as it is when it is one plain word, else in quotes with control characters escaped.
  static func quoted(_ value: String) -> String {
    let plain = value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" }
    if plain, !value.isEmpty { return value }
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "\n": text += "\\n"
      default:
        if Self.isInvisible(scalar) {
          text += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    return text + "\""
  }

  /// Whether a character would break its line, or show others in another order or not at all.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
    default: false
    }
  }

  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}

internal import Crypto
import FoundationEssentials

/// A sidecar in JSON. Its bytes follow from its content alone, so that one that nobody touched can be told from
/// one that was edited even when nothing else is known of it.
protocol SidecarDocument: Codable, Sendable {
  /// The same without the times that alone are no reason to write it anew.
  var withoutTimes: Self { get }
}

extension SidecarDocument {
  /// Indented, keys sorted and in snake case, times in RFC 3339 UTC, a newline at the end.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads what ``encoded()`` wrote; fields that are not known are passed over.
  init(encoded data: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .iso8601
    self = try decoder.decode(Self.self, from: data)
  }

  /// See ``WrittenSidecar/meaning``.
  func meaning() throws -> String { SHA256.hash(data: try withoutTimes.encoded()).hex }

  /// Reads `data` when it is, byte for byte, what ``encoded()`` gives for it: a document of ours that nobody
  /// edited.
  static func untouched(_ data: Data) -> Self? {
    guard let document = try? Self(encoded: data), (try? document.encoded()) == data else { return nil }
    return document
  }
}

/// The program that wrote a sidecar.
struct Program: Codable, Hashable, Sendable {
  var name = Self.dropscribe
  var version: String

  static let dropscribe = "dropscribe"
}

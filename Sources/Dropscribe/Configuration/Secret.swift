import SystemPackage

/// A key. It prints as `<secret>` wherever it turns up, and cannot be encoded.
public struct Secret: Hashable, Sendable {
  /// The key itself, for the header that carries it and nothing else.
  let revealed: String

  /// Takes a key that is known to be fit for a header.
  init(_ text: String) { revealed = text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// `<secret>`.
  public var description: String { "<secret>" }
  /// `<secret>`.
  public var debugDescription: String { "<secret>" }
  /// Empty, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why a key could not be had; says where it was looked for and never what was there.
public struct SecretProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong and how to mend it.
  public let description: String
}

extension KeySource {
  /// No key is longer: tokens of identity providers have a few KiB.
  static let longestKey = 65_536

  /// Reads the key.
  ///
  /// - Parameter environment: Of which `CREDENTIALS_DIRECTORY` and a configured variable are looked at.
  /// - Returns: The key without a newline at its end, and what its owner should know, if anything.
  public func secret(
    environment: [String: String]
  ) throws(SecretProblem) -> (secret: Secret, warning: String?) {
    switch self {
    case .environment(let name):
      guard let text = environment[name] else {
        throw SecretProblem(description: "\(place) is not set; set it for the process that runs dropscribe")
      }
      return (try checked(Array(text.utf8)), nil)
    case .credential(let name):
      guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
        throw SecretProblem(
          description:
            "\(place) cannot be read: $CREDENTIALS_DIRECTORY is not set. systemd sets it for a service "
            + "with LoadCredential=\(name):PATH; elsewhere use { env = … } or { file = … }"
        )
      }
      return (try read(FilePath(folder).appending(name)).secret, nil)
    case .file(let path):
      let (secret, stat) = try read(path)
      let isOpen = stat.permissions.contains(.otherRead)
      return (secret, isOpen ? "\(place) may be read by every user; chmod o= \(path)" : nil)
    }
  }

  /// For a person: where the key comes from.
  public var place: String {
    switch self {
    case .credential(let name): "the credential \(TOMLNode.quoted(name))"
    case .environment(let name): "the environment variable \(name)"
    case .file(let path): "the key file \(path)"
    }
  }

  private func read(_ path: FilePath) throws(SecretProblem) -> (secret: Secret, stat: Stat) {
    let file: (bytes: [UInt8], stat: Stat)
    do throws(SmallFile.Problem) {
      file = try SmallFile.read(path, limit: Self.longestKey)
    } catch {
      let name = if case .file = self { "" } else { " (\(path))" }
      throw SecretProblem(description: "\(place)\(name) \(error.message)")
    }
    return (try checked(file.bytes), file.stat)
  }

  private func checked(_ bytes: [UInt8]) throws(SecretProblem) -> Secret {
    var key = bytes[...]
    while let last = key.last, last == 0x0A || last == 0x0D { key.removeLast() }
    guard !key.isEmpty else { throw SecretProblem(description: "\(place) is empty") }
    guard key.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw SecretProblem(
        description:
          "\(place) holds a character that no key has (a space, a newline amid it, or one outside ASCII); "
          + "it must hold the key and nothing else"
      )
    }
    return Secret(String(decoding: key, as: UTF8.self))
  }
}

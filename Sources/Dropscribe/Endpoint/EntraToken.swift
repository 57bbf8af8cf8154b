internal import FoundationEssentials

/// A token of Entra ID, as it was just given.
struct EntraToken: Sendable {
  var secret: Secret
  /// From now.
  var lifetime: Duration

  /// What is taken where the reply does not say how long a token lives.
  private static let shortLife = Duration.seconds(300)
  /// More than any token lives: a figure beyond is a mistake.
  private static let longestLife = 7 * 86_400.0
}

extension EntraToken {
  /// Reads the reply of an authority, of a virtual machine's metadata service or of an App Service; nil where it
  /// holds no token that a header can carry. Lifetimes come as numbers and as texts, relative or since 1970.
  init?(_ reply: JSONValue, now: Date) {
    guard case .object(let fields) = reply, case .string(let text)? = fields["access_token"], !text.isEmpty,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    secret = Secret(text)
    let seconds =
      fields["expires_in"]?.seconds
      ?? fields["expires_on"]?.seconds.map { $0 - now.timeIntervalSince1970 }
    lifetime =
      seconds.map { .milliseconds(Int64(min(max($0, 0), Self.longestLife) * 1000)) } ?? Self.shortLife
  }
}

extension JSONValue {
  /// A number of seconds, written as such or as text.
  fileprivate var seconds: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    case .string(let text): Double(text.trimmed).flatMap { $0.isFinite ? $0 : nil }
    default: nil
    }
  }
}

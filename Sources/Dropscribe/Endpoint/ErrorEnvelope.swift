internal import FoundationEssentials

/// What an error body says, whichever of the many envelopes it came in: `{"error": {…}}`, the same without the
/// wrapper, a list around it, a validation report under `detail`, or a page of HTML.
struct ErrorEnvelope: Hashable, Sendable {
  /// Every code and type that stands there, outer ones first, as written.
  var codes: [String] = []
  /// The message in the server's words; empty where there is none.
  var message = ""
  /// What the server names as the culprit: `param`, and the paths of a validation report, joined by dots.
  var places: [String] = []
  /// What a validation report says, one entry an item.
  var details: [String] = []
  /// A status that stands in the body: a proxy's success status may hide it.
  var status: Int?
  /// Whether a moderation report stands there.
  var isFlagged = false

  /// A validation report may list every field; a few tell enough.
  private static let mostDetails = 4
  /// An echoed input longer than this says nothing about the field's name.
  private static let longestEcho = 64
  /// Deeper than any server nests its errors.
  private static let deepest = 8

  init(body: [UInt8]) {
    if JSONBounds.hold(body), let document = try? JSONDecoder().decode(JSONValue.self, from: Data(body)) {
      self.init(document)
    } else {
      self.init(.string(Self.plainText(body)))
    }
  }

  init(_ document: JSONValue) {
    read(document, depth: 0)
    codes = codes.unique
    places = places.unique
    details = details.unique
  }

  /// One message of code, words and places.
  var summary: String {
    var parts: [String] = []
    if let code = codes.first, !message.contains(code) { parts.append(code) }
    if !message.isEmpty { parts.append(message) }
    let told = details.prefix(Self.mostDetails).filter { !message.contains($0) }
    if !told.isEmpty { parts.append(told.joined(separator: "; ")) }
    let unnamed = places.prefix(Self.mostDetails).filter { place in !parts.contains { $0.contains(place) } }
    if !unnamed.isEmpty { parts.append("(" + unnamed.joined(separator: ", ") + ")") }
    return parts.joined(separator: ": ")
  }

  /// Everything that may name the part or the reason, in lower case.
  var words: String {
    (codes + [message] + details + places).joined(separator: "\n").lowercased()
  }

  private mutating func read(_ value: JSONValue, depth: Int) {
    guard depth < Self.deepest else { return }
    switch value {
    case .array(let items):
      if let first = items.first { read(first, depth: depth + 1) }
    case .string(let text):
      say(text)
    case .object(let fields):
      read(fields, depth: depth)
    default:
      break
    }
  }

  private mutating func read(_ fields: [String: JSONValue], depth: Int) {
    for key in ["code", "type", "status"] {
      switch fields[key] {
      case .string(let text)? where !text.isEmpty:
        codes.append(text)
      case .integer(let number)?:
        if (400...599).contains(number) { status = status ?? number }
      default:
        break
      }
    }
    if case .string(let place)? = fields["param"], !place.isEmpty { places.append(place) }
    if let inner = fields["error"] { read(inner, depth: depth + 1) }
    switch fields["message"] {
    case .string(let text)?: say(text)
    case let report?: readReport(report, depth: depth + 1)
    case nil: break
    }
    for key in ["innererror", "inner_error"] {
      if case .object(let inner)? = fields[key] { read(inner, depth: depth + 1) }
    }
    for key in ["detail", "details", "errors"] {
      if let report = fields[key] { readReport(report, depth: depth + 1) }
    }
    if case .object(let metadata)? = fields["metadata"] {
      if metadata["flagged_input"] != nil || metadata["reasons"] != nil { isFlagged = true }
      // A router puts the real server's words here.
      if case .string(let raw)? = metadata["raw"] { details.append(raw) }
    }
  }

  /// A validation report: items of place and words. The echoed `input` is left out unless it is short enough to
  /// be a name, since it may be the whole audio.
  private mutating func readReport(_ report: JSONValue, depth: Int) {
    guard depth < Self.deepest else { return }
    switch report {
    case .string(let text):
      if message.isEmpty { say(text) } else { details.append(text) }
    case .array(let items):
      for item in items.prefix(32) { readReport(item, depth: depth + 1) }
    case .object(let fields):
      var words: [String] = []
      if case .array(let path)? = fields["loc"] {
        let place = path.compactMap(\.step).joined(separator: ".")
        if !place.isEmpty {
          places.append(place)
          words.append(place)
        }
      }
      for key in ["msg", "message"] {
        if case .string(let text)? = fields[key] { words.append(text) }
      }
      // Google's reasons, such as API_KEY_INVALID.
      if case .string(let reason)? = fields["reason"] { codes.append(reason) }
      if case .string(let echo)? = fields["input"], echo.utf8.count <= Self.longestEcho {
        words.append("got \(echo)")
      }
      if !words.isEmpty { details.append(words.joined(separator: ": ")) }
      for key in ["detail", "details", "errors"] {
        if let inner = fields[key] { readReport(inner, depth: depth + 1) }
      }
    default:
      break
    }
  }

  private mutating func say(_ text: String) {
    if message.isEmpty { message = text } else if text != message { details.append(text) }
  }

  /// What a body that is no JSON says: a page's title, else its text without tags.
  private static func plainText(_ body: [UInt8]) -> String {
    let lower = body.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
    if let start = lower.firstRange(of: "<title>".utf8), let end = lower.firstRange(of: "</title>".utf8),
      start.upperBound <= end.lowerBound
    {
      return String(decoding: body[start.upperBound..<end.lowerBound], as: UTF8.self)
    }
    guard lower.firstRange(of: "<html".utf8) != nil else { return String(decoding: body, as: UTF8.self) }
    var text: [UInt8] = []
    var isTag = false
    for byte in body {
      switch byte {
      case UInt8(ascii: "<"): isTag = true
      case UInt8(ascii: ">") where isTag:
        isTag = false
        text.append(UInt8(ascii: " "))
      default: if !isTag { text.append(byte) }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension JSONValue {
  /// As one step of a path in a document.
  fileprivate var step: String? {
    switch self {
    case .string(let text): text
    case .integer(let number): String(number)
    default: nil
    }
  }
}

extension [String] {
  /// Each once, in order.
  fileprivate var unique: [String] {
    var seen = Set<String>()
    return filter { seen.insert($0).inserted }
  }
}

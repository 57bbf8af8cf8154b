internal import FoundationEssentials

/// Reads the body that came under a success status. Servers differ in nearly every optional field, and a reply
/// was paid for, so whatever can be understood is.
enum ChatReply {
  /// What a body under a success status turned out to be.
  enum Reading {
    case reply(Reply)
    /// An error under a success status; holds the document that an ``ErrorEnvelope`` is read from.
    case error(JSONValue)
    /// Sound JSON that answers something else than a chat completion.
    case foreign
    /// No JSON, or one so deep or crowded that it is not read; says which.
    case malformed(String)
  }

  static func read(_ body: [UInt8]) -> Reading {
    guard JSONBounds.hold(body) else {
      return .malformed("the reply nests too deep or holds too many values")
    }
    // A stray byte that is not UTF-8 should not lose a reply that was paid for: it becomes U+FFFD.
    let text =
      if String(validating: body, as: UTF8.self) != nil {
        Data(body)
      } else {
        Data(String(decoding: body, as: UTF8.self).utf8)
      }
    guard let completion = try? JSONDecoder().decode(Completion.self, from: text) else {
      return .malformed("the reply is not sound JSON")
    }
    if let error = completion.error { return .error(error) }
    guard completion.hasChoices else { return .foreign }
    return .reply(completion.reply)
  }
}

/// The parts of a chat completion that matter; each may be missing or of another type than documented.
private struct Completion: Decodable {
  private enum Key: String, CodingKey {
    case error, choices, model, usage, message, content, refusal
    case finishReason = "finish_reason"
  }

  var error: JSONValue?
  var hasChoices = false
  var reply = Reply(text: "")

  init(from decoder: any Decoder) throws {
    guard let top = try? decoder.container(keyedBy: Key.self) else {
      // Gemini wraps errors in a list.
      if case .array(let items)? = try? JSONValue(from: decoder), case .object(let first)? = items.first,
        first["error"] != nil
      {
        error = .array(items)
      }
      return
    }
    if let wrapped = try? top.decode(JSONValue.self, forKey: .error), wrapped.isTelling {
      error = .object(["error": wrapped])
      return
    }
    reply.model = try? top.decode(String.self, forKey: .model)
    if case .object(let usage)? = try? top.decode(JSONValue.self, forKey: .usage) {
      reply.usage = Usage(usage)
    }
    guard var choices = try? top.nestedUnkeyedContainer(forKey: .choices) else { return }
    hasChoices = true
    guard let choice = try? choices.nestedContainer(keyedBy: Key.self) else { return }
    reply.finishReason = try? choice.decode(String.self, forKey: .finishReason)
    if let message = try? choice.nestedContainer(keyedBy: Key.self, forKey: .message) {
      let content = try? message.decode(JSONValue.self, forKey: .content)
      let (text, refusal) = Self.texts(in: content ?? .null)
      reply.text = text.trimmed
      let said = (try? message.decode(String.self, forKey: .refusal)) ?? refusal
      reply.refusal = said.trimmed.isEmpty ? nil : said.trimmed
    }
    if reply.text.isEmpty, let failure = try? choice.decode(JSONValue.self, forKey: .error), failure.isTelling
    {
      error = .object(["error": failure])
    }
  }

  /// The text and the refusal in a message's content: a string, nothing, or a list of parts. Parts of other
  /// kinds, such as the model's reasoning, are no transcript.
  private static func texts(in content: JSONValue) -> (text: String, refusal: String) {
    switch content {
    case .string(let text):
      return (text, "")
    case .array(let parts):
      var text = ""
      var refusal = ""
      for part in parts {
        switch part {
        case .string(let piece):
          text += piece
        case .object(let fields):
          if case .string(let kind)? = fields["type"], kind != "text", kind != "output_text" {
            if kind == "refusal", case .string(let piece)? = fields["refusal"] { refusal += piece }
          } else if case .string(let piece)? = fields["text"] {
            text += piece
          }
        default:
          break
        }
      }
      return (text, refusal)
    default:
      return ("", "")
    }
  }
}

extension Usage {
  /// From the reply's `usage` table; what is missing counts as none.
  fileprivate init(_ fields: [String: JSONValue]) {
    var rest = fields
    let prompt = rest.removeValue(forKey: "prompt_tokens")?.count
    let completion = rest.removeValue(forKey: "completion_tokens")?.count
    let total = rest.removeValue(forKey: "total_tokens")?.count
    promptTokens = prompt ?? 0
    completionTokens = completion ?? 0
    totalTokens = total ?? (promptTokens &+ completionTokens)
    if case .object(let details)? = fields["prompt_tokens_details"] {
      audioTokens = details["audio_tokens"]?.count
    }
    self.details = rest.filter { $0.value != .null }
  }
}

extension JSONValue {
  /// A number of things; nil for what cannot be one. Bounded, so that sums of many stay in range.
  fileprivate var count: Int? {
    switch self {
    case .integer(let value) where (0...1 << 40).contains(value): value
    case .number(let value) where value >= 0 && value <= 0x1p40: Int(value)
    case .string(let value): Int(value).flatMap { JSONValue.integer($0).count }
    default: nil
    }
  }

  /// Whether an `error` field says that there was one.
  fileprivate var isTelling: Bool {
    switch self {
    case .null, .bool(false): false
    case .string(let text): !text.isEmpty
    case .object(let fields): !fields.isEmpty
    case .array(let items): !items.isEmpty
    default: true
    }
  }
}

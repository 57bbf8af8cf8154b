internal import FoundationEssentials
internal import Messages

/// The body of one chat-completions request. Only what was configured is in it: several servers refuse fields
/// that they do not know.
struct ChatRequest: Sendable {
  /// How the clip stands in the request.
  enum AudioShape: Hashable, Sendable {
    /// `{"type": "input_audio", "input_audio": {"data": …, "format": …}}`.
    case inputAudio
    /// `{"type": "audio_url", "audio_url": {"url": "data:audio/…;base64,…"}}`.
    case audioURL
    /// `{"type": "input_audio", "input_audio": "BASE64"}`.
    case inputAudioString
  }

  var question: Question
  /// The body's field for the limit of completion tokens.
  var maxTokensField: EndpointConfiguration.MaxTokensField
  var shape: AudioShape

  /// The body for one clip, encoded as the question says. The envelope is encoded with a mark in the audio's place, and the audio's base64 goes
  /// between its halves: a JSON encoder would take ten times as long over a megabyte of it.
  ///
  /// Throws only where a number in `extra` is not finite, which JSON cannot say.
  func body(audio: [UInt8]) throws -> RequestBody {
    let (head, tail) = try envelope()
    return RequestBody(head: head, audio: audio, tail: tail)
  }

  /// What stands before and after the base64.
  private func envelope() throws -> (head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var attempt = 0
    while true {
      // The mark must not also stand in someone's instruction; then the next number is tried.
      let mark = "@audio-\(attempt)@"
      let bytes = [UInt8](try encoder.encode(fields(audio: mark)))
      let places = bytes.places(of: Array(mark.utf8))
      if places.count == 1, let place = places.first {
        return (bytes[..<place.lowerBound], bytes[place.upperBound...])
      }
      attempt += 1
    }
  }

  private func fields(audio: String) -> JSONValue {
    var fields: [String: JSONValue] = [:]
    if let model = question.model { fields["model"] = .string(model) }
    if let temperature = question.temperature { fields["temperature"] = .number(temperature) }
    if let maxTokens = question.maxTokens { fields[maxTokensField.rawValue] = .integer(maxTokens) }
    // What the administrator adds by hand wins over what was set by name.
    fields.merge(question.extra) { _, extra in extra }
    fields["messages"] = .array(messages(audio: audio))
    return .object(fields)
  }

  private func messages(audio: String) -> [JSONValue] {
    var messages: [JSONValue] = []
    var instruction = question.instruction
    if let system = question.system {
      if question.foldSystem {
        instruction = system + "\n\n" + instruction
      } else {
        messages.append(.object(["role": .string("system"), "content": .string(system)]))
      }
    }
    let text = JSONValue.object(["type": .string("text"), "text": .string(instruction)])
    let clip = audioPart(audio)
    let parts = question.audioFirst ? [clip, text] : [text, clip]
    messages.append(.object(["role": .string("user"), "content": .array(parts)]))
    return messages
  }

  private func audioPart(_ audio: String) -> JSONValue {
    let encoding = question.clip.encoding
    return switch shape {
    case .inputAudio:
      .object([
        "type": .string("input_audio"),
        "input_audio": .object(["data": .string(audio), "format": .string(encoding.rawValue)]),
      ])
    case .audioURL:
      .object([
        "type": .string("audio_url"),
        "audio_url": .object(["url": .string("data:\(encoding.mediaType);base64," + audio)]),
      ])
    case .inputAudioString:
      .object(["type": .string("input_audio"), "input_audio": .string(audio)])
    }
  }
}

extension ClipEncoding {
  /// As a data URL names it: `audio/mpeg` is MP3's, by RFC 3003.
  fileprivate var mediaType: String {
    switch self {
    case .wav: "audio/wav"
    case .mp3: "audio/mpeg"
    }
  }
}

extension [UInt8] {
  /// Where `needle` stands; places do not overlap.
  fileprivate func places(of needle: [UInt8]) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var start = 0
    while start + needle.count <= count {
      if self[start] == needle[0], self[start..<start + needle.count].elementsEqual(needle) {
        places.append(start..<start + needle.count)
        start += needle.count
      } else {
        start += 1
      }
    }
    return places
  }
}

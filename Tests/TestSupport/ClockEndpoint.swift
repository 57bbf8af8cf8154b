import FoundationEssentials
import NIOHTTP1
import Synchronization

/// A chat-completions endpoint that hears ``SpeechClock`` recordings: it answers with the numbers of the seconds in
/// the clip, and remembers what it was asked.
public final class ClockEndpoint: Sendable {
  /// One request.
  public struct Clip: Sendable {
    /// From 0, in the order of arrival.
    public var index: Int
    /// What sounds in it.
    public var seconds: [SpeechClock.Second]
    /// The user's text.
    public var instruction: String
    /// The header of that name, as sent.
    public var authorization: String?

    /// The transcript.
    public var words: String { seconds.map(\.word).joined(separator: " ") }
  }

  /// Called for each request, concurrently; nil means the transcript.
  public typealias Answer = @Sendable (Clip) async throws -> StubServer.Response?

  /// What an answer's usage says, beside one completion token a second.
  public static let promptTokens = 100

  private struct Heard {
    var clips: [Clip] = []
    var answered: [Clip] = []
  }

  private let heard = Mutex(Heard())
  private let port = Mutex(0)

  private init() {}

  /// Base address, to which `/chat/completions` is added.
  public var url: String { "http://127.0.0.1:\(port.withLock { $0 })/v1" }
  /// Every request so far, in order of arrival.
  public var clips: [Clip] { heard.withLock { $0.clips } }
  /// Those that were answered with their transcript.
  public var answered: [Clip] { heard.withLock { $0.answered } }
  /// How often each second was sent.
  public var sendings: [Int: Int] {
    clips.flatMap(\.seconds).reduce(into: [:]) { $0[$1.number, default: 0] += 1 }
  }

  /// Runs an endpoint for as long as `body` takes.
  ///
  /// - Parameter port: 0 for any.
  @discardableResult
  public static func with<Result: Sendable>(
    port: Int = 0,
    answer: @escaping Answer = { _ in nil },
    body: (ClockEndpoint) async throws -> Result
  ) async throws -> Result {
    let endpoint = ClockEndpoint()
    return try await StubServer.with(port: port) { request in
      let clip = try endpoint.note(request)
      if let response = try await answer(clip) { return response }
      endpoint.heard.withLock { $0.answered.append(clip) }
      return .completion(
        clip.words,
        promptTokens: promptTokens,
        completionTokens: clip.seconds.count
      )
    } body: { server in
      endpoint.port.withLock { $0 = server.port }
      return try await body(endpoint)
    }
  }

  /// A refusal with OpenAI's error shape around `error`, a JSON object.
  public static func refusal(_ status: Int, _ error: String, retryAfter: Int? = nil) -> StubServer.Response {
    var headers = HTTPHeaders()
    if let retryAfter { headers.add(name: "retry-after", value: "\(retryAfter)") }
    return .json(#"{"error":\#(error)}"#, status: HTTPResponseStatus(statusCode: status), headers: headers)
  }

  private func note(_ request: StubServer.Request) throws -> Clip {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let body = try decoder.decode(Body.self, from: Data(request.body))
    let parts = body.messages.last?.content.parts ?? []
    let wav = parts.compactMap(\.inputAudio).first.flatMap { Data(base64Encoded: $0.data) } ?? Data()
    let seconds = try SpeechClock.read([UInt8](wav))
    return heard.withLock { heard in
      let clip = Clip(
        index: heard.clips.count,
        seconds: seconds,
        instruction: parts.compactMap(\.text).joined(),
        authorization: request.headers.first(name: "authorization")
      )
      heard.clips.append(clip)
      return clip
    }
  }
}

/// The parts of a request that matter here.
private struct Body: Decodable {
  struct Message: Decodable {
    var content: Content
  }

  struct Content: Decodable {
    var parts: [Part]

    /// A system message is plain text, which no part of a question.
    init(from decoder: any Decoder) throws { parts = (try? [Part](from: decoder)) ?? [] }
  }

  struct Part: Decodable {
    var text: String?
    var inputAudio: Audio?
  }

  struct Audio: Decodable {
    var data: String
  }

  var messages: [Message]
}

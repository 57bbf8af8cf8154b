internal import FoundationEssentials
internal import Logging
internal import NIOHTTP1

/// Asks one endpoint about one clip at a time for each caller. It knows the wire and nothing else: how often to
/// try, in what order and for how much money is decided elsewhere, so that every request is one call of ``ask``.
final class EndpointClient: Sendable {
  /// One request and what came of it.
  struct Exchange: Sendable {
    var answer: Answer
    /// HTTP status, where one arrived.
    var status: Int?
    /// From the moment before the send to the end.
    var milliseconds: Int
    /// The endpoint's own number for the request, for its support.
    var requestID: String?
  }

  let configuration: EndpointConfiguration
  private let admission: Admission
  private let transport: Transport
  private let shapes: AudioShapes
  private let logger: Logger

  /// - Parameter admission: What lets requests in; asked before each.
  init(configuration: EndpointConfiguration, admission: Admission, connections: Connections, logger: Logger) {
    self.configuration = configuration
    self.admission = admission
    self.logger = logger
    transport = Transport(
      client: connections.client(for: configuration.connection),
      timeout: .seconds(configuration.timeoutSeconds)
    )
    shapes = AudioShapes(configuration.audioPart)
  }

  /// Sends one clip, encoded as the question says, and tells how it ended. Exactly one request is made, or none where
  /// the answer is `.unsent`. Cancelling the task ends it early.
  ///
  /// A refusal of kind `.audioPart` means that the client has changed how it will send the next clip, one of kind
  /// `.staleToken` that it will show another token, and both that the same clip is worth sending again.
  @concurrent
  func ask(_ question: Question, audio: [UInt8]) async -> Exchange {
    let pass: Admission.Pass?
    do {
      pass = try await admission.pass()
    } catch let problem as EntraAuthority.Problem {
      return Exchange(answer: .unsent(problem.description), status: nil, milliseconds: 0, requestID: nil)
    } catch {
      return unsent("the key cannot be read: \(error)")
    }
    let key = pass?.secret.revealed
    guard isFitForHeader(key) else {
      return unsent(
        "the key holds a character that no header can carry: is there a line end or a quote in it?"
      )
    }
    let shape = shapes.shape(model: question.model)
    let request = ChatRequest(
      question: question,
      maxTokensField: configuration.maxTokensField,
      shape: shape
    )
    guard let body = try? request.body(audio: audio) else {
      return unsent("extra holds a number that JSON cannot say")
    }
    let clock = ContinuousClock()
    let start = clock.now
    let delivery = await transport.post(configuration.url, headers: headers(key: key), body: body)
    let spent = (clock.now - start).components
    let redaction = Redaction(secrets: secrets(key: key))
    var exchange = exchange(delivery, redaction: redaction)
    exchange.milliseconds = Int(spent.seconds * 1000 + spent.attoseconds / 1_000_000_000_000_000)
    exchange.answer = settled(exchange.answer, shape: shape, model: question.model)
    exchange.answer = await admitted(exchange.answer, pass)
    log(exchange)
    return exchange
  }

  /// Sends a second of speech, in order to see whether the endpoint works; once more where ``ask`` says that this
  /// is worth it.
  @concurrent
  func probe() async -> Exchange {
    let question = ProbeSpeech.question(for: configuration)
    let exchange = await ask(question, audio: ProbeSpeech.wav)
    guard case .refused(let refusal) = exchange.answer, [.audioPart, .staleToken].contains(refusal.kind)
    else { return exchange }
    return await ask(question, audio: ProbeSpeech.wav)
  }

  private func unsent(_ reason: String) -> Exchange {
    Exchange(answer: .unsent(Redaction().clean(reason)), status: nil, milliseconds: 0, requestID: nil)
  }

  // MARK: The request

  private func headers(key: String?) -> HTTPHeaders {
    var headers: HTTPHeaders = [
      "content-type": "application/json",
      "accept": "application/json",
      "user-agent": "dropscribe",
    ]
    if let key {
      let authentication = configuration.authentication
      if authentication == .apiKey || authentication == .both { headers.add(name: "api-key", value: key) }
      if authentication == .bearer || authentication == .both {
        headers.add(name: "authorization", value: "Bearer \(key)")
      }
    }
    for (name, value) in configuration.headers.sorted(by: { $0.key < $1.key }) {
      headers.replaceOrAdd(name: name, value: value)
    }
    return headers
  }

  private func isFitForHeader(_ key: String?) -> Bool {
    key?.utf8.allSatisfy { (0x21...0x7E).contains($0) } ?? true
  }

  /// The key, and the values of headers that an administrator may have put another key into.
  private func secrets(key: String?) -> [String] {
    let names: Set<String> = ["authorization", "api-key", "x-api-key", "ocp-apim-subscription-key", "cookie"]
    let values = configuration.headers.filter { names.contains($0.key.lowercased()) }.map(\.value)
    let passwords = [key, configuration.connection.proxy?.password?.revealed]
    return (passwords.compactMap(\.self) + values).flatMap { $0.split(separator: " ").map(String.init) }
      .filter { $0.lowercased() != "bearer" }
  }

  // MARK: The answer

  private func exchange(_ delivery: Transport.Delivery, redaction: Redaction) -> Exchange {
    switch delivery {
    case .failed(let reason, let mayHaveArrived):
      return Exchange(
        answer: mayHaveArrived
          ? .unknown(redaction.clean(reason))
          : .unsent(redaction.clean("cannot reach \(authority)\(detour): \(reason)")),
        status: nil,
        milliseconds: 0,
        requestID: nil
      )
    case .answered(let head, let body, let isWhole, let reason):
      let answer =
        if (200..<300).contains(head.status) {
          isWhole ? success(head, body: body, redaction: redaction) : .unknown(redaction.clean(reason))
        } else {
          Answer.refused(
            RefusalReader(redaction: redaction)
              .read(status: head.status, headers: head.headers, body: body, now: Date())
          )
        }
      return Exchange(
        answer: answer,
        status: head.status,
        milliseconds: 0,
        requestID: requestID(head.headers)
      )
    }
  }

  /// Host and port in the address, for messages: no user, path or query.
  private var authority: String {
    let url = configuration.url
    let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
    let authority = url[start...].prefix { !"/?#".contains($0) }
    return authority.split(separator: "@", omittingEmptySubsequences: false).last.map(String.init) ?? ""
  }

  /// The proxy, for messages: its fault looks like the endpoint's.
  private var detour: String {
    configuration.connection.proxy.map { " through the proxy \($0.address)" } ?? ""
  }

  private func success(_ head: Transport.Head, body: [UInt8], redaction: Redaction) -> Answer {
    func foreign(_ message: String) -> Answer {
      .refused(Refusal(kind: .permanent, status: head.status, message: message, retryAfter: nil))
    }
    if head.headers.first(name: "content-type")?.lowercased().hasPrefix("text/event-stream") == true {
      return foreign("the reply is a stream of events: take `stream` out of extra")
    }
    switch ChatReply.read(body) {
    case .reply(let reply):
      return .reply(reply)
    case .error(let document):
      return .refused(
        RefusalReader(redaction: redaction)
          .read(document, status: head.status, headers: head.headers, now: Date())
      )
    case .foreign:
      return foreign("what answers there is no chat-completions route: check url")
    case .malformed(let reason):
      return .unknown(reason)
    }
  }

  /// The answer after what it says about the audio part's shape was learnt.
  private func settled(_ answer: Answer, shape: ChatRequest.AudioShape, model: String?) -> Answer {
    switch answer {
    case .reply:
      shapes.worked(shape, model: model)
      return answer
    case .refused(var refusal) where refusal.kind == .audioPart:
      if shapes.failed(shape, model: model) { return answer }
      refusal.kind = .permanent
      return .refused(refusal)
    case .refused(let refusal) where refusal.kind == .permanent && shape == .audioURL:
      _ = shapes.failed(shape, model: model)
      return answer
    default:
      return answer
    }
  }

  /// The answer after what it says about the token was learnt.
  private func admitted(_ answer: Answer, _ pass: Admission.Pass?) async -> Answer {
    switch answer {
    case .refused(var refusal) where refusal.status == 401 && refusal.kind == .unauthorised:
      if await admission.wasRefused(pass) { refusal.kind = .staleToken }
      return .refused(refusal)
    case .reply, .refused:
      await admission.wasAccepted(pass)
      return answer
    case .unsent, .unknown:
      return answer
    }
  }

  private func requestID(_ headers: HTTPHeaders) -> String? {
    let names = ["apim-request-id", "x-request-id", "x-ms-request-id", "request-id"]
    guard let text = names.lazy.compactMap({ headers.first(name: $0) }).first else { return nil }
    let printable = text.utf8.prefix(128).filter { (0x21...0x7E).contains($0) }
    return printable.isEmpty ? nil : String(decoding: printable, as: UTF8.self)
  }

  private func log(_ exchange: Exchange) {
    logger.debug(
      "endpoint answered",
      metadata: [
        "endpoint.name": "\(configuration.name)",
        "endpoint.answer": "\(exchange.answer.kind)",
        "http.status": "\(exchange.status.map(String.init) ?? "none")",
        "http.milliseconds": "\(exchange.milliseconds)",
        "http.request_id": "\(exchange.requestID ?? "none")",
      ]
    )
  }
}

extension Answer {
  /// One word for a log.
  fileprivate var kind: String {
    switch self {
    case .reply: "reply"
    case .refused(let refusal): refusal.kind.rawValue
    case .unsent: "unsent"
    case .unknown: "unknown"
    }
  }
}

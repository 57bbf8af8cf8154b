import Glibc
import NIOCore
public import NIOHTTP1
import NIOPosix
public import NIOSSL
import Synchronization

/// A real HTTP/1.1 server on loopback that answers as a test says and remembers what it was asked. Its handler is
/// async: a test can hold a reply back for as long as it likes.
public final class StubServer: Sendable {
  /// One request as it arrived.
  public struct Request: Sendable {
    /// Such as `POST`.
    public var method: HTTPMethod
    /// Path and query, as sent.
    public var uri: String
    /// As sent.
    public var headers: HTTPHeaders
    /// All of it.
    public var body: [UInt8]
    /// Which connection it came by; equal for requests that shared one.
    public var connection: ObjectIdentifier
  }

  /// What the server does about a request.
  public struct Response: Sendable {
    /// How the body goes out.
    public enum Body: Sendable {
      /// Whole, with its length.
      case whole([UInt8])
      /// In chunks of one byte, one every so often.
      case drip([UInt8], every: Duration)
      /// This piece again and again, until the client goes away or so many bytes were sent.
      case flood([UInt8], bytes: Int)
      /// So much of a longer body, then the connection is reset.
      case cut([UInt8])
      /// No answer at all: the connection is closed; with `reset`, rudely.
      case none(reset: Bool)
      /// No answer at all, and the connection stays open.
      case silence
    }

    /// Status line.
    public var status: HTTPResponseStatus
    /// Beside content-length or transfer-encoding, which are added.
    public var headers: HTTPHeaders
    /// How the body goes out.
    public var body: Body

    /// A response of any shape.
    public init(_ status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:], body: Body) {
      self.status = status
      self.headers = headers
      self.body = body
    }

    /// A JSON document.
    public static func json(
      _ text: String,
      status: HTTPResponseStatus = .ok,
      headers: HTTPHeaders = [:]
    ) -> Response {
      var headers = headers
      headers.replaceOrAdd(name: "content-type", value: "application/json")
      return Response(status, headers: headers, body: .whole(Array(text.utf8)))
    }

    /// A chat completion that ended with `stop`; `text` must need no escaping in JSON.
    public static func completion(_ text: String, promptTokens: Int = 77, completionTokens: Int = 7)
      -> Response
    {
      .json(
        """
        {"id":"1","object":"chat.completion","created":1,"model":"stub","choices":[{"index":0,
        "finish_reason":"stop","message":{"role":"assistant","content":"\(text)"}}],
        "usage":{"prompt_tokens":\(promptTokens),"completion_tokens":\(completionTokens),
        "total_tokens":\(promptTokens + completionTokens)}}
        """
      )
    }
  }

  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
  /// Called for each request, concurrently.
  public typealias Handler = @Sendable (Request) async throws -> Response

  /// Apart from the threads of the clients under test, so that a busy server does not slow them down. It lives as
  /// long as the process.
  private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)

  /// Where it listens.
  public let port: Int
  private let scheme: String
  private let handler: Handler
  private let arrived = Mutex<[Request]>([])

  /// `http://127.0.0.1:PORT`, or `https://…` with TLS.
  public var url: String { "\(scheme)://127.0.0.1:\(port)" }
  /// Every request so far whose body arrived whole, in order of arrival.
  public var requests: [Request] { arrived.withLock { $0 } }

  private init(port: Int, scheme: String, handler: @escaping Handler) {
    self.port = port
    self.scheme = scheme
    self.handler = handler
  }

  /// Runs a server for as long as `body` takes, on any free port where none is given; with `tls` it speaks nothing
  /// else.
  public static func with<Result: Sendable>(
    port: Int = 0,
    tls: NIOSSLContext? = nil,
    _ handler: @escaping Handler,
    body: (StubServer) async throws -> Result
  ) async throws -> Result {
    let listener = try await ServerBootstrap(group: threads)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 1024)
      .bind(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    let server = StubServer(
      port: listener.channel.localAddress?.port ?? 0,
      scheme: tls == nil ? "http" : "https",
      handler: handler
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await withThrowingDiscardingTaskGroup { connections in
          try await listener.executeThenClose { clients in
            for try await client in clients {
              connections.addTask {
                // A client that goes away is no fault of the server.
                try? await server.serve(client)
              }
            }
          }
        }
      }
      let result = try await body(server)
      group.cancelAll()
      // Ended by cancellation, which it may report.
      while (try? await group.next()) != nil {}
      return result
    }
  }

  /// Waits until so many requests have arrived; gives up after a generous while, so that a test's own
  /// expectation fails and not its patience.
  public func waitForRequests(_ count: Int) async throws {
    for _ in 0..<6000 where requests.count < count { try await Task.sleep(for: .milliseconds(10)) }
  }

  private func serve(_ connection: Connection) async throws {
    try await connection.executeThenClose { parts, out in
      var head: HTTPRequestHead?
      var body: [UInt8] = []
      for try await part in parts {
        switch part {
        case .head(let start):
          head = start
          body = []
        case .body(let piece):
          body += piece.readableBytesView
        case .end:
          guard let start = head else { continue }
          let request = Request(
            method: start.method,
            uri: start.uri,
            headers: start.headers,
            body: body,
            connection: ObjectIdentifier(connection.channel)
          )
          arrived.withLock { $0.append(request) }
          let response = try await handler(request)
          guard try await send(response, on: connection.channel, out) else { return }
        }
      }
    }
  }

  /// False when the connection is to be closed.
  private func send(
    _ response: Response,
    on channel: any Channel,
    _ out: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws -> Bool {
    var head = HTTPResponseHead(version: .http1_1, status: response.status, headers: response.headers)
    func write(_ bytes: [UInt8]) async throws {
      try await out.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
    }
    switch response.body {
    case .whole(let bytes):
      head.headers.replaceOrAdd(name: "content-length", value: "\(bytes.count)")
      try await out.write(.head(head))
      if !bytes.isEmpty { try await write(bytes) }
    case .drip(let bytes, let pause):
      head.headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
      try await out.write(.head(head))
      for byte in bytes {
        try await write([byte])
        try await Task.sleep(for: pause)
      }
    case .flood(let piece, let count):
      head.headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
      try await out.write(.head(head))
      let chunk = Array(repeatElement(piece, count: max(1, (1 << 16) / piece.count)).joined())
      var sent = 0
      while sent < count {
        try await write(chunk)
        sent += chunk.count
      }
    case .cut(let bytes):
      head.headers.replaceOrAdd(name: "content-length", value: "\(bytes.count + 1000)")
      try await out.write(.head(head))
      try await write(bytes)
      try await reset(channel)
      return false
    case .none(let isReset):
      if isReset { try await reset(channel) }
      return false
    case .silence:
      // Until the test ends.
      try await Task.sleep(for: .seconds(86_400))
      return false
    }
    try await out.write(.end(nil))
    return true
  }

  /// The next close sends RST.
  private func reset(_ channel: any Channel) async throws {
    guard let options = channel as? any SocketOptionProvider else { return }
    try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    try await channel.close()
  }
}

import NIOCore
import NIOPosix
import Synchronization

/// A real proxy on loopback that knows CONNECT alone. Whatever name it is asked for, it leads to one port of this
/// machine, so that tests can use names that no other machine has.
public final class StubProxy: Sendable {
  /// One request for a tunnel.
  public struct Tunnel: Sendable, Equatable {
    /// Name and port that were asked for.
    public var target: String
    /// The header `Proxy-Authorization`, as sent.
    public var authorization: String?
  }

  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  /// Where it listens, on 127.0.0.1.
  public let port: Int
  private let target: Int
  private let status: String
  private let asked = Mutex<[Tunnel]>([])

  /// Every tunnel that was asked for, in order.
  public var tunnels: [Tunnel] { asked.withLock { $0 } }

  private init(port: Int, target: Int, status: String) {
    self.port = port
    self.target = target
    self.status = status
  }

  /// Runs a proxy for as long as `body` takes.
  ///
  /// - Parameters:
  ///   - target: The port of this machine that every tunnel leads to.
  ///   - status: What it answers; a tunnel follows only "200".
  public static func with<Result: Sendable>(
    to target: Int,
    status: String = "200",
    body: (StubProxy) async throws -> Result
  ) async throws -> Result {
    let listener = try await ServerBootstrap(group: threads)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
      }
    let proxy = StubProxy(port: listener.channel.localAddress?.port ?? 0, target: target, status: status)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await withThrowingDiscardingTaskGroup { connections in
          try await listener.executeThenClose { clients in
            for try await client in clients {
              // Either end may go away at any time.
              connections.addTask { try? await proxy.serve(client) }
            }
          }
        }
      }
      let result = try await body(proxy)
      group.cancelAll()
      while (try? await group.next()) != nil {}
      return result
    }
  }

  private func serve(_ client: Connection) async throws {
    try await client.executeThenClose { fromClient, toClient in
      var parts = fromClient.makeAsyncIterator()
      var head = ""
      // The client waits for the answer before it sends anything else.
      while !head.hasSuffix("\r\n\r\n") {
        guard let part = try await parts.next() else { return }
        head += String(buffer: part)
      }
      let lines = head.split(separator: "\r\n")
      let authorization = lines.first { $0.lowercased().hasPrefix("proxy-authorization:") }
      asked.withLock { asked in
        asked.append(
          Tunnel(
            target: lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? "",
            authorization: authorization.map { String($0.drop { $0 != " " }.dropFirst()) }
          )
        )
      }
      try await toClient.write(ByteBuffer(string: "HTTP/1.1 \(status) X\r\n\r\n"))
      guard status == "200" else { return }
      let server = try await ClientBootstrap(group: Self.threads).connect(host: "127.0.0.1", port: target) {
        channel in
        channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
      }
      try await server.executeThenClose { fromServer, toServer in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            for try await part in fromServer { try await toClient.write(part) }
          }
          while let part = try await parts.next() { try await toServer.write(part) }
          group.cancelAll()
        }
      }
    }
  }
}

import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOPosix
public import SystemPackage

/// The Unix socket over which commands talk to a running daemon: one request, one reply, both JSON on a line.
public enum ControlSocket {
  /// The longest request or reply, in bytes.
  static let longest = 64 << 20

  /// Asks the daemon that listens at `path`.
  ///
  /// - Returns: nil when none listens there.
  public static func ask(_ request: ControlRequest, at path: FilePath) async throws -> ControlReply? {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    do {
      channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(unixDomainSocketPath: path.string) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel(wrappingChannelSynchronously: channel)
          }
        }
    } catch let error as IOError where [ENOENT, ECONNREFUSED, ENOTDIR].contains(error.errnoCode) {
      return nil
    } catch let error as IOError where [EACCES, EPERM].contains(error.errnoCode) {
      throw ControlProblem.notAllowed(path)
    }
    let line = try JSONEncoder().encode(request) + [UInt8(ascii: "\n")]
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: line))
      guard let answer = try await readLine(inbound) else { throw ControlProblem.noAnswer }
      return try JSONDecoder().decode(ControlReply.self, from: answer)
    }
  }

  /// Listens at `path` until cancelled; whoever calls this holds the state's lock, so that a socket that is there
  /// already is a dead one. Its folder is made, for this user alone, where there is none. Whoever may enter that
  /// folder and is in the daemon's group may ask: under the system unit, those who drop recordings in.
  static func serve(
    at path: FilePath,
    log: Logger,
    ready: @Sendable () -> Void = {},
    answer: @escaping @Sendable (ControlRequest) async -> ControlReply
  ) async throws {
    mkdir(path.removingLastComponent().string, 0o700)
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .bind(unixDomainSocketPath: path.string, cleanupExistingSocketFile: true) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    chmod(path.string, 0o660)
    defer { unlink(path.string) }
    ready()
    try await withThrowingDiscardingTaskGroup { group in
      try await server.executeThenClose { clients in
        for try await client in clients {
          group.addTask {
            do {
              try await client.executeThenClose { inbound, _ in
                guard let line = try await readLine(inbound) else { return }
                let reply: ControlReply
                do {
                  reply = await answer(try JSONDecoder().decode(ControlRequest.self, from: line))
                } catch {
                  reply = .failed("the daemon does not know this request; is it of another version?")
                }
                let bytes = try JSONEncoder().encode(reply) + [UInt8(ascii: "\n")]
                // Not the writer's own write: that ends before the bytes are out, and the close drops the rest.
                try await client.channel.writeAndFlush(ByteBuffer(bytes: bytes))
              }
            } catch {
              log.debug("a control connection broke", metadata: ["reason": "\(error)"])
            }
          }
        }
      }
    }
  }

  private static func readLine(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> Data? {
    var line = Data()
    for try await buffer in inbound {
      let piece = buffer.readableBytesView
      // Only the new piece is searched: a status of many recordings comes in very many.
      if let end = piece.firstIndex(of: UInt8(ascii: "\n")) { return line + piece[..<end] }
      line.append(contentsOf: piece)
      guard line.count <= longest else { throw ControlProblem.tooLong }
    }
    return nil
  }
}

/// Talking to the daemon failed.
enum ControlProblem: Error, CustomStringConvertible {
  case noAnswer
  case tooLong
  case notAllowed(FilePath)

  var description: String {
    switch self {
    case .noAnswer: "the daemon closed the connection without an answer; its log says why"
    case .tooLong: "the message is longer than \(ControlSocket.longest >> 20) MiB"
    case .notAllowed(let path):
      "this user may not ask the daemon at \(path); join its group, then log in anew"
    }
  }
}

import FoundationEssentials
import Glibc
import Messages
import SystemPackage
import Testing

@testable import Dropscribe

@Suite(.timeLimit(.minutes(2))) struct ControlSocketTests {
  /// Serves at a path of its own for as long as `body` takes.
  private func serving(
    before: (FilePath) throws -> Void = { _ in },
    _ answer: @escaping @Sendable (ControlRequest) async -> ControlReply,
    body: (FilePath) async throws -> Void
  ) async throws {
    let folder = FilePath("/tmp/dropscribe-control-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      atPath: folder.string,
      withIntermediateDirectories: true
    )
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    let path = folder.appending("socket")
    try before(path)
    let ready = Doorbell()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await ControlSocket.serve(
          at: path,
          log: JournalFixture.silent,
          ready: { ready.ring() },
          answer: answer
        )
      }
      await ready.wait(after: 0)
      try await body(path)
      group.cancelAll()
      while (try? await group.next()) != nil {}
    }
    #expect(!FileManager.default.fileExists(atPath: path.string))
  }

  private static let released: @Sendable (ControlRequest) async -> ControlReply = { request in
    if case .release = request { .released(7) } else { .failed("not that") }
  }

  /// What comes back for bytes that no `ask` would send.
  private func raw(_ bytes: [UInt8], at path: FilePath) async throws -> String {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8) }
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(connected == 0)
    #expect(send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    if bytes.last != UInt8(ascii: "\n") { _ = shutdown(socket, Int32(SHUT_WR)) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count == 0 { return String(decoding: answer, as: UTF8.self) }
      if count > 0 {
        answer += buffer[..<count]
      } else {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  @Test func aRequestGetsItsReply() async throws {
    try await serving(Self.released) { path in
      guard case .released(7) = try await ControlSocket.ask(.release, at: path) else {
        Issue.record("it was released")
        return
      }
      let reply = try await ControlSocket.ask(
        .retry(paths: [Data([0xFF, 0x0A])], task: "x", again: true),
        at: path
      )
      guard case .failed("not that") = reply else {
        Issue.record("it was refused")
        return
      }
    }
  }

  @Test func onlyItsOwnerAndItsGroupMayUseIt() async throws {
    try await serving(Self.released) { path in
      var facts = stat()
      #expect(stat(path.string, &facts) == 0)
      #expect(facts.st_mode & 0o777 == 0o660)
    }
  }

  @Test func whereNobodyListensThereIsNoReply() async throws {
    #expect(try await ControlSocket.ask(.release, at: "/nowhere/socket") == nil)
  }

  @Test func aSocketThatAKilledDaemonLeftIsNoDaemonAndInNobodysWay() async throws {
    let leave = { (path: FilePath) in
      let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8) }
      let bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(bound == 0)
      close(socket)
      #expect(FileManager.default.fileExists(atPath: path.string))
    }
    try await serving(before: leave, Self.released) { path in
      let reply = try await ControlSocket.ask(.release, at: path)
      #expect(reply != nil)
    }
  }

  @Test(arguments: ["no JSON at all\n", "{}\n", "{\"release\":{}}", "\n", ""])
  func whatIsNoRequestIsAnsweredOrHungUpOnAndHarmsNobody(_ line: String) async throws {
    try await serving(Self.released) { path in
      let answer = try await raw(Array(line.utf8), at: path)
      #expect(line.hasSuffix("\n") ? answer.contains("does not know this request") : answer.isEmpty)
      let reply = try await ControlSocket.ask(.release, at: path)
      #expect(reply != nil)
    }
  }

  @Test func oneThatSaysNothingKeepsNobodyWaiting() async throws {
    try await serving(Self.released) { path in
      let mute = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(mute) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8) }
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          #expect(connect(mute, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0)
        }
      }
      let reply = try await ControlSocket.ask(.release, at: path)
      #expect(reply != nil)
    }
  }

  @Test func aReplyOfManyMegabytesArrivesWhole() async throws {
    let long = String(repeating: "a recording, ", count: 1_000_000)
    let answer: @Sendable (ControlRequest) async -> ControlReply = { _ in .failed(long) }
    try await serving(answer) { path in
      guard case .failed(let text)? = try await ControlSocket.ask(.release, at: path) else {
        Issue.record("there was no reply")
        return
      }
      #expect(text == long)
    }
  }
}

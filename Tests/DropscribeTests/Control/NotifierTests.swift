import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

/// What systemd hears, on a socket as it opens one.
@Suite(.timeLimit(.minutes(1))) struct NotifierTests {
  /// A datagram socket bound to `name`, and what `body` makes it hear.
  private func heard(_ name: String, _ body: (String) -> Void) throws -> [String] {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 } else { unlink(name) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sa_family_t>.size + bytes.count))
      }
    }
    try #require(bound == 0)
    defer { if !name.hasPrefix("@") { unlink(name) } }
    body(name)
    var messages: [String] = []
    var buffer = [UInt8](repeating: 0, count: 1_024)
    while case let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT)),
      count >= 0
    {
      messages.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
    return messages
  }

  @Test(arguments: [
    "/tmp/dropscribe-notify-\(UUID().uuidString)", "@dropscribe-notify-\(UUID().uuidString)",
  ])
  func everyStateIsTold(_ name: String) throws {
    let messages = try heard(name) { name in
      let notifier = Notifier(environment: ["NOTIFY_SOCKET": name])
      notifier.ready()
      notifier.alive()
      notifier.reloading()
      notifier.stopping()
    }
    #expect(messages.count == 4)
    #expect(messages.prefix(2) == ["READY=1", "WATCHDOG=1"])
    #expect(messages.last == "STOPPING=1")
    let reload = try #require(messages.first { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
    #expect(Int(reload.split(separator: "=").last ?? "") ?? 0 > 0)
  }

  @Test(arguments: ["", "/nowhere/notify", "@nobody", String(repeating: "x", count: 200)])
  func withoutAListenerNothingHappens(_ name: String) {
    let notifier = Notifier(environment: ["NOTIFY_SOCKET": name])
    notifier.ready()
    notifier.alive()
    Notifier(environment: [:]).ready()
  }

  @Test func theWatchdogIsThisProcesssOwn() {
    let mine = "\(getpid())"
    #expect(Notifier(environment: ["WATCHDOG_USEC": "30000000"]).watchdog == .seconds(30))
    #expect(
      Notifier(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": mine]).watchdog
        == .seconds(30)
    )
    #expect(
      Notifier(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]).watchdog == nil
    )
    for nonsense in ["", "soon", "0", "-5"] {
      #expect(Notifier(environment: ["WATCHDOG_USEC": nonsense]).watchdog == nil)
    }
    #expect(Notifier(environment: [:]).watchdog == nil)
  }
}

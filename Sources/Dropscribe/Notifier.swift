import Glibc

/// Talks to systemd over the socket that it names in `NOTIFY_SOCKET`; without one, every call does nothing.
struct Notifier: Sendable {
  private let socket: String?
  /// How often systemd wants to hear that all is well; nil when it does not.
  let watchdog: Duration?

  init(environment: [String: String]) {
    socket = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    let mine = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
    let interval = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
    watchdog = mine && interval > 0 ? .microseconds(interval) : nil
  }

  /// Start-up is over.
  func ready() { send("READY=1") }

  /// A reload begins; ``ready()`` ends it.
  func reloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1_000)")
  }

  /// A stop begins.
  func stopping() { send("STOPPING=1") }

  /// All is well.
  func alive() { send("WATCHDOG=1") }

  private func send(_ message: String) {
    guard let socket else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(socket.utf8)
    // A leading @ stands for the NUL of the abstract namespace.
    if name.first == UInt8(ascii: "@") { name[0] = 0 }
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}

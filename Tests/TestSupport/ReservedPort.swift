import Glibc
import Synchronization

/// A TCP port of loopback at which nobody listens, and which nobody else gets until it is let go.
public final class ReservedPort: Sendable {
  /// There is none, or no socket for it.
  public struct NoneFree: Error {}

  /// Its number.
  public let number: Int
  private let descriptor: Mutex<Int32?>

  /// Takes any free one.
  public init() throws {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    number = Int(UInt16(bigEndian: address.sin_port))
    descriptor = Mutex(socket)
    guard isBound else { throw NoneFree() }
  }

  /// Lets it go, so that a server can have it.
  public func release() {
    descriptor.withLock { descriptor in
      if let descriptor { close(descriptor) }
      descriptor = nil
    }
  }

  deinit { release() }
}

/// What the watching child tells the daemon: something may have changed. A hint is never a fact; a scan is.
///
/// On the wire a hint is one kind byte, the path's bytes, and a NUL. Paths are bytes, not text: Linux file
/// names need not be UTF-8.
public enum Hint: Equatable, Sendable {
  /// A file was closed after writing.
  case closed([UInt8])
  /// A file or folder was moved in: whole, since a rename is atomic.
  case arrived([UInt8])
  /// A file or folder was moved away or deleted.
  case gone([UInt8])
  /// Something below this folder may have been missed: scan it.
  case lookAgain([UInt8])
  /// This folder cannot be watched (the watch limit, no permission, no such folder): poll it.
  case unwatched([UInt8])
  /// Every folder that was named is watched and listed; what comes from here on is news.
  case ready

  private enum Kind {
    static let closed = UInt8(ascii: "c")
    static let arrived = UInt8(ascii: "a")
    static let gone = UInt8(ascii: "g")
    static let lookAgain = UInt8(ascii: "l")
    static let unwatched = UInt8(ascii: "u")
    static let ready = UInt8(ascii: "r")
  }

  /// The hint's bytes as they go over the pipe, the final NUL included.
  public var encoded: [UInt8] {
    let (kind, path): (UInt8, [UInt8]) =
      switch self {
      case .closed(let path): (Kind.closed, path)
      case .arrived(let path): (Kind.arrived, path)
      case .gone(let path): (Kind.gone, path)
      case .lookAgain(let path): (Kind.lookAgain, path)
      case .unwatched(let path): (Kind.unwatched, path)
      case .ready: (Kind.ready, [])
      }
    return [kind] + path + [0]
  }

  /// Reads one hint from its bytes without the final NUL; nil when they are no hint.
  public init?(encoded bytes: some Collection<UInt8>) {
    guard let kind = bytes.first else { return nil }
    let path = Array(bytes.dropFirst())
    switch kind {
    case Kind.closed: self = .closed(path)
    case Kind.arrived: self = .arrived(path)
    case Kind.gone: self = .gone(path)
    case Kind.lookAgain: self = .lookAgain(path)
    case Kind.unwatched: self = .unwatched(path)
    case Kind.ready where path.isEmpty: self = .ready
    default: return nil
    }
  }
}

/// Puts hints together from a stream of bytes that may be cut anywhere.
public struct HintReader: Sendable {
  /// The longest hint that is waited for, in bytes; PATH_MAX is 4,096.
  public static let longest = 16_384

  private var pending: [UInt8] = []

  /// A reader at the start of a stream.
  public init() {}

  /// Takes the next bytes of the stream and returns the hints that they complete.
  ///
  /// - Throws: ``HintGarbage`` when the bytes cannot be hints; the stream is then of no further use.
  public mutating func read(_ bytes: some Sequence<UInt8>) throws(HintGarbage) -> [Hint] {
    var hints: [Hint] = []
    for byte in bytes {
      guard byte == 0 else {
        pending.append(byte)
        if pending.count > Self.longest { throw HintGarbage() }
        continue
      }
      guard let hint = Hint(encoded: pending) else { throw HintGarbage() }
      hints.append(hint)
      pending.removeAll(keepingCapacity: true)
    }
    return hints
  }
}

/// The watching child wrote something that is no hint.
public struct HintGarbage: Error, Equatable {}

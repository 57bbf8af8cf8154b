internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// One request within one deadline, with every way it can end told apart by what it may have cost.
struct Transport: Sendable {
  /// How a request ended.
  enum Delivery: Sendable {
    /// A status arrived. `isWhole` is false where the body was cut, ran into the deadline or is too long; what
    /// came of it is there.
    case answered(Head, body: [UInt8], isWhole: Bool, reason: String)
    /// No status arrived. `mayHaveArrived` is false only where no byte of the request's body was handed to a
    /// connection: the server cannot have worked on it.
    case failed(reason: String, mayHaveArrived: Bool)
  }

  /// The start of a reply.
  struct Head: Sendable {
    var status: Int
    var headers: HTTPHeaders
  }

  var client: HTTPClient
  /// From the start to the reply's last byte.
  var timeout: Duration
  /// A transcript is kilobytes; this bounds what a reply may take of the daemon's memory.
  var replyLimit = 8 << 20
  /// Of an error page, more than enough to find its message.
  var errorLimit = 64 << 10

  private enum Event: Sendable {
    case ended(Delivery)
    case deadline
    case cancelled
  }

  func post(_ url: String, headers: HTTPHeaders, body: RequestBody) async -> Delivery {
    await deliver { await exchange(.POST, url, headers: headers, body: body) }
  }

  func get(_ url: String, headers: HTTPHeaders) async -> Delivery {
    await deliver { await exchange(.GET, url, headers: headers, body: nil) }
  }

  /// Runs an exchange within the deadline.
  private func deliver(_ exchange: @escaping @Sendable () async -> Delivery) async -> Delivery {
    await withTaskGroup(of: Event.self) { group in
      group.addTask { .ended(await exchange()) }
      group.addTask {
        do {
          try await Task.sleep(for: timeout)
          return .deadline
        } catch {
          return .cancelled
        }
      }
      var isLate = false
      for await event in group {
        switch event {
        case .ended(let delivery):
          group.cancelAll()
          return isLate ? late(delivery) : delivery
        case .deadline:
          // AsyncHTTPClient's own deadline ends at the reply's head; this one ends the body, too.
          isLate = true
          group.cancelAll()
        case .cancelled:
          break
        }
      }
      // Not reached: the exchange always ends, and its end returns.
      return .failed(reason: "cancelled", mayHaveArrived: true)
    }
  }

  /// The same end, with the deadline as its reason.
  private func late(_ delivery: Delivery) -> Delivery {
    let words = "nothing more within \(timeout.formatted)"
    switch delivery {
    case .answered(let head, let body, false, _):
      return .answered(head, body: body, isWhole: false, reason: words)
    case .failed(_, let mayHaveArrived):
      return .failed(reason: words, mayHaveArrived: mayHaveArrived)
    case .answered:
      return delivery
    }
  }

  private func exchange(
    _ method: HTTPMethod,
    _ url: String,
    headers: HTTPHeaders,
    body: RequestBody?
  ) async -> Delivery {
    var request = HTTPClientRequest(url: url)
    request.method = method
    request.headers = headers
    let sending = body.map(Sending.init)
    if let sending { request.body = .stream(sending, length: .known(Int64(sending.body.length))) }
    let response: HTTPClientResponse
    do {
      // The deadline is ours; this one only has to be later.
      response = try await client.execute(request, timeout: .hours(24))
    } catch {
      return .failed(reason: ConnectionFailure.words(for: error), mayHaveArrived: sending?.hasBegun ?? true)
    }
    let head = Head(status: Int(response.status.code), headers: response.headers)
    let limit = (200..<300).contains(head.status) ? replyLimit : errorLimit
    var bytes: [UInt8] = []
    do {
      for try await part in response.body {
        bytes.append(contentsOf: part.readableBytesView.prefix(limit - bytes.count))
        if bytes.count == limit {
          return .answered(
            head,
            body: bytes,
            isWhole: false,
            reason: "the reply is longer than \(limit) bytes"
          )
        }
      }
    } catch {
      let reason = "the reply broke off after \(bytes.count) bytes: " + ConnectionFailure.words(for: error)
      return .answered(head, body: bytes, isWhole: false, reason: reason)
    }
    return .answered(head, body: bytes, isWhole: true, reason: "")
  }
}

/// A request's body that remembers whether anybody asked for it. AsyncHTTPClient asks once a connection is there
/// and the head was written; before that, nothing can have been bought.
private final class Sending: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  struct Iterator: AsyncIteratorProtocol {
    let sending: Sending
    var pieces: RequestBody.Iterator

    mutating func next() async -> ByteBuffer? {
      sending.begun.store(true, ordering: .releasing)
      return pieces.next()
    }
  }

  let body: RequestBody
  private let begun = Atomic(false)

  init(body: RequestBody) {
    self.body = body
  }

  var hasBegun: Bool { begun.load(ordering: .acquiring) }

  func makeAsyncIterator() -> Iterator { Iterator(sending: self, pieces: body.makeIterator()) }
}

extension Duration {
  /// In seconds, for a person.
  fileprivate var formatted: String {
    let seconds = Double(components.seconds) + Double(components.attoseconds) * 1e-18
    return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\((seconds * 1000).rounded() / 1000) s"
  }
}

import FoundationEssentials
import GRDB
import Messages
import SystemPackage
import TestSupport
import Testing

@testable import Dropscribe

/// A journal, a lane and a client of a real server, and recordings that fake slicers cut.
struct DispatchFixture {
  let journal: JournalFixture
  let slicer: FakeSlicer
  let lane: Lane
  let client: EndpointClient
  let server: StubServer

  /// Waits for nothing that a test would have to wait for.
  static let quick: RetryPolicy = {
    var policy = RetryPolicy()
    policy.firstWait = .milliseconds(2)
    policy.longestSlotWait = .milliseconds(20)
    policy.tripWait = .milliseconds(50)
    return policy
  }()

  static func with(
    slots: Int = 2,
    _ handler: @escaping StubServer.Handler,
    body: (DispatchFixture) async throws -> Void
  ) async throws {
    try await StubServer.with(handler) { server in
      var endpoint = JournalFixture.endpoint(url: server.url + "/v1/chat/completions")
      endpoint.concurrency = slots
      let journal = try JournalFixture(JournalFixture.configuration(endpoints: [endpoint]))
      let slicer = try FakeSlicer()
      try await EndpointFixture.withClient(endpoint) { client in
        try await body(
          DispatchFixture(
            journal: journal,
            slicer: slicer,
            lane: Lane(name: "one", slots: slots),
            client: client,
            server: server
          )
        )
      }
    }
  }

  func sender(_ policy: RetryPolicy = quick) -> ClipSender {
    ClipSender(
      client: client,
      lane: lane,
      journal: journal.journal,
      policy: policy,
      log: JournalFixture.silent
    )
  }

  /// The first clip of a job of its own.
  func clip(_ name: String) async throws -> (clip: Clip, question: Question) {
    try await journal.enter("\(name).wav", name)
    let claim = try #require(try await journal.claim())
    let clip = try await journal.journal.enter(JournalFixture.cut(0, name), of: claim.job)
    return (clip, claim.job.question)
  }

  /// The clip as the journal has it now.
  func now(_ clip: Clip) async throws -> Clip {
    try #require(try await journal.journal.clips(of: clip.job).first { $0.id == clip.id })
  }

  // MARK: Whole jobs

  func dispatcher(_ program: FilePath, lane: Lane? = nil) -> Dispatcher {
    Dispatcher(
      journal: journal.journal,
      cutter: Cutter(executable: program),
      routes: ["one": .init(lane: lane ?? self.lane, endpoint: client)],
      publisher: nil,
      log: JournalFixture.silent,
      policy: Self.quick
    )
  }

  /// A real file of these bytes, settled.
  @discardableResult
  func record(_ name: String, _ bytes: String? = nil) async throws -> Recording {
    try TemporaryFolder.write(bytes ?? name, to: slicer.folder.appending(name))
    let outcome = try await Fingerprint.take(
      FilePath(name),
      in: slicer.folder,
      acceptsIncomplete: true
    )
    guard case .taken(let print) = outcome else { throw Errno.ioError }
    let found = FoundRecording(
      path: slicer.folder.appending(name),
      folder: "inbox",
      identity: print.identity,
      sha256: print.sha256
    )
    return try await journal.journal.enter(found, earlier: nil).recording
  }

  func job(_ recording: Recording) async throws -> (job: Job, clips: [Clip]) {
    let sha256 = recording.sha256
    let found = try await journal.journal.read { db -> (job: Job, clips: [Clip])? in
      let row = try Row.fetchOne(db, sql: "SELECT * FROM job WHERE sha256 = ?", arguments: [sha256])
      guard let job = try row.map(Job.init(row:)) else { return nil }
      return (job, try Clip.all(of: job.id, db))
    }
    return try #require(found)
  }

  /// Runs `dispatcher` until `condition` holds, then drains it.
  func run(_ dispatcher: Dispatcher, until condition: () async throws -> Bool) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await dispatcher.run() }
      while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
      await dispatcher.drain()
      try await group.waitForAll()
    }
  }

  /// Runs `dispatcher` until nothing is left to do.
  func finish(_ dispatcher: Dispatcher) async throws {
    try await run(dispatcher) {
      try await journal.journal.load() == .init(isQueued: false, isRunning: false)
    }
  }
}

extension DispatchFixture {
  /// Answers every clip with its audio's own text.
  static let echo: StubServer.Handler = { request in .completion(audio(request)) }

  /// The same, once `gate` is open.
  static func echo(behind gate: Gate) -> StubServer.Handler {
    { request in
      try await gate.pass()
      return .completion(audio(request))
    }
  }

  /// The audio of a request, as text.
  static func audio(_ request: StubServer.Request) -> String {
    guard
      case .object(let body) = try? JSONDecoder().decode(JSONValue.self, from: Data(request.body)),
      case .array(let messages)? = body["messages"], case .object(let user)? = messages.last,
      case .array(let parts)? = user["content"]
    else { return "" }
    for case .object(let part) in parts {
      guard case .object(let audio)? = part["input_audio"], case .string(let text)? = audio["data"]
      else { continue }
      return String(decoding: Data(base64Encoded: text) ?? Data(), as: UTF8.self)
    }
    return ""
  }

  /// How often each audio was asked about.
  var asked: [String: Int] {
    server.requests.reduce(into: [:]) { $0[Self.audio($1), default: 0] += 1 }
  }

  /// A program that does another thing each time it is started, the last for good.
  func program(_ scripts: [String]) throws -> FilePath {
    let count = slicer.folder.appending("starts")
    let cases = scripts.enumerated().map { index, script in
      "\(index == scripts.count - 1 ? "*" : "\(index)")) \(script) ;;"
    }
    return try slicer.program(
      """
      n=$(/bin/cat \(count) 2>/dev/null || echo 0)
      echo $((n + 1)) > \(count)
      case $n in
      \(cases.joined(separator: "\n"))
      esac
      """
    )
  }

  /// How often it was started.
  var starts: Int {
    get throws {
      let text = try String(
        contentsOfFile: slicer.folder.appending("starts").string,
        encoding: .utf8
      )
      return Int(text.dropLast()) ?? 0
    }
  }
}

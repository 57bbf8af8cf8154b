import Messages
import NIOHTTP1
import SystemPackage
import TestSupport
import Testing

@testable import Dropscribe

/// Many jobs on their way, with real processes that stand in for the slicer and a real server.
@Suite(.serialized, .timeLimit(.minutes(4))) struct DispatcherTests {
  @Test func aRecordingIsCutAskedAboutAndDone() async throws {
    try await DispatchFixture.with(slots: 3, DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      try await fixture.finish(fixture.dispatcher(try fixture.slicer.saying(FakeSlicer.whole(12))))
      let (job, clips) = try await fixture.job(recording)
      #expect(job.state == .done)
      #expect(job.source?.format == "WAV, 16-bit PCM")
      #expect(job.source?.seconds == 120)
      #expect(job.source?.damage == nil)
      #expect(clips.map(\.reply?.text) == (0..<12).map { "\($0)" })
      #expect(fixture.asked.values.allSatisfy { $0 == 1 })
      #expect(await fixture.lane.inFlight == 0)
    }
  }

  @Test func noMoreRequestsThanSlotsAreInFlight() async throws {
    let inFlight = Shared((now: 0, most: 0, all: 0))
    let gate = Gate()
    let handler: StubServer.Handler = { request in
      let isFirst = inFlight.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
        $0.all += 1
        return $0.all == 1
      }
      if !isFirst { try await gate.pass() }
      inFlight.withLock { $0.now -= 1 }
      return .completion(DispatchFixture.audio(request))
    }
    try await DispatchFixture.with(slots: 3, handler) { fixture in
      for name in ["a.wav", "b.wav", "c.wav", "d.wav"] { try await fixture.record(name) }
      // Each recording's audio is its own.
      let program = try fixture.slicer.program(
        """
        case $(/bin/cat) in
        a.wav) exec /bin/cat \(try fixture.slicer.file(FakeSlicer.whole(6, "a"))) ;;
        b.wav) exec /bin/cat \(try fixture.slicer.file(FakeSlicer.whole(6, "b"))) ;;
        c.wav) exec /bin/cat \(try fixture.slicer.file(FakeSlicer.whole(6, "c"))) ;;
        *) exec /bin/cat \(try fixture.slicer.file(FakeSlicer.whole(6, "d"))) ;;
        esac
        """
      )
      try await fixture.run(fixture.dispatcher(program)) {
        if gate.arrived >= 3 {
          // A fourth one would come now, if at all.
          try await Task.sleep(for: .milliseconds(100))
          gate.open()
        }
        return try await fixture.journal.journal.load() == .init(isQueued: false, isRunning: false)
      }
      #expect(fixture.asked.count == 24)
      #expect(inFlight.withLock { $0.most } == 3)
    }
  }

  @Test func aPausedEndpointKeepsTheQueueAndIsAskedOnce() async throws {
    let handler: StubServer.Handler = { _ in
      .json(#"{"error":{"message":"bad key","code":"invalid_api_key"}}"#, status: .unauthorized)
    }
    try await DispatchFixture.with(slots: 4, handler) { fixture in
      for name in ["a.wav", "b.wav", "c.wav"] { try await fixture.record(name) }
      let dispatcher = fixture.dispatcher(try fixture.slicer.saying(FakeSlicer.whole(5)))
      try await fixture.run(dispatcher) {
        let isPaused = await fixture.lane.pause != nil
        let load = try await fixture.journal.journal.load()
        return isPaused && !load.isRunning
      }
      #expect(fixture.server.requests.count == 1, "the first goes alone")
      #expect(
        try await fixture.journal.journal.openJobs().map(\.state) == [.queued, .queued, .queued]
      )
    }
  }

  @Test func threeRefusalsAreProbedAndNothingFailsWhileTheProbeDoes() async throws {
    let isWell = Shared(false)
    let handler: StubServer.Handler = { request in
      if isWell.withLock({ $0 }) {
        return .completion(
          DispatchFixture.audio(request).count < 100 ? DispatchFixture.audio(request) : "yes"
        )
      }
      return .json(#"{"error":{"message":"no such deployment","code":"x"}}"#, status: .notFound)
    }
    try await DispatchFixture.with(handler) { fixture in
      var recordings: [Recording] = []
      for index in 0..<6 { recordings.append(try await fixture.record("\(index).wav")) }
      let program = try fixture.slicer.program(
        "n=$(/bin/cat); exec /bin/cat \(fixture.slicer.folder)/frames-$n"
      )
      for index in 0..<6 {
        try TemporaryFolder.write(
          FakeSlicer.whole(1, "of \(index)").flatMap(\.encoded),
          to: fixture.slicer.folder.appending("frames-\(index).wav")
        )
      }
      try await fixture.run(fixture.dispatcher(program)) {
        // Two failed, a third tripped it, and two probes have failed, too.
        let probes = fixture.server.requests.count { DispatchFixture.audio($0).count > 100 }
        if probes >= 2 { isWell.withLock { $0 = true } }
        return try await fixture.journal.journal.load() == .init(isQueued: false, isRunning: false)
      }
      var states: [Job.State] = []
      for recording in recordings { states.append(try await fixture.job(recording).job.state) }
      #expect(states.count { $0 == .failed } == 2)
      #expect(states.count { $0 == .done } == 4)
    }
  }

  @Test func aStopCommitsWhatIsInFlightAndSendsNothingMore() async throws {
    let gate = Gate()
    try await DispatchFixture.with(slots: 1, DispatchFixture.echo(behind: gate)) { fixture in
      let recording = try await fixture.record("a.wav")
      let dispatcher = fixture.dispatcher(try fixture.slicer.saying(FakeSlicer.whole(5)))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await dispatcher.run() }
        try await fixture.server.waitForRequests(1)
        await dispatcher.drain()
        gate.open()
        try await group.waitForAll()
      }
      let (job, clips) = try await fixture.job(recording)
      #expect(job.state == .queued)
      #expect(clips.first?.reply?.text == "0")
      #expect(fixture.server.requests.count == 1)
    }
  }

  /// After a reload the old workers give a job back, and only the new ones are there to take it.
  @Test func whatAnOldGenerationGivesBackTheNextOneTakes() async throws {
    let gate = Gate()
    try await DispatchFixture.with(slots: 1, DispatchFixture.echo(behind: gate)) { fixture in
      let recording = try await fixture.record("a.wav")
      let program = try fixture.program(
        [
          "exec /bin/cat \(try fixture.slicer.file(FakeSlicer.whole(3)))",
          "exec /bin/cat \(try fixture.slicer.file([FakeSlicer.format] + FakeSlicer.clips(1..<3) + [FakeSlicer.end(3)]))",
        ]
      )
      let (old, next) = (
        fixture.dispatcher(program), fixture.dispatcher(program, lane: Lane(name: "one", slots: 1))
      )
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await old.run() }
        try await fixture.server.waitForRequests(1)
        group.addTask { await next.run() }
        // Until its workers have nothing to do but wait.
        while fixture.journal.journal.work.waiting < 2 {
          try await Task.sleep(for: .milliseconds(5))
        }
        await old.drain()
        try await Task.sleep(for: .milliseconds(50))
        gate.open()
        while try await fixture.job(recording).job.state != .done {
          try await Task.sleep(for: .milliseconds(5))
        }
        await next.drain()
        try await group.waitForAll()
      }
      #expect(fixture.asked == ["0": 1, "1": 1, "2": 1])
    }
  }

  @Test func aShortRecordingDoesNotWaitForLongOnes() async throws {
    let gate = Gate()
    try await DispatchFixture.with(slots: 1, DispatchFixture.echo(behind: gate)) { fixture in
      let program = try fixture.slicer.program(
        "n=$(/bin/cat); exec /bin/cat \(fixture.slicer.folder)/frames-$n"
      )
      let sizes = ["long.wav": 60, "longer.wav": 60, "longest.wav": 60, "note.wav": 1]
      for (name, size) in sizes {
        try TemporaryFolder.write(
          FakeSlicer.whole(size, name).flatMap(\.encoded),
          to: fixture.slicer.folder.appending("frames-\(name)")
        )
      }
      var long: [Recording] = []
      for name in ["long.wav", "longer.wav", "longest.wav"] {
        long.append(try await fixture.record(name))
      }
      var note: Recording?
      try await fixture.run(fixture.dispatcher(program)) {
        if gate.arrived == 1, note == nil {
          note = try await fixture.record("note.wav")
          gate.open()
        }
        guard let note else { return false }
        return try await fixture.job(note).job.state == .done
      }
      var finished = 0
      for recording in long where try await fixture.job(recording).job.state == .done {
        finished += 1
      }
      #expect(finished < 3)
    }
  }

  @Test func aJobWhoseProgramCannotBeStartedComesBackToTheQueue() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      try await fixture.run(fixture.dispatcher("/nowhere/dropscribe-slice")) {
        try await fixture.job(recording).job.reason != nil
      }
      #expect(try await fixture.job(recording).job.state == .queued)
    }
  }
}

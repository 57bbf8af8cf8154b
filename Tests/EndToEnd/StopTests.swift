import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A stop that was asked for finishes what is in flight and leaves nothing to be bought twice.
@Suite(.timeLimit(.minutes(15))) struct StopTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func aReplyInFlightIsCommittedAndTheExitCodeIsZero(_ signal: Int32) async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.index >= 4 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 2", "[clip]\nmax_seconds = 5")
        try place.drop(SpeechClock.wav(0..<60), as: "a.wav")
        let end = try await place.daemon { daemon in
          try await place.eventually("two requests in flight") { gate.arrived == 2 }
          daemon.signal(signal)
          try await daemon.says("requests in flight are finished first")
          gate.open()
        }
        #expect(end == .exited(0))
        #expect(place.text("a.wav.txt") == nil)
        #expect(place.log.contains("dropscribe has stopped"))
        let before = endpoint.clips.count
        #expect(endpoint.answered.count == before)

        try await place.daemon { _ in
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          #expect(usage.totals.attempts.unknown == 0)
          #expect(endpoint.sendings == Dictionary(uniqueKeysWithValues: (0..<60).map { ($0, 1) }))
          #expect(place.text("a.wav.txt") == (0..<60).map(String.init).joined(separator: " ") + "\n")
        }
      }
    }
  }

  @Test func anIdleDaemonStopsAtOnceAndTakesItsChildrenAlong() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1")
      var children: [pid_t] = []
      let end = try await place.daemon { daemon in
        try await place.watched()
        children = daemon.children("dropscribe-watch")
        daemon.signal(SIGTERM)
      }
      #expect(end == .exited(0))
      #expect(children.count == 1)
      try await place.eventually("its children to be gone") { children.allSatisfy { kill($0, 0) != 0 } }
    }
  }

  @Test func whatIsNotAnsweredWithinTheGraceTimeIsUnknown() async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.index == 0 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, "[daemon]\ngrace_seconds = 1")
        try place.drop(SpeechClock.wav(0..<5), as: "a.wav")
        let end = try await place.daemon { daemon in
          try await place.eventually("a request in flight") { gate.arrived == 1 }
          daemon.signal(SIGTERM)
        }
        #expect(end == .exited(0))
        try await place.daemon { _ in
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          #expect(usage.totals.attempts.unknown == 1)
          #expect(endpoint.clips.count == 2)
        }
      }
    }
  }
}

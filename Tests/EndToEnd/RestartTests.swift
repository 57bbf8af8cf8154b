import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What a crash, a second daemon and a lost journal cost: nothing that was committed.
@Suite(.timeLimit(.minutes(15))) struct RestartTests {
  @Test func afterAKillNoCommittedClipIsBoughtAgain() async throws {
    let seconds = 0..<200
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        // The first daemon gets some replies, and then none any more.
        if clip.index >= 15 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 4", "[clip]\nmax_seconds = 5")
        try place.drop(SpeechClock.wav(seconds), as: "long.wav")
        var committed: Set<Int> = []
        var inFlight: [ClockEndpoint.Clip] = []
        let end = try await place.daemon { daemon in
          try await place.eventually("four requests in flight, all others committed") {
            guard gate.arrived == 4 else { return false }
            return try await place.status().jobs.first?.clipsFinal == 15
          }
          daemon.signal(SIGKILL)
        }
        #expect(end == .signaled(SIGKILL))
        committed = Set(endpoint.answered.flatMap(\.seconds).map(\.number))
        inFlight = Array(endpoint.clips.dropFirst(15))
        #expect(inFlight.count == 4)
        gate.open()

        try await place.daemon { _ in
          let usage = try await place.finished("long.wav")
          #expect(usage.complete)
          #expect(place.text("long.wav.txt") == seconds.map(String.init).joined(separator: " ") + "\n")

          let clips = try #require(usage.tasks["transcript"]).clips
          #expect(clips.count >= 40)
          for number in committed { #expect(endpoint.sendings[number] == 1, "second \(number)") }
          #expect(endpoint.sendings.values.allSatisfy { $0 <= 2 })
          let twice = Set(endpoint.sendings.filter { $0.value == 2 }.keys)
          #expect(twice == Set(inFlight.flatMap(\.seconds).map(\.number)))
          #expect(usage.totals.attempts.unknown == 4)
          let outcomes = clips.flatMap { $0.failedAttempts ?? [] }.map(\.outcome)
          #expect(outcomes == Array(repeating: "unknown", count: 4))
          #expect(usage.totals.attempts.total == endpoint.clips.count)
        }
      }
    }
  }

  @Test func aSecondDaemonOnTheSameStateRefuses() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try await place.daemon { daemon in
          for arguments in [["run"], ["run", "--once"]] {
            let second = try await place.dropscribe(arguments)
            #expect(second.status == .exited(75))
            #expect(second.error.contains("another dropscribe (process \(daemon.pid)) uses the state"))
          }
          // The first one is none the worse.
          try place.drop(SpeechClock.wav(0..<3), as: "a.wav")
          #expect(try await place.completes("a.wav"))
        }
      }
    }
  }

  @Test func aLostJournalBuysNothingThatAUsageSidecarShowsAsDone() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(SpeechClock.wav(0..<12), as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          daemon.signal(SIGTERM)
        }
        let before = endpoint.clips.count
        let text = place.text("a.wav.txt")
        let usage = place.text("a.wav.usage.json")
        try place.remove(place.state)

        try place.drop(SpeechClock.wav(20..<25), as: "b.wav")
        try await place.daemon { _ in
          #expect(try await place.completes("b.wav"))
          try await place.eventually("a.wav to be known") {
            try await place.status().jobs.contains { $0.path.hasSuffix("a.wav") && $0.state == "done" }
          }
          #expect(endpoint.clips.count == before + 1)
          #expect(place.text("a.wav.txt") == text)
          #expect(place.text("a.wav.usage.json") == usage)
          #expect(
            try place.names() == [
              "a.wav", "a.wav.txt", "a.wav.usage.json", "b.wav", "b.wav.txt", "b.wav.usage.json",
            ]
          )
        }
      }
    }
  }

  @Test func aCorruptJournalIsSetAside() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(SpeechClock.wav(0..<5), as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          daemon.signal(SIGTERM)
        }
        for suffix in ["-wal", "-shm"] { try? place.remove(place.state.appending("journal.sqlite\(suffix)")) }
        try place.write("This is no database. ", to: place.state.appending("journal.sqlite"))
        try place.drop(SpeechClock.wav(5..<10), as: "b.wav")
        try await place.daemon { daemon in
          try await daemon.says("the journal was corrupt and is begun anew")
          #expect(try await place.completes("b.wav"))
          #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
        }
      }
    }
  }
}

import Glibc
import Subprocess
import SystemPackage
import Synchronization
import TestSupport
import Testing

/// `status` and `retry`, with a daemon and without one.
@Suite(.timeLimit(.minutes(15))) struct ControlTests {
  @Test func statusTellsHowThingsStandWhileItRunsAndAfterwards() async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.index >= 2 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 2", "[clip]\nmax_seconds = 5")
        try place.drop(SpeechClock.wav(0..<30), as: "a.wav")
        try place.drop(Array("plain text".utf8), as: "notes")
        try await place.daemon { daemon in
          try await place.watched()
          try await place.eventually("two requests in flight") { gate.arrived == 2 }
          try await place.eventually("two clips to be done") {
            try await place.status().jobs.first?.clipsFinal == 2
          }
          let status = try await place.status()
          #expect(status.schema == 1)
          #expect(status.running)
          #expect(status.jobs.count == 1)
          #expect(status.jobs.first?.state == "running")
          #expect(status.endpoints.map(\.name) == ["stub"])
          #expect(status.endpoints.first?.state == "open")
          #expect(status.ignored.map { $0.hasSuffix("/notes") } == [true])
          let table = try await place.dropscribe("status")
          #expect(table.output.contains("a.wav"))
          gate.open()
          _ = try await place.finished("a.wav")
          daemon.signal(SIGTERM)
        }
        let after = try await place.status()
        #expect(!after.running)
        #expect(after.counts == ["done": 1])
        #expect(after.jobs.first?.state == "done")
      }
    }
  }

  @Test func retryAsksAgainForWhatFailedAndForNothingElse() async throws {
    try await Workplace.with { place in
      let isMended = Mutex(false)
      try await ClockEndpoint.with { clip in
        guard clip.seconds.contains(where: { $0.number == 7 }), !isMended.withLock({ $0 }) else { return nil }
        return ClockEndpoint.refusal(400, #"{"message":"This cannot be done.","code":"bad"}"#)
      } body: { endpoint in
        try place.configure(endpoint.url, "[clip]\nmax_seconds = 5")
        try place.drop(SpeechClock.wav(0..<15), as: "a.wav")
        try await place.daemon { daemon in
          let usage = try await place.finished("a.wav")
          #expect(!usage.complete)
          isMended.withLock { $0 = true }
          let retried = try await place.dropscribe("retry", "--failed")
          #expect(retried.status == .exited(0), "\(retried.error)")
          try await place.eventually("the gap to be mended") { try place.usage("a.wav")?.complete == true }
          #expect(place.text("a.wav.txt") == (0..<15).map(String.init).joined(separator: " ") + "\n")
          #expect(endpoint.sendings.filter { $0.value > 1 }.keys.allSatisfy { (5..<10).contains($0) })

          // Done ones have what was taken away written again, free.
          let before = endpoint.clips.count
          try place.remove(place.inbox.appending("a.wav.txt"))
          let again = try await place.dropscribe("retry", place.inbox.appending("a.wav").string)
          #expect(again.status == .exited(0), "\(again.error)")
          try await place.eventually("the text again") { place.text("a.wav.txt") != nil }
          #expect(endpoint.clips.count == before)
          daemon.signal(SIGTERM)
        }
      }
    }
  }

  @Test func retryOfAnUnknownFileSaysSo() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1")
      let ended = try await place.dropscribe("retry", "/nowhere/a.wav")
      #expect(ended.status == .exited(65))
      #expect(ended.error.contains("knows no finished recording"))
    }
  }

  @Test func againBuysEverythingAnew() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(SpeechClock.wav(0..<6), as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          let again = try await place.dropscribe("retry", "--again", place.inbox.appending("a.wav").string)
          #expect(again.status == .exited(0), "\(again.error)")
          try await place.eventually("the second request") { endpoint.clips.count == 2 }
          try await place.eventually("it to be done") { try await place.status().counts == ["done": 1] }
          #expect(place.text("a.wav.txt") == "0 1 2 3 4 5\n")
        }
      }
    }
  }

  @Test func helpAndVersionAreToBeHad() async throws {
    try await Workplace.with { place in
      let dropscribe = BuiltProducts.executable("dropscribe").string
      let version = try await place.run(dropscribe, ["--version"])
      #expect(version.status == .exited(0))
      #expect(version.output.split(separator: ".").count == 3)
      for command in ["run", "transcribe", "check", "status", "retry", "release"] {
        let help = try await place.run(dropscribe, [command, "--help"])
        #expect(help.status == .exited(0))
        #expect(help.output.contains("USAGE: dropscribe \(command)"))
      }
      let wrong = try await place.run(dropscribe, ["transcript"])
      #expect(wrong.status == .exited(64))
    }
  }
}

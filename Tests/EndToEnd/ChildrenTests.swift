import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The daemon's children may die at any time, and nothing is lost by it.
@Suite(.timeLimit(.minutes(15))) struct ChildrenTests {
  @Test func aWatcherThatIsKilledIsReplacedAndMissesNothing() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try await place.daemon { daemon in
          try await place.watched()
          let first = try #require(daemon.children("dropscribe-watch").first)
          // While it is stopped it hears nothing of what it has not been told yet, and then it dies.
          kill(first, SIGSTOP)
          try place.drop(SpeechClock.wav(0..<4), as: "missed.wav")
          kill(first, SIGKILL)
          #expect(try await place.completes("missed.wav"))
          try await place.eventually("another watcher") {
            daemon.children("dropscribe-watch").contains { $0 != first }
          }
          try await place.watched()
          try place.drop(SpeechClock.wav(4..<8), as: "after.wav")
          #expect(try await place.completes("after.wav"))
          #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
          #expect(daemon.log.contains("watch program ended, is started again"))
        }
      }
    }
  }

  @Test func aSlicerGetsNothingOfTheDaemonsButTheRecordingAndAPipe() async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { _ in
        try await gate.pass()
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 1", "[clip]\nmax_seconds = 5")
        try await place.daemon(environment: ["SECRET": "hush"]) { daemon in
          try place.drop(SpeechClock.wav(0..<100), as: "a.wav")
          try await place.eventually("a request in flight") { gate.arrived == 1 }
          let slicer = try #require(daemon.children("dropscribe-slice").first)
          #expect(place.bytes(FilePath("/proc/\(slicer)/environ")) == [])
          let links = try await place.run("find", ["/proc/\(slicer)/fd", "-type", "l", "-printf", "%l\\n"])
          let files = Set(links.output.split(separator: "\n").map(String.init))
          let allowed = [place.inbox.appending("a.wav").string, "/dev/null"]
          #expect(files.contains(allowed[0]))
          #expect(files.allSatisfy { allowed.contains($0) || $0.hasPrefix("pipe:") }, "\(files)")
          gate.open()
          #expect(try await place.completes("a.wav"))
        }
      }
    }
  }

  @Test func aSlicerThatIsKilledAmidARecordingLosesNoPartOfIt() async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.index >= 3 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 2", "[clip]\nmax_seconds = 5")
        try await place.daemon { daemon in
          try place.drop(SpeechClock.wav(0..<100), as: "a.wav")
          try await place.eventually("two requests in flight") { gate.arrived == 2 }
          let slicer = try #require(daemon.children("dropscribe-slice").first)
          kill(slicer, SIGKILL)
          gate.open()
          let usage = try await place.finished("a.wav")
          #expect(usage.complete, "\(daemon.log)")
          #expect(place.text("a.wav.txt") == (0..<100).map(String.init).joined(separator: " ") + "\n")
          #expect(endpoint.sendings == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, 1) }))
        }
      }
    }
  }
}

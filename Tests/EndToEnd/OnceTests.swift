import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `run --once`: what one scan finds, and an exit code that a script can act on.
@Suite(.timeLimit(.minutes(15))) struct OnceTests {
  @Test func itEndsWithZeroWhenAllIsDone() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        for number in 0..<3 {
          try place.drop(SpeechClock.wav(number * 5..<number * 5 + 5), as: "\(number).wav")
        }
        let first = try await place.dropscribe("run", "--once")
        #expect(first.status == .exited(0), "\(first.error)")
        #expect(place.text("0.wav.txt") == "0 1 2 3 4\n")
        #expect(place.text("2.wav.txt") == "10 11 12 13 14\n")
        // And the second time there is nothing to do.
        let second = try await place.dropscribe("run", "--once")
        #expect(second.status == .exited(0), "\(second.error)")
        #expect(endpoint.clips.count == 3)
      }
    }
  }

  @Test func itEndsWithOneAndNamesWhatFailed() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(SpeechClock.wav(0..<5), as: "good.wav")
        try place.drop(Array("This is no recording, whatever it is called.".utf8), as: "bad.wav")
        let ended = try await place.dropscribe("run", "--once")
        #expect(ended.status == .exited(1))
        let lines = ended.error.split(separator: "\n").filter { $0.contains("(transcript): ") }
        #expect(lines.count == 1, "\(ended.error)")
        #expect(lines.first?.contains("bad.wav") == true)
        #expect(place.text("good.wav.txt") == "0 1 2 3 4\n")
      }
    }
  }

  @Test func itEndsWithOneForAGap() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { clip in
        guard clip.seconds.contains(where: { $0.number == 7 }) else { return nil }
        return ClockEndpoint.refusal(400, #"{"code":"content_filter","message":"no","status":400}"#)
      } body: { endpoint in
        try place.configure(endpoint.url, "[clip]\nmax_seconds = 5")
        try place.drop(SpeechClock.wav(0..<15), as: "a.wav")
        let ended = try await place.dropscribe("run", "--once")
        #expect(ended.status == .exited(1))
        #expect(ended.error.contains("a.wav (transcript): "))
        #expect(place.text("a.wav.txt")?.contains(": content filter]") == true)
        let usage = try #require(try place.usage("a.wav"))
        #expect(usage.final)
        #expect(!usage.complete)
      }
    }
  }

  @Test func itEndsWithSeventyFiveAndNamesWhatWaits() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1", "[daemon]\nonce_wait_seconds = 1")
      try place.drop(SpeechClock.wav(0..<5), as: "a.wav")
      let ended = try await place.dropscribe("run", "--once")
      #expect(ended.status == .exited(75))
      #expect(ended.error.contains("a.wav (transcript): "), "\(ended.error)")
      #expect(place.text("a.wav.txt") == nil)
    }
  }

  @Test func aFolderThatIsNotThereIsNamedAsWaiting() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1", "[daemon]\nonce_wait_seconds = 1")
      try place.remove(place.inbox)
      let ended = try await place.dropscribe("run", "--once")
      #expect(ended.status == .exited(75))
      #expect(ended.error.contains("\(place.inbox): the folder is not there"), "\(ended.error)")
    }
  }
}

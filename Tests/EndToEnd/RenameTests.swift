import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Known bytes are never bought again, whatever they are called.
@Suite(.timeLimit(.minutes(15))) struct RenameTests {
  private static let wav = SpeechClock.wav(0..<8)
  private static let text = "0 1 2 3 4 5 6 7\n"

  /// A workplace in which `a.wav` is done, and a daemon that knows it.
  private func afterwards(
    _ body: (Workplace, ClockEndpoint, DaemonUnderTest) async throws -> Void
  ) async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(Self.wav, as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          try await place.watched()
          try await body(place, endpoint, daemon)
        }
      }
    }
  }

  @Test func theSameBytesUnderAnotherNameAreServedFromTheJournal() async throws {
    try await afterwards { place, endpoint, _ in
      try place.drop(Self.wav, as: "copy of a.wav")
      let usage = try await place.finished("copy of a.wav")
      #expect(usage.complete)
      #expect(usage.source.name == "copy of a.wav")
      #expect(place.text("copy of a.wav.txt") == Self.text)
      #expect(endpoint.clips.count == 1)
    }
  }

  @Test func aRenameWhileItRunsTakesTheSidecarsAlong() async throws {
    try await afterwards { place, endpoint, _ in
      try place.move(place.inbox.appending("a.wav"), to: place.inbox.appending("b.wav"))
      let usage = try await place.finished("b.wav")
      #expect(usage.source.name == "b.wav")
      #expect(place.text("b.wav.txt") == Self.text)
      #expect(endpoint.clips.count == 1)
    }
  }

  @Test func aRenameWhileItIsStoppedCostsNothing() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(Self.wav, as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          daemon.signal(SIGTERM)
        }
        try place.move(place.inbox.appending("a.wav"), to: place.inbox.appending("b.wav"))
        try await place.daemon { _ in
          let isComplete = try await place.completes("b.wav")
          #expect(isComplete)
          #expect(place.text("b.wav.txt") == Self.text)
          #expect(endpoint.clips.count == 1)
        }
      }
    }
  }

  @Test func aRenameAmidTheWorkIsFollowed() async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.index >= 3 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, "[clip]\nmax_seconds = 5")
        try await place.daemon { _ in
          try await place.watched()
          try place.drop(SpeechClock.wav(0..<40), as: "a.wav")
          try await place.eventually("requests in flight") { gate.arrived > 0 }
          try place.move(place.inbox.appending("a.wav"), to: place.inbox.appending("b.wav"))
          try await place.eventually("the new name to be known") {
            try await place.status().jobs.contains { $0.path.hasSuffix("/b.wav") }
          }
          gate.open()
          #expect(try await place.completes("b.wav"))
          #expect(place.text("b.wav.txt") == (0..<40).map(String.init).joined(separator: " ") + "\n")
          #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
          #expect(try place.names() == ["b.wav", "b.wav.txt", "b.wav.usage.json"])
        }
      }
    }
  }

  @Test func otherBytesUnderTheNameGetTheirOwnText() async throws {
    try await afterwards { place, endpoint, _ in
      try place.drop(SpeechClock.wav(50..<53), as: "a.wav")
      try await place.eventually("the new text") { place.text("a.wav.txt") == "50 51 52\n" }
      let usage = try await place.finished("a.wav")
      #expect(usage.complete)
      #expect(endpoint.clips.count == 2)
      #expect(try place.names() == ["a.wav", "a.wav.txt", "a.wav.usage.json"])
    }
  }

  @Test func aRecordingInANewFolderBelowIsFound() async throws {
    try await afterwards { place, endpoint, _ in
      try place.makeFolder(place.inbox.appending("2026").appending("may"))
      try place.drop(SpeechClock.wav(60..<64), as: "2026/may/c.wav")
      #expect(try await place.completes("2026/may/c.wav"))
      #expect(place.text("2026/may/c.wav.txt") == "60 61 62 63\n")
      #expect(endpoint.clips.count == 2)
    }
  }
}

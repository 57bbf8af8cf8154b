import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A recording that was there before, was thrown away with its text, and is dropped again.
@Suite(.timeLimit(.minutes(4))) struct DroppedAgainTests {
  private static let wav = SpeechClock.wav(0..<4)
  private static let text = "0 1 2 3\n"

  private func withText(_ body: (Workplace, DaemonUnderTest) async throws -> Void) async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(Self.wav, as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          try await place.watched()
          try await body(place, daemon)
          daemon.signal(SIGTERM)
        }
        #expect(endpoint.clips.count == 1)
      }
    }
  }

  private func clear(_ place: Workplace) throws {
    for name in ["a.wav", "a.wav.txt", "a.wav.usage.json"] { try place.remove(place.inbox.appending(name)) }
  }

  @Test func itGetsItsTextAgainFree() async throws {
    try await withText { place, _ in
      try clear(place)
      try await place.eventually("its absence") { try await place.status().jobs.isEmpty }
      try place.drop(Self.wav, as: "a.wav")
      #expect(try await place.completes("a.wav"))
      #expect(place.text("a.wav.txt") == Self.text)
    }
  }

  @Test func itGetsItsTextAgainAlsoWhenNobodySawItGo() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(Self.wav, as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          daemon.signal(SIGTERM)
        }
        // The old file stays until the new one is there, so that it cannot have its inode.
        try place.move(place.inbox.appending("a.wav"), to: place.root.appending("old.wav"))
        for name in ["a.wav.txt", "a.wav.usage.json"] { try place.remove(place.inbox.appending(name)) }
        try place.drop(Self.wav, as: "a.wav")
        try await place.daemon { _ in
          _ = try await place.finished("a.wav")
          #expect(place.text("a.wav.txt") == Self.text)
        }
        #expect(endpoint.clips.count == 1)
      }
    }
  }

  @Test func whatStillStandsBesideItIsLeftAlone() async throws {
    try await withText { place, _ in
      try place.move(place.inbox.appending("a.wav"), to: place.root.appending("a.wav"))
      try place.write("Corrected by hand.\n", to: place.inbox.appending("a.wav.txt"))
      try place.remove(place.inbox.appending("a.wav.usage.json"))
      try await place.eventually("its absence") { try await place.status().jobs.isEmpty }
      try place.move(place.root.appending("a.wav"), to: place.inbox.appending("a.wav"))
      #expect(try await place.completes("a.wav"))
      #expect(place.text("a.wav.txt") == "Corrected by hand.\n")
      #expect(place.text("a.wav.2.txt") == nil)
    }
  }

  @Test func whatAConsumerTookAwayIsNotWrittenAgainWhenTheFileIsOnlySaved() async throws {
    try await withText { place, daemon in
      try place.remove(place.inbox.appending("a.wav.txt"))
      try place.remove(place.inbox.appending("a.wav.usage.json"))
      try place.write(Self.wav, to: place.inbox.appending("a.wav"))
      try await daemon.says("a recording has settled", times: 2)
      // What comes after it goes through the same doors.
      try place.drop(Self.wav, as: "b.wav")
      _ = try await place.finished("b.wav")
      #expect(place.text("a.wav.txt") == nil)
    }
  }
}

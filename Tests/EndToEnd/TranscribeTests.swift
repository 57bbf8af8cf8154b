import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `transcribe`: named files, text on standard output.
@Suite(.timeLimit(.minutes(15))) struct TranscribeTests {
  /// A workplace with `a.wav`, outside of the watched folder.
  private func with(_ body: (Workplace, ClockEndpoint) async throws -> Void) async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, "[clip]\nmax_seconds = 5")
        try place.write(SpeechClock.wav(0..<12), to: place.root.appending("a.wav"))
        try await body(place, endpoint)
      }
    }
  }

  private static let text = (0..<12).map(String.init).joined(separator: " ") + "\n"

  @Test func theTextGoesToStandardOutputAndTheSecondTimeIsFree() async throws {
    try await with { place, endpoint in
      let first = try await place.dropscribe("transcribe", "a.wav")
      #expect(first.status == .exited(0), "\(first.error)")
      #expect(first.output == Self.text)
      let bought = endpoint.clips.count
      let second = try await place.dropscribe("transcribe", "a.wav")
      #expect(second.output == Self.text)
      #expect(endpoint.clips.count == bought)
      // Nothing is left beside the file.
      #expect(place.bytes(place.root.appending("a.wav.txt")) == nil)
      #expect(place.bytes(place.root.appending("a.wav.usage.json")) == nil)
    }
  }

  @Test func anInstructionOfItsOwnIsAsked() async throws {
    try await with { place, endpoint in
      _ = try await place.dropscribe("transcribe", "a.wav")
      let bought = endpoint.clips.count
      let ended = try await place.dropscribe("transcribe", "a.wav", "--instruction", "To Spanish.")
      #expect(ended.status == .exited(0), "\(ended.error)")
      #expect(ended.output == Self.text)
      #expect(endpoint.clips.count == 2 * bought)
      #expect(endpoint.clips.dropFirst(bought).allSatisfy { $0.instruction == "To Spanish." })
    }
  }

  @Test func textsGoIntoAFolderThatIsNamed() async throws {
    try await with { place, _ in
      try place.write(SpeechClock.wav(20..<23), to: place.root.appending("b.wav"))
      let ended = try await place.dropscribe("transcribe", "a.wav", "b.wav", "-o", "texts")
      #expect(ended.status == .exited(0), "\(ended.error)")
      #expect(place.bytes(place.root.appending("texts/a.wav.txt")) == Array(Self.text.utf8))
      #expect(place.bytes(place.root.appending("texts/b.wav.txt")) == Array("20 21 22\n".utf8))
    }
  }

  @Test func aFileThatIsNoRecordingIsNamedAndTheOthersAreDone() async throws {
    try await with { place, _ in
      try place.write("Nothing to hear.", to: place.root.appending("notes"))
      let ended = try await place.dropscribe("transcribe", "notes", "a.wav", "missing.wav")
      #expect(ended.status == .exited(65))
      #expect(ended.output.hasSuffix(Self.text))
      #expect(ended.error.contains("/notes: "))
      #expect(ended.error.contains("/missing.wav: "))
    }
  }

  @Test func itWorksWhileADaemonRuns() async throws {
    try await with { place, endpoint in
      try await place.daemon { _ in
        try await place.watched()
        let ended = try await place.dropscribe("transcribe", "a.wav")
        #expect(ended.status == .exited(0), "\(ended.error)")
        #expect(ended.output == Self.text)
        #expect(try await place.status().jobs.isEmpty)
        #expect(!endpoint.clips.isEmpty)
      }
    }
  }
}

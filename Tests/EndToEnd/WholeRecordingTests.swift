import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The way of a recording, from a rename into the folder to the text beside it.
@Suite(.timeLimit(.minutes(15))) struct WholeRecordingTests {
  /// How a format is made of a WAV file.
  struct Format: Sendable, CustomTestStringConvertible {
    var name: String
    var command: [String]
    var contents: String

    var testDescription: String { name }
  }

  static let formats = [
    Format(name: "wav", command: ["sox", "in.wav", "-r", "44100", "-c", "2", "out.wav"], contents: "WAV"),
    Format(name: "flac", command: ["sox", "in.wav", "-r", "48000", "out.flac"], contents: "FLAC"),
    Format(name: "mp3", command: ["lame", "--quiet", "-b", "64", "in.wav", "out.mp3"], contents: "MP3"),
    Format(
      name: "m4a",
      command: ["ffmpeg", "-loglevel", "error", "-i", "in.wav", "-ar", "44100", "-c:a", "aac", "out.m4a"],
      contents: "M4A"
    ),
  ]

  @Test("contract 12: every second is heard once and in order, as 16 kHz mono WAV", arguments: formats)
  func everySecondIsHeardOnceAndInOrder(_ format: Format) async throws {
    let seconds = 0..<200
    try await Workplace.with { place in
      try place.write(SpeechClock.wav(seconds), to: place.root.appending("in.wav"))
      let made = try await place.run(format.command[0], Array(format.command.dropFirst()))
      #expect(made.status.isSuccess, "\(made.error)")
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 4")
        try await place.daemon { daemon in
          let name = "clock.\(format.name)"
          try place.move(place.root.appending("out.\(format.name)"), to: place.inbox.appending(name))
          let usage = try await place.finished(name)

          #expect(usage.complete, "\(daemon.log)")
          #expect(place.text("\(name).txt") == seconds.map(String.init).joined(separator: " ") + "\n")
          #expect(endpoint.sendings == Dictionary(uniqueKeysWithValues: seconds.map { ($0, 1) }))
          #expect(endpoint.clips.allSatisfy { !$0.seconds.isEmpty && $0.seconds.allSatisfy(\.isWhole) })
          #expect(usage.source.format?.hasPrefix(format.contents) == true, "\(usage.source.format ?? "none")")

          let clips = try #require(usage.tasks["transcript"]).clips
          #expect(clips.count >= 7)
          #expect(clips.first?.start == 0)
          for (clip, next) in zip(clips, clips.dropFirst()) { #expect(clip.end == next.start) }
          #expect(abs((clips.last?.end ?? 0) - 200) < 0.2)
          #expect(clips.allSatisfy { $0.end - $0.start <= 30.001 })
        }
      }
    }
  }

  @Test func theSumsAreThoseOfTheReplies() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, "[clip]\nmax_seconds = 5")
        try await place.daemon { _ in
          try place.drop(SpeechClock.wav(0..<30), as: "a.wav")
          let usage = try await place.finished("a.wav")
          #expect(usage.totals.tokens.completion == 30)
          #expect(usage.totals.tokens.prompt == ClockEndpoint.promptTokens * endpoint.clips.count)
          #expect(usage.totals.attempts.total == endpoint.clips.count)
          #expect(usage.totals.attempts.answered == endpoint.clips.count)
        }
      }
    }
  }

  @Test func aRecordingThatIsCopiedSlowlyIsTakenWhenItIsWhole() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, folder: "incomplete_seconds = 60")
        try await place.daemon { daemon in
          try await place.watched()
          let wav = SpeechClock.wav(0..<20)
          try place.write(Array(wav[..<(wav.count / 2)]), to: place.inbox.appending("slow.wav"))
          try await daemon.says("file is not complete yet")
          try place.write(wav, to: place.inbox.appending("slow.wav"))
          #expect(try await place.completes("slow.wav"))
          #expect(place.text("slow.wav.txt") == (0..<20).map(String.init).joined(separator: " ") + "\n")
          #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
        }
      }
    }
  }
}

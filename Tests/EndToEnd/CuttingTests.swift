import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What is left out of a recording, and how the rest becomes one text again.
@Suite(.timeLimit(.minutes(15))) struct CuttingTests {
  /// A recording made by sox.
  static func make(_ place: Workplace, _ input: [String], _ effects: [String], as name: String) async throws {
    let output = place.root.appending("made.wav").string
    let made = try await place.run("sox", ["-R"] + input + [output] + effects)
    #expect(made.status.isSuccess, "\(made.error)")
    try place.move(place.root.appending("made.wav"), to: place.inbox.appending(name))
  }

  @Test(arguments: [
    (["trim", "0", "3"], "silence"), (["synth", "60", "whitenoise", "vol", "-50dB"], "silence"),
    (["synth", "60", "sine", "440", "vol", "0.05"], "nonspeech"),
  ])
  func aRecordingInWhichNothingSoundsCostsNothing(effects: [String], skip: String) async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, "[clip]\nskip = \"\(skip)\"")
        try await place.daemon { _ in
          try await Self.make(place, ["-n", "-r", "16000", "-b", "16"], effects, as: "a.wav")
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          #expect(place.text("a.wav.txt") == "")
          #expect(place.text("a.wav.error.json") == nil)
          let task = try #require(usage.tasks["transcript"])
          #expect(task.clips.isEmpty)
          #expect(task.warnings.map(\.kind) == [skip])
          #expect(task.silences.map(\.start) == [0])
          #expect(task.silences.map(\.end) == [usage.source.seconds])
          #expect(usage.totals.attempts.total == 0)
          #expect(endpoint.clips.isEmpty)
          try await place.validate("usage", "a.wav.usage.json")
        }
      }
    }
  }

  @Test func whatClipsShareStandsOnceInTheText() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(
          endpoint.url,
          "[task.transcript.clip]\nmax_seconds = 10\noverlap_seconds = 4\njoin = \"words\""
        )
        try await place.daemon { _ in
          try place.drop(SpeechClock.wav(0..<60), as: "a.wav")
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          #expect(place.text("a.wav.txt") == (0..<60).map(String.init).joined(separator: " ") + "\n")
          let task = try #require(usage.tasks["transcript"])
          #expect(task.clips.count >= 8)
          #expect(task.clips.dropFirst().allSatisfy { $0.overlap == 4 } && task.clips.first?.overlap == nil)
          #expect(task.clips.allSatisfy { $0.end - $0.start < 10.002 })
          #expect(task.silences.isEmpty && task.warnings.isEmpty)
          #expect(endpoint.sendings.values.contains(2))
          try await place.validate("usage", "a.wav.usage.json")
        }
      }
    }
  }

  @Test func wordsThatDoNotAgreeStandAndAreNamed() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { clip in
        .completion("clip \(clip.seconds.first?.number ?? 0)", promptTokens: 1, completionTokens: 1)
      } body: { endpoint in
        try place.configure(
          endpoint.url,
          "[clip]\nmax_seconds = 10\noverlap_seconds = 4\njoin = \"words\""
        )
        try await place.daemon { _ in
          try place.drop(SpeechClock.wav(0..<16), as: "a.wav")
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          let task = try #require(usage.tasks["transcript"])
          #expect(task.warnings.map(\.kind) == task.clips.dropFirst().map { _ in "doubtful overlap" })
          #expect(task.warnings.map(\.at) == task.clips.dropLast().map(\.end))
          let said = endpoint.clips.compactMap(\.seconds.first?.number).sorted().map { "clip \($0)" }
          #expect(place.text("a.wav.txt") == said.joined(separator: " ") + "\n")
          try await place.validate("usage", "a.wav.usage.json")
        }
      }
    }
  }

  @Test func aSilenceIsNamedAndNotSent() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.write(SpeechClock.wav(0..<10), to: place.root.appending("in.wav"))
        try await place.daemon { _ in
          let input = place.root.appending("in.wav").string
          try await Self.make(place, [input], ["pad", "40@5", "30"], as: "a.wav")
          let usage = try await place.finished("a.wav")
          #expect(usage.complete)
          #expect(place.text("a.wav.txt") == "0 1 2 3 4\n\n5 6 7 8 9\n")
          let task = try #require(usage.tasks["transcript"])
          #expect(task.silences.count == 2)
          #expect(task.silences.reduce(0) { $0 + $1.end - $1.start } > 65)
          let sent = task.clips.reduce(0) { $0 + $1.end - $1.start }
          #expect(sent < 14)
          #expect(endpoint.sendings == Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, 1) }))
        }
      }
    }
  }
}

import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Recordings that need ffmpeg, on a machine that gets it later.
@Suite(.timeLimit(.minutes(15))) struct FFmpegTests {
  /// An M4A of ten seconds, in a workplace whose `bin` is all of a daemon's `PATH`.
  private func with(_ body: (Workplace, ClockEndpoint, [UInt8]) async throws -> Void) async throws {
    try await Workplace.with { place in
      try place.write(SpeechClock.wav(0..<10), to: place.root.appending("in.wav"))
      try await place.prepare("ffmpeg", "-loglevel", "error", "-i", "in.wav", "-c:a", "aac", "out.m4a")
      let recording = try #require(place.bytes(place.root.appending("out.m4a")))
      try place.makeFolder(place.root.appending("bin"))
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try await body(place, endpoint, recording)
      }
    }
  }

  private func install(_ place: Workplace) async throws {
    let ended = try await place.run("bash", ["-c", "ln -s \"$(command -v ffmpeg)\" bin/ffmpeg"])
    #expect(ended.status.isSuccess, "\(ended.error)")
  }

  private func expectText(_ place: Workplace, _ name: String) async throws {
    try await place.eventually("the text, and the error to be gone") {
      place.text("\(name).txt") != nil && place.text("\(name).error.json") == nil
    }
    #expect(place.text("\(name).txt") == (0..<10).map(String.init).joined(separator: " ") + "\n")
  }

  @Test func whatNeedsFFmpegSaysSoAndIsTakenUpOnceItIsThere() async throws {
    try await with { place, endpoint, recording in
      try await place.daemon(environment: ["PATH": place.root.appending("bin").string]) { daemon in
        try place.drop(recording, as: "talk.m4a")
        try await place.eventually("an error sidecar") { place.text("talk.m4a.error.json") != nil }
        let error = try #require(place.text("talk.m4a.error.json"))
        #expect(error.contains("M4A needs ffmpeg to be decoded: install ffmpeg"))
        #expect(error.contains("\"retries_by_itself\" : true"))
        #expect(place.text("talk.m4a.txt") == nil)
        #expect(endpoint.clips.isEmpty)

        try await install(place)
        try await expectText(place, "talk.m4a")
        #expect(daemon.count("ffmpeg is there now") == 1)
        #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })

        // It stays found: the next one is read at once.
        try place.drop(recording + [0], as: "again.m4a")
        try await expectText(place, "again.m4a")
        #expect(daemon.count("ffmpeg is there now") == 1)
      }
    }
  }

  @Test func whatNeededFFmpegIsTakenUpAtAReloadAndAtTheNextStart() async throws {
    try await with { place, endpoint, recording in
      try place.configure(endpoint.url, "[daemon]\nffmpeg = \"bin/ffmpeg\"")
      try place.drop(recording, as: "a.m4a")
      let without = try await place.dropscribe("run", "--once")
      #expect(without.status == .exited(1), "\(without.error)")
      #expect(place.text("a.m4a.error.json")?.contains("install ffmpeg") == true)
      try await place.daemon { daemon in
        try place.drop(recording + [0], as: "b.m4a")
        try await place.eventually("an error sidecar") { place.text("b.m4a.error.json") != nil }
        try place.configure(endpoint.url)
        try await daemon.reload()
        try await expectText(place, "a.m4a")
        try await expectText(place, "b.m4a")
      }
      try place.configure(endpoint.url, "[daemon]\nffmpeg = \"bin/ffmpeg\"")
      try place.drop(recording + [0, 0], as: "c.m4a")
      #expect(try await place.dropscribe("run", "--once").status == .exited(1))
      try await install(place)
      #expect(try await place.dropscribe("run", "--once").status == .exited(0))
      try await expectText(place, "c.m4a")
    }
  }

  @Test func anFFmpegThatCannotBeRunIsNotTriedAgainAndAgain() async throws {
    try await with { place, endpoint, recording in
      try place.write("no program", to: place.root.appending("bin/ffmpeg"))
      try await place.prepare("chmod", "+x", "bin/ffmpeg")
      try await place.daemon(environment: ["PATH": place.root.appending("bin").string]) { daemon in
        try place.drop(recording, as: "talk.m4a")
        try await daemon.says("the recording failed", times: 2)
        try place.drop(SpeechClock.wav(0..<4), as: "other.wav")
        _ = try await place.finished("other.wav")
        #expect(daemon.count("ffmpeg is there now") == 1)
        try place.remove(place.root.appending("bin/ffmpeg"))
        try await install(place)
        try await expectText(place, "talk.m4a")
      }
    }
  }
}

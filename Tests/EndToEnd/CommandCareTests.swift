import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What the commands take care of before they cost anything, and who may give them.
@Suite(.timeLimit(.minutes(15))) struct CommandCareTests {
  @Test func checkPassesWhereTheKeyIsTheServicesAlone() async throws {
    try await Workplace.with { place in
      try place.configure(
        "https://example.invalid/v1",
        endpoint: #"key = { credential = "dropscribe-test-key" }"#
      )
      let ended = try await place.dropscribe("check")
      #expect(ended.status == .exited(0), "\(ended.error)")
      #expect(ended.error.contains("dropscribe-test-key"), "\(ended.error)")
      // But what is sent needs it.
      let online = try await place.dropscribe("check", "--online")
      #expect(online.status == .exited(78))
    }
  }

  @Test func checkNamesTheProgramThatIsMissing() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1", "[daemon]\nslicer = \"/nowhere/dropscribe-slice\"")
      let ended = try await place.dropscribe("check")
      #expect(ended.status == .exited(78))
      #expect(ended.error.contains("/nowhere/dropscribe-slice"), "\(ended.error)")
      try place.configure("http://127.0.0.1:9/v1", "[daemon]\nffmpeg = \"/nowhere/ffmpeg\"")
      let without = try await place.dropscribe("check")
      #expect(without.status == .exited(0), "\(without.error)")
      #expect(without.error.contains("/nowhere/ffmpeg"), "\(without.error)")
    }
  }

  @Test func nothingIsAskedForATextThatCouldNotBeWritten() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.write(SpeechClock.wav(0..<3), to: place.root.appending("a.wav"))
        try place.makeFolder(place.root.appending("texts"))
        try place.write("Mine.", to: place.root.appending("texts/a.wav.txt"))
        let ended = try await place.dropscribe("transcribe", "a.wav", "-o", "texts")
        #expect(ended.status == .exited(65), "\(ended.error)")
        #expect(ended.error.contains("texts/a.wav.txt"), "\(ended.error)")
        #expect(endpoint.clips.isEmpty)
        #expect(place.bytes(place.root.appending("texts/a.wav.txt")) == Array("Mine.".utf8))
      }
    }
  }

  @Test func theDaemonsGroupMayAskItAndNobodyElse() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1")
      try await place.daemon { _ in
        try await place.watched()
        var facts = stat()
        #expect(stat(place.state.appending("control.sock").string, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o660)
      }
    }
  }

  @Test func anEndpointThatCannotBeReachedIsReportedOnce() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1")
      try place.drop(SpeechClock.wav(0..<3), as: "a.wav")
      try await place.daemon(["--log-level", "debug"]) { daemon in
        // Each try is in the log of those who ask for everything; for the others the first is enough.
        try await daemon.says("the endpoint is paused", times: 3)
        let errors = daemon.log.split(separator: "\n").filter {
          $0.contains("the endpoint is paused") && $0.contains(" error ")
        }
        #expect(errors.count == 1, "\(daemon.log)")
      }
    }
  }
}

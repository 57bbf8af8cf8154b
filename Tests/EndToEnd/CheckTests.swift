import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `check`: what is wrong, all of it, with the place; or what is configured.
@Suite(.timeLimit(.minutes(15))) struct CheckTests {
  @Test func aGoodConfigurationIsExplained() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1", "[task.transcript]\ninstruction = \"Write it down.\"")
      let ended = try await place.dropscribe("check")
      #expect(ended.status == .exited(0), "\(ended.error)")
      #expect(ended.output.contains("Write it down."))
      #expect(ended.output.contains("\(place.inbox)"))
      #expect(ended.output.contains("127.0.0.1:9"))
    }
  }

  @Test func aKernelWithoutLandlockIsNamed() async throws {
    try await Workplace.with { place in
      try place.configure("http://127.0.0.1:9/v1")
      let ended = try await place.run(
        BuiltProducts.executable("box-probe").string,
        [
          "--without", "landlock", BuiltProducts.executable("dropscribe").string, "check", "--config",
          place.configuration.string,
        ]
      )
      #expect(ended.status == .exited(0), "\(ended.error)")
      #expect(ended.error.contains("no Landlock"))
    }
  }

  @Test func everyErrorIsNamedAtOnceWithItsLine() async throws {
    try await Workplace.with { place in
      try place.write(
        """
        [endpoint.stub]
        preset = "lokal"
        concurency = 3

        [folder.inbox]
        path = "inbox"
        recursive = "yes"

        [folder.inner]
        path = "inbox/inner"

        [task.transcript]
        instruction = " "
        """,
        to: place.configuration
      )
      let ended = try await place.dropscribe("check")
      #expect(ended.status == .exited(78))
      for (line, word) in [
        (2, "lokal"), (3, "concurrency"), (7, "recursive"), (10, "inbox"), (13, "instruction"),
      ] {
        let found = ended.error.split(separator: "\n").contains {
          $0.hasPrefix("\(place.configuration):\(line):") && $0.contains(word)
        }
        #expect(found, "line \(line): \(ended.error)")
      }
      // And nothing runs with it.
      #expect(try await place.dropscribe("run", "--once").status == .exited(78))
    }
  }

  @Test func aMissingFolderIsAnErrorForCheckAndAWarningForRun() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.remove(place.inbox)
        let ended = try await place.dropscribe("check")
        #expect(ended.status == .exited(78))
        #expect(ended.error.contains("\(place.inbox)"))
        try await place.daemon { daemon in
          try await daemon.says("a folder is not there; dropscribe waits for it")
          try place.makeFolder(place.inbox)
          try place.drop(SpeechClock.wav(0..<3), as: "a.wav")
          #expect(try await place.completes("a.wav"))
        }
      }
    }
  }

  @Test func onlineShowsWhatEachEndpointSays() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { _ in
        .completion("Hello there.")
      } body: { endpoint in
        try place.configure(endpoint.url)
        let good = try await place.dropscribe("check", "--online")
        #expect(good.status == .exited(0), "\(good.error)")
        #expect(good.output.contains("“Hello there.”"), "\(good.output)")
        #expect(endpoint.clips.count == 1)
      }
      try place.configure("http://127.0.0.1:9/v1")
      let bad = try await place.dropscribe("check", "--online")
      #expect(bad.status == .exited(78))
      #expect(bad.output.contains("not reached: cannot reach 127.0.0.1:9"), "\(bad.output)")
    }
  }

  @Test func nothingIsSentWithoutOnline() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        #expect(try await place.dropscribe("check").status == .exited(0))
        #expect(endpoint.clips.isEmpty)
      }
    }
  }
}

import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What stands beside a recording, and what is left alone.
@Suite(.timeLimit(.minutes(15))) struct SidecarTests {
  @Test func aFileOfSomebodyElseIsNeverOverwritten() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        for name in ["a.wav.txt", "a.wav.usage.json"] {
          try place.write("mine", to: place.inbox.appending(name))
        }
        try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
        try await place.daemon { daemon in
          try await place.eventually("the sidecars") { place.text("a.wav.usage.2.json") != nil }
          #expect(place.text("a.wav.txt") == "mine")
          #expect(place.text("a.wav.usage.json") == "mine")
          #expect(place.text("a.wav.2.txt") == "0 1 2 3\n")
          try await daemon.says("a.wav.2.txt")
        }
      }
    }
  }

  @Test func aRecordingThatCannotBeReadLeavesAnErrorUntilItIsReplaced() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.drop(Array("This is no recording, whatever it is called.".utf8), as: "a.wav")
        try await place.daemon { _ in
          try await place.eventually("the error") { place.text("a.wav.error.json") != nil }
          let usage = try await place.finished("a.wav")
          #expect(!usage.complete)
          #expect(usage.tasks["transcript"]?.state == "failed")
          #expect(place.text("a.wav.txt") == nil)
          #expect(endpoint.clips.isEmpty)
          try await place.validate("error", "a.wav.error.json")
          try await place.validate("usage", "a.wav.usage.json")

          try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
          try await place.eventually("the text") { try place.usage("a.wav")?.complete == true }
          #expect(try place.names() == ["a.wav", "a.wav.txt", "a.wav.usage.json"])
        }
      }
    }
  }

  @Test func anErrorGoesAwayWithASuccess() async throws {
    try await Workplace.with { place in
      let isMended = Mutex(false)
      try await ClockEndpoint.with { _ in
        if isMended.withLock({ $0 }) { return nil }
        return ClockEndpoint.refusal(400, #"{"message":"No such deployment.","code":"bad"}"#)
      } body: { endpoint in
        try place.configure(endpoint.url)
        try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
        try await place.daemon { _ in
          try await place.eventually("the error") { place.text("a.wav.error.json") != nil }
          #expect(place.text("a.wav.error.json")?.contains("No such deployment.") == true)
          #expect(place.text("a.wav.error.json")?.contains("dropscribe retry") == true)
          _ = try await place.finished("a.wav")
          isMended.withLock { $0 = true }
          let retried = try await place.dropscribe("retry", place.inbox.appending("a.wav").string)
          #expect(retried.status == .exited(0))
          try await place.eventually("the text") { try place.usage("a.wav")?.complete == true }
          try await place.eventually("the error to be gone") { place.text("a.wav.error.json") == nil }
          #expect(place.text("a.wav.txt") == "0 1 2 3\n")
        }
      }
    }
  }

  @Test func theUsageSidecarIsWhatItsSchemaSays() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { clip in
        switch clip.index {
        case 1: ClockEndpoint.refusal(503, #"{"message":"Busy."}"#)
        case 2: ClockEndpoint.refusal(400, #"{"code":"content_filter","message":"no"}"#)
        default: nil
        }
      } body: { endpoint in
        try place.configure(
          endpoint.url,
          folder: "tasks = [\"transcript\", \"spanish\"]",
          endpoint: "concurrency = 1\nmodel = \"clock\"\nprices = { input = 1, output = 2.5 }",
          """
          [task.transcript]
          [task.spanish]
          instruction = "To Spanish."
          system = "You translate."
          suffix = ".es"
          [clip]
          max_seconds = 5
          """
        )
        try place.drop(SpeechClock.wav(0..<20), as: "a.wav")
        try await place.daemon { _ in
          let usage = try await place.finished("a.wav")
          #expect(!usage.complete)
          #expect(usage.tasks.count == 2)
          try await place.validate("usage", "a.wav.usage.json")
        }
      }
    }
  }

  @Test func whatIsWrittenIsNotTakenForARecording() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, folder: "rescan_seconds = 5")
        try await place.daemon { _ in
          try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
          _ = try await place.finished("a.wav")
          try await place.watched()
          try place.drop(SpeechClock.wav(4..<8), as: "b.wav")
          _ = try await place.finished("b.wav")
          let status = try await place.status()
          #expect(status.jobs.count == 2)
          #expect(status.ignored.isEmpty)
          #expect(endpoint.clips.count == 2)
        }
      }
    }
  }
}

extension Workplace {
  /// Expects that the sidecar `name` is what the schema says. Asks the Python package jsonschema, which
  /// `DROPSCRIBE_PYTHON` has, and `python3` may have.
  func validate(_ schema: String, _ name: String) async throws {
    let top = FilePath(#filePath).removingLastComponent().appending("../..")
    let ended = try await run(
      ProcessInfo.processInfo.environment["DROPSCRIBE_PYTHON"] ?? "python3",
      [
        top.appending("Tests/validate_sidecar.py").string,
        top.appending("docs/schema/\(schema).schema.json").string, inbox.appending(name).string,
      ]
    )
    #expect(ended.status == .exited(0), "\(ended.output)\(ended.error)")
  }
}

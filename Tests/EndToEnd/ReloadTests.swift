import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What a changed configuration does to a running daemon.
@Suite(.timeLimit(.minutes(15))) struct ReloadTests {
  private static let clips = "[clip]\nmax_seconds = 5"

  private static func transcript(_ instruction: String) -> String {
    "\(clips)\n[task.transcript]\ninstruction = \"\(instruction)\""
  }

  @Test func aJobWithAReplyKeepsItsQuestionAndOneWithoutTakesTheNewOne() async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.index >= 3 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, endpoint: "concurrency = 1", Self.transcript("The old one."))
        try await place.daemon { daemon in
          try place.drop(SpeechClock.wav(0..<60), as: "begun.wav")
          try await place.eventually("a request in flight") { gate.arrived == 1 }
          try place.drop(SpeechClock.wav(100..<104), as: "waiting.wav")
          try await place.eventually("the second to be queued") {
            try await place.status().jobs.count == 2
          }
          try place.configure(endpoint.url, endpoint: "concurrency = 1", Self.transcript("The new one."))
          try await daemon.reload()
          gate.open()
          let begun = try await place.finished("begun.wav")
          let waiting = try await place.finished("waiting.wav")
          #expect(begun.tasks["transcript"]?.instruction == "The old one.")
          #expect(waiting.tasks["transcript"]?.instruction == "The new one.")
          #expect(begun.complete && waiting.complete)
          for clip in endpoint.clips {
            let isBegun = clip.seconds.allSatisfy { $0.number < 60 }
            #expect(clip.instruction == (isBegun ? "The old one." : "The new one."))
          }
          #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
        }
      }
    }
  }

  @Test func aFinishedRecordingIsNotBoughtAgainForAChangedInstruction() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, Self.transcript("The old one."))
        try await place.daemon { daemon in
          try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
          _ = try await place.finished("a.wav")
          try place.configure(endpoint.url, Self.transcript("The new one."))
          try await daemon.reload()
          try place.drop(SpeechClock.wav(4..<8), as: "b.wav")
          _ = try await place.finished("b.wav")
          #expect(endpoint.clips.map(\.instruction) == ["The old one.", "The new one."])
        }
      }
    }
  }

  @Test func anAddedTaskIsDoneForTheRecordingsThatAreThere() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        let spanish = "[task.transcript]\n[task.spanish]\ninstruction = \"To Spanish.\"\nsuffix = \".es\""
        try place.configure(endpoint.url)
        try await place.daemon { daemon in
          try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
          _ = try await place.finished("a.wav")
          try place.configure(endpoint.url, folder: "tasks = [\"transcript\", \"spanish\"]", spanish)
          try await daemon.reload()
          // The text comes first; until the usage sidecar follows, the old one stands.
          try await place.eventually("a usage sidecar that tells of both tasks") {
            let usage = try place.usage("a.wav")
            return usage?.complete == true && usage?.tasks.keys.sorted() == ["spanish", "transcript"]
          }
          #expect(place.text("a.wav.es.txt") == "0 1 2 3\n")
          #expect(endpoint.clips.count == 2)
          #expect(endpoint.clips.last?.instruction == "To Spanish.")
        }
      }
    }
  }

  @Test func moreThanTheBacklogWaitForARelease() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        let both = "tasks = [\"transcript\", \"spanish\"]\nbacklog = 2"
        let spanish = "[task.transcript]\n[task.spanish]\ninstruction = \"To Spanish.\""
        try place.configure(endpoint.url, folder: "backlog = 2")
        try await place.daemon { daemon in
          try await place.watched()
          for number in 0..<3 {
            try place.drop(SpeechClock.wav(number * 3..<number * 3 + 3), as: "\(number).wav")
            _ = try await place.finished("\(number).wav")
          }
          #expect(endpoint.clips.count == 3)
          try place.configure(endpoint.url, folder: both, spanish)
          try await daemon.reload()
          try await daemon.says("recordings that were there before wait")
          let status = try await place.status()
          #expect(status.counts["backlog"] == 3)
          // One that comes now is no backlog.
          try place.drop(SpeechClock.wav(20..<23), as: "new.wav")
          try await place.eventually("the new one") {
            ["new.wav.txt", "new.wav.spanish.txt"].allSatisfy { place.text($0) == "20 21 22\n" }
          }
          #expect(endpoint.clips.count == 5)
          #expect(place.text("0.wav.spanish.txt") == nil)

          let released = try await place.dropscribe("release")
          #expect(released.status.isSuccess)
          #expect(released.output.contains("3"))
          try await place.eventually("the backlog") {
            (0..<3).allSatisfy { place.text("\($0).wav.spanish.txt") != nil }
          }
          #expect(endpoint.clips.count == 8)
        }
      }
    }
  }

  @Test func theBacklogOfAFirstStartWaitsToo() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, folder: "backlog = \"none\"")
        try place.drop(SpeechClock.wav(0..<3), as: "old.wav")
        try await place.daemon { daemon in
          try await daemon.says("recordings that were there before wait")
          try await place.watched()
          try place.drop(SpeechClock.wav(3..<6), as: "new.wav")
          _ = try await place.finished("new.wav")
          #expect(endpoint.sendings.keys.sorted() == [3, 4, 5])
          daemon.signal(SIGTERM)
        }
        // The other way in: a command that finds no daemon does it itself.
        let released = try await place.dropscribe("release")
        #expect(released.output.contains("1"), "\(released.error)")
        try await place.daemon { _ in
          let isComplete = try await place.completes("old.wav")
          #expect(isComplete)
        }
      }
    }
  }

  @Test func aJobWhoseTaskIsGoneIsCancelledAndComesBackWithIt() async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.instruction == "To Spanish." { try await gate.pass() }
        return nil
      } body: { endpoint in
        let spanish = "\(Self.clips)\n[task.transcript]\n[task.spanish]\ninstruction = \"To Spanish.\""
        let both = "tasks = [\"transcript\", \"spanish\"]"
        try place.configure(endpoint.url, folder: both, endpoint: "concurrency = 1", spanish)
        try await place.daemon { daemon in
          try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
          try await place.eventually("the second task's request") { gate.arrived == 1 }
          try place.drop(SpeechClock.wav(4..<8), as: "b.wav")
          try await place.eventually("b.wav to be known") { try await place.status().jobs.count >= 4 }
          try place.configure(endpoint.url, folder: "", endpoint: "concurrency = 1", "[task.transcript]")
          try await daemon.reload()
          gate.open()
          try await place.eventually("the transcript of b.wav") { place.text("b.wav.txt") != nil }
          try await place.eventually("its other task to be cancelled") {
            try await place.status().jobs.contains {
              $0.path.hasSuffix("/b.wav") && $0.task == "spanish" && $0.state == "cancelled"
            }
          }
          #expect(!place.log.contains("the recording failed"))
          try place.configure(endpoint.url, folder: both, endpoint: "concurrency = 1", spanish)
          try await daemon.reload()
          try await place.eventually("the other task of b.wav") {
            place.text("b.wav.spanish.txt") == "4 5 6 7\n"
          }
        }
      }
    }
  }

  @Test func aFileWithErrorsLeavesTheOldConfigurationInForce() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, Self.transcript("The old one."))
        try await place.daemon { daemon in
          try place.configure(endpoint.url, Self.transcript("The new one.") + "\nmoddel = \"x\"")
          try await daemon.reload()
          #expect(daemon.log.contains("the new configuration cannot be used; the old one stays in force"))
          #expect(daemon.log.contains("moddel"))
          try place.drop(SpeechClock.wav(0..<4), as: "a.wav")
          let usage = try await place.finished("a.wav")
          #expect(usage.tasks["transcript"]?.instruction == "The old one.")
          #expect(endpoint.clips.map(\.instruction) == ["The old one."])
        }
      }
    }
  }
}

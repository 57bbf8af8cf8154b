import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Recordings that go away or change while they are at work, and files that only look like recordings.
@Suite(.timeLimit(.minutes(15))) struct ChangingFileTests {
  /// Runs a daemon that is amid `a.wav`, whose 40 seconds make about eight clips; `gate` holds all but three.
  private func amidTheWork(
    _ body: (Workplace, ClockEndpoint, Gate) async throws -> Void
  ) async throws {
    try await Workplace.with { place in
      let gate = Gate()
      try await ClockEndpoint.with { clip in
        if clip.index >= 3 { try await gate.pass() }
        return nil
      } body: { endpoint in
        try place.configure(endpoint.url, folder: "rescan_seconds = 5", "[clip]\nmax_seconds = 5")
        try await place.daemon { _ in
          try await place.watched()
          try place.drop(SpeechClock.wav(0..<40), as: "a.wav")
          try await place.eventually("requests in flight") { gate.arrived > 0 }
          try await body(place, endpoint, gate)
        }
      }
    }
  }

  private static let text = (0..<40).map(String.init).joined(separator: " ") + "\n"

  @Test func nothingIsWrittenBesideADeletedRecordingAndNothingBoughtAgainWhenItComesBack() async throws {
    try await amidTheWork { place, endpoint, gate in
      let aside = place.root.appending("taken-away.wav")
      try place.move(place.inbox.appending("a.wav"), to: aside)
      try await place.eventually("the loss to be noticed") { place.log.contains("a recording is gone") }
      gate.open()
      try place.drop(SpeechClock.wav(50..<53), as: "other.wav")
      _ = try await place.finished("other.wav")
      #expect(place.text("a.wav.txt") == nil)
      #expect(place.text("a.wav.usage.json") == nil)
      try place.move(aside, to: place.inbox.appending("a.wav"))
      let usage = try await place.finished("a.wav")
      #expect(usage.complete)
      #expect(place.text("a.wav.txt") == Self.text)
      #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
    }
  }

  @Test func aRecordingThatIsReplacedAmidTheWorkGetsTheTextOfItsNewBytes() async throws {
    try await amidTheWork { place, endpoint, gate in
      try place.drop(SpeechClock.wav(60..<66), as: "a.wav")
      gate.open()
      try await place.eventually("the new text") { place.text("a.wav.txt") == "60 61 62 63 64 65\n" }
      let usage = try await place.finished("a.wav")
      #expect(usage.complete)
      #expect(try place.names() == ["a.wav", "a.wav.txt", "a.wav.usage.json"])
    }
  }

  @Test func aRecordingThatGrowsAmidTheWorkGetsTheTextOfAllOfIt() async throws {
    try await amidTheWork { place, endpoint, gate in
      // In place: the same inode, other bytes.
      try place.write(SpeechClock.wav(70..<77), to: place.inbox.appending("a.wav"))
      gate.open()
      try await place.eventually("the new text") { place.text("a.wav.txt") == "70 71 72 73 74 75 76\n" }
      let usage = try await place.finished("a.wav")
      #expect(usage.complete)
      #expect(try place.names() == ["a.wav", "a.wav.txt", "a.wav.usage.json"])
    }
  }

  @Test func aFIFOALinkAndAFolderThatAreNamedLikeRecordingsAreLeftAlone() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        try place.write(SpeechClock.wav(90..<93), to: place.root.appending("outside.wav"))
        #expect(mkfifo(place.inbox.appending("fifo.wav").string, 0o600) == 0)
        #expect(symlink("../outside.wav", place.inbox.appending("link.wav").string) == 0)
        try place.makeFolder(place.inbox.appending("folder.wav"))
        try place.drop(SpeechClock.wav(0..<3), as: "a.wav")
        try await place.daemon { daemon in
          _ = try await place.finished("a.wav")
          try await place.watched()
          try place.drop(SpeechClock.wav(3..<6), as: "folder.wav/b.wav")
          _ = try await place.finished("folder.wav/b.wav")
          #expect(endpoint.sendings.keys.sorted() == Array(0..<6))
          daemon.signal(SIGTERM)
        }
        #expect(place.text("link.wav.txt") == nil)
      }
    }
  }

  @Test func aNameIsBytesAndItsSidecarsHaveTheSame() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url)
        // A new line, a leading dash, a quote, Latin-1, and 255 bytes.
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 251) + Array(".wav".utf8)
        let names: [[UInt8]] = [
          Array("-new\nline \"'.wav".utf8), [0xE9, 0x74, 0xE9] + Array(".wav".utf8), long,
        ]
        for (number, name) in names.enumerated() {
          let aside = place.root.appending("aside")
          try place.write(SpeechClock.wav(number * 3..<number * 3 + 3), to: aside)
          let path = Array("\(place.inbox)/".utf8) + name + [0]
          let renamed = path.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { rename(aside.string, $0.baseAddress!) }
          }
          #expect(renamed == 0)
        }
        let ended = try await place.dropscribe("run", "--once")
        #expect(ended.status == .exited(0), "\(ended.error)")
        // The log has a line for each thing, whatever it is called.
        #expect(ended.error.split(separator: "\n").allSatisfy { $0.hasPrefix("2") })
        #expect(place.text("-new\nline \"'.wav.txt") == "0 1 2\n")
        let texts = try await place.run("find", ["inbox", "-name", "*.txt", "-print0"])
        #expect(texts.output.split(separator: "\0").count == 3)
        let raw = Array("\(place.inbox)/".utf8) + names[1] + Array(".txt".utf8) + [0]
        let isThere = raw.withUnsafeBufferPointer { bytes in
          bytes.withMemoryRebound(to: CChar.self) { access($0.baseAddress!, R_OK) == 0 }
        }
        #expect(isThere)
        #expect(endpoint.clips.count == 3)
      }
    }
  }
}

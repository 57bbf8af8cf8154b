import Messages
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A recording that takes its slicer over can spoil its own text, and nothing else.
@Suite(.timeLimit(.minutes(15))) struct HostileSlicerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    /// What a shell does instead of slicing; `$silence` is a file of frames, `$pid` one to write to.
    var script: String
    var reason: String

    var testDescription: String { reason }
  }

  static let cases = [
    Case(script: "kill -SEGV $$", reason: "the slicer crashed (SIGSEGV)"),
    Case(script: "kill -SYS $$", reason: "the slicer was killed for a system call that is forbidden to it"),
    Case(script: "kill -XCPU $$", reason: "the slicer used up the CPU time"),
    Case(script: "exit 3", reason: "the slicer ended without a verdict, with status 3"),
    Case(script: "exec /bin/cat /dev/urandom", reason: "the slicer wrote what is no frame"),
    Case(
      script: #"/usr/bin/printf 'C\377\377\377\377'; exec /bin/cat /dev/zero"#,
      reason: "the slicer wrote what is no frame"
    ),
    Case(
      script: "while :; do /bin/cat $silence; done",
      reason: "the slicer said what no pass over a recording does"
    ),
    Case(script: "/bin/sleep 1000 & echo $! > $pid; exit 0", reason: "the slicer ended without a verdict"),
  ]

  @Test(arguments: cases)
  func theDaemonLivesTheRecordingEndsAndTheNextOneGoesOn(_ hostile: Case) async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        let (slicer, pid) = (place.root.appending("slicer"), place.root.appending("pid"))
        let silence = place.root.appending("silence")
        try place.write(
          (0..<1000).flatMap { _ in
            SliceFrame.silence(ClipRange(start: 0, end: 1 << 47), channel: nil).encoded
          },
          to: silence
        )
        // A recording of a second takes its slicer over; others are sliced.
        try place.write(
          """
          #!/bin/sh
          pid=\(pid) silence=\(silence)
          if [ $(/usr/bin/stat -L -c %s /proc/self/fd/0) -gt 50000 ]; then
            exec \(BuiltProducts.executable("dropscribe-slice")) "$@"
          fi
          \(hostile.script)
          """,
          to: slicer
        )
        try await place.prepare("chmod", "+x", slicer.string)
        try place.configure(endpoint.url, "[daemon]\nslicer = \"\(slicer)\"")
        try await place.daemon { daemon in
          try place.drop(SpeechClock.wav(0..<1), as: "hostile.wav")
          let usage = try await place.finished("hostile.wav")
          #expect(!usage.complete)
          let error = try #require(place.text("hostile.wav.error.json"))
          #expect(error.contains(hostile.reason), "\(error)")
          #expect(endpoint.clips.isEmpty)
          try place.drop(SpeechClock.wav(0..<4), as: "next.wav")
          #expect(try await place.completes("next.wav"))
          #expect(place.text("next.wav.txt") == "0 1 2 3\n")
          #expect(daemon.children("dropscribe-slice").isEmpty)
          if let orphan = place.bytes(pid) {
            // Whoever adopted it reaps it.
            let facts = "/proc/\(String(decoding: orphan, as: UTF8.self).trimmed)/stat"
            try await place.eventually("the end of what it started") {
              place.bytes(FilePath(facts)).map { String(decoding: $0, as: UTF8.self).contains(" Z ") } ?? true
            }
          }
        }
      }
    }
  }
}

extension String {
  fileprivate var trimmed: Substring { self.prefix { $0.isNumber } }
}

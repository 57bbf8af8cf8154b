import FoundationEssentials
import Glibc
import Messages
import SystemPackage
import TestSupport
import Testing

@testable import Dropscribe

/// One job's turn, whatever its slicer and its file do meanwhile.
@Suite(.serialized, .timeLimit(.minutes(4))) struct JobRunTests {
  @Test func aSlicerThatDiedIsStartedAgainAndNothingIsAskedTwice() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      let some = try fixture.slicer.file([FakeSlicer.format] + FakeSlicer.clips(0..<2))
      // Told which clips it need not give again, it gives the rest.
      let rest = try fixture.slicer.file(
        [FakeSlicer.format] + FakeSlicer.clips(2..<5) + [FakeSlicer.end(5)]
      )
      let program = try fixture.program([
        "/bin/cat \(some); kill -KILL $$", "exec /bin/cat \(rest)",
      ])
      try await fixture.finish(fixture.dispatcher(program))
      let (job, clips) = try await fixture.job(recording)
      #expect(job.state == .done)
      #expect(job.source?.damage == nil)
      #expect(clips.map(\.reply?.text) == (0..<5).map { "\($0)" })
      #expect(fixture.asked.values.allSatisfy { $0 == 1 })
      #expect(try fixture.starts == 2)
    }
  }

  @Test func aSlicerThatGivesClipsTwiceIsNotBelievedAndWhatItGaveIsAskedOnce() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      let frames =
        [FakeSlicer.format] + FakeSlicer.clips(0..<2) + FakeSlicer.clips(0..<3) + [
          FakeSlicer.end(3)
        ]
      try await fixture.finish(fixture.dispatcher(try fixture.slicer.saying(frames)))
      let (job, clips) = try await fixture.job(recording)
      #expect(clips.map(\.state) == [.done, .done])
      #expect(job.source?.damage != nil)
      #expect(fixture.asked.values.allSatisfy { $0 == 1 })
    }
  }

  @Test func aSlicerThatAlwaysDiesIsGivenUpAndWhatItGaveIsKept() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      let some = try fixture.slicer.file([FakeSlicer.format] + FakeSlicer.clips(0..<2))
      let program = try fixture.program(["/bin/cat \(some); kill -KILL $$"])
      try await fixture.finish(fixture.dispatcher(program))
      let (job, clips) = try await fixture.job(recording)
      #expect(job.state == .done)
      #expect(job.source?.damage?.contains("SIGKILL") == true)
      #expect(clips.map(\.state) == [.done, .done])
      #expect(try fixture.starts == JobRun.mostPasses)
    }
  }

  @Test(arguments: ["kill -SEGV $$", "echo no frame at all", "exit 0"])
  func aRecordingThatNoSlicerCanReadFailsWithAReason(_ script: String) async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      try await fixture.finish(fixture.dispatcher(try fixture.slicer.program(script)))
      let job = try await fixture.job(recording).job
      #expect(job.state == .failed)
      #expect(job.reason?.contains("slicer") == true)
      #expect(fixture.server.requests.isEmpty)
    }
  }

  @Test func aVerdictOfTheSlicerIsTheJobsReason() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.m4a")
      let end = FakeSlicer.end(
        0,
        .decoderMissing,
        "it can be read only by ffmpeg, and there is none"
      )
      try await fixture.finish(fixture.dispatcher(try fixture.slicer.saying([end])))
      let job = try await fixture.job(recording).job
      #expect(job.state == .failed)
      #expect(job.reason == "it can be read only by ffmpeg, and there is none")
      #expect(job.lacks == .ffmpeg)
    }
  }

  @Test func aRecordingWithoutSoundIsDone() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      try await fixture.finish(
        fixture.dispatcher(try fixture.slicer.saying([FakeSlicer.format, FakeSlicer.end(6)]))
      )
      let job = try await fixture.job(recording).job
      #expect(job.state == .done)
      #expect(
        job.source?.silences == [
          .init(range: ClipRange(start: 0, end: 960_000), channel: nil)
        ]
      )
    }
  }

  @Test func channelsAreAskedByThemselvesAndEqualOnesOnce() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      var task = JournalFixture.task()
      task.clip.channels = .split
      try fixture.journal.reload(JournalFixture.configuration(tasks: [task]))
      let recording = try await fixture.record("a.wav")
      let places: [(second: Int64, channel: Int, equal: Int?)] = [
        (0, 0, nil), (0, 1, 0), (10, 0, nil), (20, 1, nil),
      ]
      let cuts = places.enumerated().map { index, place in
        var cut = JournalFixture.cut(index, place.equal == nil ? "\(index)" : "")
        let start = place.second * 16_000
        cut.range = ClipRange(start: start, end: start + 160_000)
        cut.speech = [cut.range]
        (cut.channel, cut.equalChannel) = (place.channel, place.equal)
        return SliceFrame.clip(cut)
      }
      let format = SliceFrame.format(
        .init(name: "WAV", sampleRate: 8000, channels: 2, declaredFrames: nil)
      )
      let frames = [format] + cuts + [FakeSlicer.end(4)]
      try await fixture.finish(fixture.dispatcher(try fixture.slicer.saying(frames)))
      let (job, clips) = try await fixture.job(recording)
      #expect(job.state == .done)
      #expect(clips.map(\.state) == [.done, .equal, .done, .done])
      #expect(clips.map(\.channel) == [0, 1, 0, 1])
      #expect(fixture.server.requests.count == 3)
      func silence(_ seconds: ClosedRange<Int64>, _ channel: Int) -> SourceFacts.Silence {
        let (start, end) = (seconds.lowerBound * 16_000, seconds.upperBound * 16_000)
        return .init(range: ClipRange(start: start, end: end), channel: channel)
      }
      #expect(job.source?.silences == [silence(20...40, 0), silence(10...20, 1), silence(30...40, 1)])
    }
  }

  @Test func whatASlicerDoesNotGiveAgainBecomesAGapAndTheJobEnds() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      let claim = try #require(try await fixture.journal.claim())
      for index in 0..<3 {
        _ = try await fixture.journal.journal.enter(
          JournalFixture.cut(index, "\(index)"),
          of: claim.job
        )
      }
      try await fixture.journal.journal.requeue(claim.job.id)
      let frames =
        [FakeSlicer.format] + FakeSlicer.clips(0..<2) + [
          FakeSlicer.end(2, .damaged, "it is cut off")
        ]
      try await fixture.finish(fixture.dispatcher(try fixture.slicer.saying(frames)))
      let (job, clips) = try await fixture.job(recording)
      #expect(job.state == .done)
      #expect(clips.map(\.state) == [.done, .done, .gap])
      #expect(clips[2].detail == "it is cut off")
    }
  }

  @Test func aSlicerThatSkipsAPlaceIsNotBelieved() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      let frames =
        [FakeSlicer.format] + FakeSlicer.clips(0..<1) + FakeSlicer.clips(2..<3) + [
          FakeSlicer.end(3)
        ]
      try await fixture.finish(fixture.dispatcher(try fixture.slicer.saying(frames)))
      let (job, clips) = try await fixture.job(recording)
      #expect(clips.map(\.index) == [0])
      #expect(job.source?.damage?.contains("left clips out") == true)
    }
  }

  @Test func aRecordingThatIsRenamedMeanwhileKeepsItsReplies() async throws {
    let gate = Gate()
    try await DispatchFixture.with(DispatchFixture.echo(behind: gate)) { fixture in
      let recording = try await fixture.record("a.wav")
      let dispatcher = fixture.dispatcher(try fixture.slicer.saying(FakeSlicer.whole(2)))
      try await fixture.run(dispatcher) {
        if gate.arrived > 0, rename(recording.path.string, recording.path.string + ".moved") == 0 {
          gate.open()
        }
        return try await fixture.job(recording).job.state == .done
      }
      #expect(try await fixture.job(recording).clips.map(\.state) == [.done, .done])
    }
  }

  @Test func aRecordingThatIsReplacedMeanwhileIsDroppedAndWaitsToBeFoundAnew() async throws {
    let gate = Gate()
    try await DispatchFixture.with(DispatchFixture.echo(behind: gate)) { fixture in
      let recording = try await fixture.record("a.wav")
      let dispatcher = fixture.dispatcher(try fixture.slicer.saying(FakeSlicer.whole(2)))
      try await fixture.run(dispatcher) {
        if gate.arrived == 1 {
          try TemporaryFolder.write("something longer", to: recording.path)
          gate.open()
        }
        return try await fixture.journal.journal.known(at: recording.path) == nil
      }
      let (job, clips) = try await fixture.job(recording)
      #expect(job.state == .queued)
      #expect(clips.isEmpty)
    }
  }

  @Test func aFileThatCannotBeReadNowIsHeldAndNotFailed() async throws {
    try await DispatchFixture.with(DispatchFixture.echo) { fixture in
      let recording = try await fixture.record("a.wav")
      // A socket cannot be opened: the system's word, whoever asks.
      #expect(unlink(recording.path.string) == 0)
      let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(socket) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) {
        $0.copyBytes(from: recording.path.string.utf8)
      }
      let bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try #require(bound == 0)
      let dispatcher = fixture.dispatcher(try fixture.slicer.saying(FakeSlicer.whole(1)))
      try await fixture.run(dispatcher) { try await fixture.job(recording).job.reason != nil }
      let job = try await fixture.job(recording).job
      #expect(job.state == .queued)
      #expect(job.reason?.contains("make it readable") == true)
      #expect(await fixture.lane.deferred().jobs == [job.id])
    }
  }

}

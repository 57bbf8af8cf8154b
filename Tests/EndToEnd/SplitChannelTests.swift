import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `channels = "split"`: a person on each channel.
@Suite(.timeLimit(.minutes(15))) struct SplitChannelTests {
  @Test func aCallBecomesALabelledConversation() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(
          endpoint.url,
          "[clip]\nchannels = \"split\"\nchannel_labels = [\"Agent\", \"Customer\"]"
        )
        try place.write(SpeechClock.wav(0..<6), to: place.root.appending("hello.wav"))
        try place.write(SpeechClock.wav(20..<24), to: place.root.appending("bye.wav"))
        try place.write(SpeechClock.wav(40..<46), to: place.root.appending("answer.wav"))
        try await place.prepare("sox", "bye.wav", "later.wav", "pad", "9")
        try await place.prepare("sox", "hello.wav", "later.wav", "agent.wav")
        try await place.prepare("sox", "answer.wav", "customer.wav", "pad", "7")
        try await place.prepare("sox", "-M", "agent.wav", "customer.wav", "call.wav")
        try place.move(place.root.appending("call.wav"), to: place.inbox.appending("call.wav"))
        let ended = try await place.dropscribe("run", "--once")
        #expect(ended.status == .exited(0), "\(ended.error)")
        #expect(
          place.text("call.wav.txt") == """
            Agent: 0 1 2 3 4 5

            Customer: 40 41 42 43 44 45

            Agent: 20 21 22 23

            """
        )
        let usage = try #require(try place.usage("call.wav"))
        #expect(usage.complete)
        let clips = try #require(usage.tasks["transcript"]).clips
        #expect(clips.map(\.channel).sorted { $0 ?? 0 < $1 ?? 0 } == [1, 1, 2])
        #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test func oneMicrophoneOnTwoChannelsCostsWhatOneDoes() async throws {
    try await Workplace.with { place in
      try await ClockEndpoint.with { endpoint in
        try place.configure(endpoint.url, "[clip]\nmax_seconds = 5\nchannels = \"split\"")
        try place.write(SpeechClock.wav(0..<12), to: place.root.appending("one.wav"))
        try await place.prepare("sox", "-M", "one.wav", "one.wav", "both.wav")
        try place.move(place.root.appending("both.wav"), to: place.inbox.appending("both.wav"))
        let ended = try await place.dropscribe("run", "--once")
        #expect(ended.status == .exited(0), "\(ended.error)")
        #expect(place.text("both.wav.txt") == (0..<12).map(String.init).joined(separator: " ") + "\n")
        #expect(endpoint.sendings.values.allSatisfy { $0 == 1 })
        let clips = try #require(try place.usage("both.wav")?.tasks["transcript"]).clips
        #expect(clips.allSatisfy { $0.state == ($0.channel == 1 ? "done" : "equal") })
        #expect(clips.filter { $0.channel == 2 }.count == endpoint.clips.count)
      }
    }
  }
}

import Glibc
import Messages
import Testing

@testable import Slicing

/// The built program with each channel cut by itself.
@Suite struct SplitTests {
  /// The clock's tones, an octave up where `isHigh`.
  private static func clock(_ seconds: Double, isHigh: Bool) -> Signal {
    Signal(rate: 16_000, seconds: seconds) { time in
      0.25 * sin(2 * .pi * (isHigh ? 2 : 1) * Signal.pitch(Int(time)) * time)
    }
  }

  @Test func `each channel has clips of its own, with its own sound`() throws {
    let folder = try Folder()
    let channels = [Self.clock(25, isHigh: false), Self.clock(25, isHigh: true)]
    try Shell.write(Signal.floatWAV(channels), to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav")) { ($0.maxSeconds, $0.channels) = (10, .split) }
    sliced.expectCoverage(ofChannels: 2)
    #expect(sliced.clips.map(\.index) == Array(sliced.clips.indices))
    #expect(sliced.clips.allSatisfy { $0.equalChannel == nil })
    for clip in sliced.clips {
      let octave = try Double(#require(clip.channel)) + 1
      for second in Int(clip.range.startSeconds.rounded(.up))..<Int(clip.range.endSeconds) {
        let start = second * 16_000 - Int(clip.range.start) + 2400
        let heard = clip.samples[start..<start + 11_200]
        #expect(Signal.part(at: octave * Signal.pitch(second), of: heard) > 0.95)
      }
    }
  }

  @Test(arguments: [0.0, 0.0005]) func `channels that say the same are sent once`(hiss: Double) throws {
    let folder = try Folder()
    let speech = Self.clock(25, isHigh: false)
    let noise = Signal.noise(seconds: 25, dBFS: -96)
    let other = hiss > 0 ? speech.mixed(with: noise) : speech
    try Shell.write(Signal.floatWAV([speech, other, speech]), to: folder.file("a.wav"))
    let sliced = try Sliced(folder.file("a.wav")) { ($0.maxSeconds, $0.channels) = (10, .split) }
    sliced.expectCoverage(ofChannels: 3)
    for clip in sliced.clips {
      #expect(clip.equalChannel == (clip.channel == 0 ? nil : 0))
      #expect(clip.audio.isEmpty == (clip.channel != 0))
    }
  }

  @Test func `one channel, or more than can be told apart, make one signal`() throws {
    let folder = try Folder()
    for count in [1, SliceRequest.mostSplitChannels + 1] {
      let channels = (0..<count).map { _ in Self.clock(6, isHigh: false) }
      try Shell.write(Signal.floatWAV(channels), to: folder.file("a.wav"))
      let sliced = try Sliced(folder.file("a.wav")) { $0.channels = .split }
      #expect(sliced.clips.map(\.channel) == [nil])
      RecordingTests.expectClock(sliced, seconds: 6)
    }
  }

  /// A call: each speaks while the other is silent, and both at once at the end.
  private static func call(_ folder: borrowing Folder) throws -> String {
    for (voice, name, pads) in [("en-us+m3", "a", ["2@4"]), ("en-gb+f2", "b", ["7", "3@9"])] {
      let text = "Good morning. I am calling about the parcel that was to come on Monday. Has it been sent?"
      try Shell.make("espeak-ng", ["-v", voice, "-w", folder.file("\(name)0.wav"), text])
      let once = folder.file("\(name)0.wav")
      try Shell.make("sox", [once, once, "-r", "8000", folder.file("\(name).wav"), "pad"] + pads)
    }
    try Shell.make("sox", ["-M", folder.file("a.wav"), folder.file("b.wav"), folder.file("call.wav")])
    return folder.file("call.wav")
  }

  @Test func `silence is left out channel by channel, and a resumed call is cut as if it had never stopped`()
    throws
  {
    let folder = try Folder()
    let call = try Self.call(folder)
    func slice(_ pinned: [SliceRequest.Pinned] = []) throws -> Sliced {
      try Sliced(call) { request in
        (request.maxSeconds, request.skipSilenceSeconds, request.channels) = (6, 1.5, .split)
        request.pinned = pinned
      }
    }
    let whole = try slice()
    whole.expectCoverage(ofChannels: 2)
    #expect(Set(whole.silentChannels) == [0, 1])
    #expect(whole.clips.count > 4 && Set(whole.clips.map(\.channel)) == [0, 1])
    for count in 0...whole.clips.count {
      let resumed = try slice(
        whole.clips.prefix(count).map {
          .init(channel: $0.channel, range: $0.range, wanted: $0.index % 2 == 1)
        }
      )
      let expected = whole.clips.filter { $0.index >= count || $0.index % 2 == 1 }
      #expect(resumed.clips.sorted { $0.index < $1.index } == expected)
      #expect(resumed.end == whole.end)
      resumed.expectSilences(of: whole)
    }
  }

  @Test func `by hand, clips name their channel`() throws {
    let folder = try Folder()
    let speech = Self.clock(6, isHigh: false)
    try Shell.write(Signal.floatWAV([speech, speech]), to: folder.file("a.wav"))
    let arguments = [folder.file("a.wav"), "--channels", "split", "--out", folder.file("clips")]
    #expect(Shell.run(Sliced.program, arguments).status == 0)
    let query = "[.clips[] | [.channel, .equal_channel, .file]] | tojson"
    let list = Shell.run("jq", ["-r", query], input: folder.file("clips/clips.json"))
    #expect(list.text == "[[0,null,\"0001.wav\"],[1,0,null]]\n")
    #expect(access(folder.file("clips/0002.wav"), F_OK) != 0)
  }
}

extension Sliced {
  /// Expects the silences of another pass, in whatever order the channels came.
  fileprivate func expectSilences(of other: Sliced) {
    func sorted(_ sliced: Sliced) -> [[Int64]] {
      zip(sliced.silences, sliced.silentChannels)
        .map { [Int64($0.1 ?? -1), $0.0.start, $0.0.end] }
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    #expect(sorted(self) == sorted(other))
  }
}

@Suite struct EqualSignalsTests {
  private static func areEqual(_ left: [Int16], _ right: [Int16]) -> Bool {
    left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { EqualSignals.holds(left, $0) } }
  }

  private static func tone(_ level: Double, _ hertz: Double = 440) -> [Int16] {
    Signal(seconds: 3) { level * sin(2 * .pi * hertz * $0) }.samples.map { Int16($0 * 32_767) }
  }

  @Test func `what differs by rounding or by a breath of hiss is equal`() {
    var dice = Dice(seed: 3)
    let tone = Self.tone(0.5)
    #expect(Self.areEqual(tone, tone))
    #expect(Self.areEqual([], []))
    #expect(Self.areEqual(tone, tone.map { $0 + Int16.random(in: -2...2, using: &dice) }))
    #expect(Self.areEqual(Self.tone(0), Self.tone(0).map { _ in Int16.random(in: -4...4, using: &dice) }))
  }

  @Test func `what somebody could hear is not`() {
    let tone = Self.tone(0.5)
    #expect(!Self.areEqual(tone, tone.map { $0 / 2 }))
    #expect(!Self.areEqual(tone, tone.map { -$0 }))
    #expect(!Self.areEqual(tone, Self.tone(0)))
    #expect(!Self.areEqual(tone, Array(tone.dropLast())))
    #expect(!Self.areEqual(Self.tone(0), Self.tone(0.001)))
  }

  @Test func `a short word amid three seconds that are equal is heard`() {
    let tone = Self.tone(0.2)
    var other = tone
    for index in 20_000..<21_600 { other[index] += Int16(60 * sin(Double(index) / 5)) }
    #expect(Self.areEqual(Array(tone.prefix(19_200)), Array(other.prefix(19_200))))
    #expect(!Self.areEqual(Self.tone(0), zip(tone, other).map { $1 - $0 }))
    for index in 20_000..<21_600 { other[index] += Int16(600 * sin(Double(index) / 5)) }
    #expect(!Self.areEqual(tone, other))
  }
}

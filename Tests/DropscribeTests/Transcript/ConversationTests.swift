import Messages
import Testing

@testable import Dropscribe

/// Channels that were cut each by itself, as one text.
@Suite struct ConversationTests {
  @Test func turnsStandInOrderOfTimeUnderTheirLabels() {
    let clips = [
      clip(0, 0, 0...4, "Hello."), clip(1, 1, 5...9, "Hi,"), clip(2, 1, 9...14, "it is me."),
      clip(3, 0, 15...20, "Who?"),
    ]
    let talk = conversation(clips, labels: ["Agent"])
    #expect(talk.text == "Agent: Hello.\n\nChannel 2: Hi, it is me.\n\nAgent: Who?\n")
    #expect(talk.gaps.isEmpty && talk.warnings.isEmpty)
  }

  @Test func whoIsHeardFirstSpeaksFirst() {
    let clips = [
      clip(0, 0, 0...30, "second", speech: [3...29]), clip(1, 1, 0...20, "first", speech: [1...19]),
    ]
    #expect(conversation(clips).text == "Channel 2: first\n\nChannel 1: second\n")
  }

  @Test func whoSaysNothingBreaksNoTurn() {
    var hum = clip(1, 1, 4...6, "", speech: [])
    hum.state = .noSpeech
    var equal = clip(2, 1, 6...8, "")
    equal.state = .equal
    let clips = [clip(0, 0, 0...4, "One,"), hum, equal, clip(3, 0, 4...8, "two.")]
    #expect(conversation(clips).text == "One, two.\n")
  }

  @Test func aPauseInATurnBeginsAParagraphOfIt() {
    let clips = [clip(0, 0, 0...4, "One."), clip(1, 0, 10...14, "Two."), clip(2, 1, 20...24, "Three.")]
    let silences = [SourceFacts.Silence(range: range(4...10), channel: 0)]
    #expect(
      conversation(clips, silences).text == "Channel 1: One.\n\nTwo.\n\nChannel 2: Three.\n"
    )
    let other = [SourceFacts.Silence(range: range(4...10), channel: 1)]
    let close = [clip(0, 0, 0...4, "One."), clip(1, 0, 4...14, "Two."), clip(2, 1, 20...24, "Three.")]
    #expect(conversation(close, other).text == "Channel 1: One. Two.\n\nChannel 2: Three.\n")
  }

  @Test func gapsAndDoubtsNameTheirChannel() {
    var lost = clip(1, 1, 10...20, "")
    (lost.state, lost.gap, lost.reply) = (.gap, .contentFilter, nil)
    var doubtful = clip(0, 0, 0...12, "One")
    doubtful.joint = .doubtful
    let talk = conversation([doubtful, lost, clip(2, 0, 12...30, "two.")])
    #expect(
      talk.text
        == "Channel 1: One\n\nChannel 2: [no transcript 0:10–0:20: content filter]\n\nChannel 1: two.\n"
    )
    #expect(talk.gaps.map(\.channel) == [1])
    #expect(talk.warnings.map(\.kind) == [.doubtfulJoint])
    #expect(talk.warnings.map(\.channel) == [0])
  }

  @Test func whereNobodySpeaksThereIsOneWarning() {
    var clips = [clip(0, 0, 0...10, "", speech: []), clip(1, 1, 0...10, "", speech: [])]
    for index in clips.indices { clips[index].state = .noSpeech }
    let talk = conversation(clips)
    #expect(talk.text.isEmpty)
    #expect(talk.warnings.map(\.kind) == [.noSpeech])
  }

  @Test func aSingleChannelHasNoLabel() {
    var equal = clip(1, 1, 0...10, "")
    equal.state = .equal
    #expect(conversation([clip(0, 0, 0...10, "Hello."), equal], labels: ["Agent"]).text == "Hello.\n")
  }

  private func conversation(
    _ clips: [Clip],
    _ silences: [SourceFacts.Silence] = [],
    labels: [String] = []
  ) -> Conversation {
    var settings = ClipSettings()
    (settings.channels, settings.channelLabels) = (.split, labels)
    return Conversation(clips: clips.reversed(), silences: silences, settings: settings)
  }

  private func range(_ seconds: ClosedRange<Double>) -> ClipRange {
    ClipRange(start: Int64(seconds.lowerBound * 16_000), end: Int64(seconds.upperBound * 16_000))
  }

  private func clip(
    _ index: Int,
    _ channel: Int,
    _ seconds: ClosedRange<Double>,
    _ text: String,
    speech: [ClosedRange<Double>]? = nil
  ) -> Clip {
    Clip(
      id: Int64(index),
      job: 1,
      index: index,
      channel: channel,
      range: range(seconds),
      joint: .end,
      speech: (speech ?? [seconds]).map(range),
      level: -30,
      state: .done,
      reply: Reply(text: text)
    )
  }
}

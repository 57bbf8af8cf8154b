import Messages
import Testing

@testable import Dropscribe

@Suite struct TranscriptTests {
  @Test func repliesStandInTheOrderOfTheRecording() {
    let clips = [clip(2, 60...90, "three"), clip(0, 0...30, "One"), clip(1, 30...60, "two")]
    #expect(Transcript(clips: clips, silences: []).text == "One two three\n")
  }

  @Test func aLongPauseBeginsAParagraph() {
    let apart = [
      clip(0, 0...30, "One.", speech: [1...28]), clip(1, 30...60, "Two.", speech: [31...59]),
    ]
    #expect(Transcript(clips: apart, silences: []).text == "One.\n\nTwo.\n")
    let close = [
      clip(0, 0...30, "One.", speech: [1...28.5]), clip(1, 30...60, "Two.", speech: [30.4...59]),
    ]
    #expect(Transcript(clips: close, silences: []).text == "One. Two.\n")
  }

  @Test func aSilenceThatWasLeftOutBeginsAParagraph() {
    let clips = [clip(0, 0...30, "One."), clip(1, 31...60, "Two.")]
    #expect(Transcript(clips: clips, silences: []).text == "One. Two.\n")
    #expect(Transcript(clips: clips, silences: [range(30...31)]).text == "One.\n\nTwo.\n")
  }

  @Test func aGapStandsAsAMarkInAParagraphOfItsOwn() {
    let clips = [
      clip(0, 0...720, "Before."), gap(1, 720...750, .contentFilter, detail: "hate: high"),
      clip(2, 750...780, "after."),
    ]
    let transcript = Transcript(clips: clips, silences: [])
    #expect(
      transcript.text == "Before.\n\n[no transcript 12:00–12:30: content filter]\n\nafter.\n"
    )
    #expect(transcript.gaps.map(\.range) == [range(720...750)])
    #expect(transcript.gaps.first?.details == ["hate: high"])
  }

  @Test func gapsThatTouchAndHaveOneReasonAreOne() {
    let clips = [
      gap(0, 0...30, .failed, detail: "413"), gap(1, 30...60, .failed, detail: "413"),
      gap(2, 60...90, .failed, detail: "500"), gap(3, 90...120, .empty), gap(4, 130...140, .empty),
    ]
    let transcript = Transcript(clips: clips, silences: [])
    #expect(
      transcript.text == """
        [no transcript 0:00–1:30: request failed]

        [no transcript 1:30–2:00: empty reply]

        [no transcript 2:10–2:20: empty reply]

        """
    )
    #expect(transcript.gaps.map(\.details) == [["413", "500"], [], []])
  }

  @Test func timesOverAnHourHaveHours() {
    let clips = [gap(0, 3599.5...3600.2, .unknown), gap(1, 36_000...36_030, .refusal)]
    #expect(
      Transcript(clips: clips, silences: []).text == """
        [no transcript 59:59–1:00:01: no reply arrived]

        [no transcript 10:00:00–10:00:30: refused by the model]

        """
    )
  }

  @Test func aClipWithoutSpeechLeavesNoMark() {
    var quiet = clip(1, 30...60, "")
    quiet.state = .noSpeech
    let transcript = Transcript(
      clips: [clip(0, 0...30, "One."), quiet, clip(2, 60...90, "Two.")],
      silences: []
    )
    #expect(transcript.text == "One.\n\nTwo.\n")
    #expect(transcript.gaps.isEmpty)
  }

  @Test func aRecordingWithoutSpeechIsAnEmptyTextAndAWarning() {
    var quiet = clip(0, 0...30, "")
    quiet.state = .noSpeech
    let transcript = Transcript(clips: [quiet], silences: [])
    #expect(transcript.text.isEmpty)
    #expect(transcript.warnings.map(\.kind) == [.noSpeech])
  }

  @Test(arguments: [(SliceRequest.Skip.silence, Transcript.Warning.Kind.silence), (.nonspeech, .nonspeech)])
  func aRecordingOfWhichNothingWasSentSaysWhy(skip: SliceRequest.Skip, kind: Transcript.Warning.Kind) {
    var settings = ClipSettings()
    settings.skip = skip
    let transcript = Transcript(clips: [], silences: [range(0...60)], settings: settings)
    #expect(transcript.text.isEmpty)
    #expect(transcript.warnings.map(\.kind) == [kind])
  }

  private var byWords: ClipSettings {
    var settings = ClipSettings()
    (settings.join, settings.overlapSeconds) = (.words, 3)
    return settings
  }

  @Test func whatOverlappingClipsBothSayStandsOnce() {
    var clips = [
      clip(0, 0...30, "One two three four.", speech: [0...30]),
      clip(1, 27...57, "two three four five six seven eight.", speech: [27...57]),
      clip(2, 54...80, "Seven, eight, nine.", speech: [54...80]),
    ]
    clips[0].joint = .doubtful
    clips[1].joint = .doubtful
    let transcript = Transcript(clips: clips, silences: [], settings: byWords)
    #expect(transcript.text == "One two three four five six seven eight. Seven, eight, nine.\n")
    #expect(transcript.warnings.map(\.kind) == [.doubtfulOverlap])
    #expect(transcript.warnings.map(\.at) == [57 * 16_000])
    #expect(transcript.warnings.first?.message.contains("0:57") == true)
    // Without the overlap nothing is compared.
    clips[1].range = range(30...57)
    let apart = Transcript(clips: Array(clips.prefix(2)), silences: [], settings: byWords)
    #expect(apart.text == "One two three four. two three four five six seven eight.\n")
    #expect(apart.warnings.map(\.kind) == [.doubtfulJoint])
  }

  @Test func anOverlapInAPauseIsNoDoubtAndKeepsItsParagraph() {
    let clips = [
      clip(0, 0...30, "One.", speech: [0...26]), clip(1, 27...57, "Two.", speech: [31...57]),
    ]
    let transcript = Transcript(clips: clips, silences: [], settings: byWords)
    #expect(transcript.text == "One.\n\nTwo.\n")
    #expect(transcript.warnings.isEmpty)
  }

  @Test func aGapBetweenOverlappingClipsKeepsBothTexts() {
    let clips = [
      clip(0, 0...30, "a b c d", speech: [0...30]), gap(1, 27...57, .failed), gap(2, 54...80, .failed),
      clip(3, 77...90, "b c d e", speech: [77...90]),
    ]
    let transcript = Transcript(clips: clips, silences: [], settings: byWords)
    #expect(transcript.text == "a b c d\n\n[no transcript 0:27–1:20: request failed]\n\nb c d e\n")
    #expect(transcript.warnings.isEmpty)
  }

  @Test func whatIsNotAnsweredYetOrSaysNothingIsAHole() {
    var pending = clip(0, 0...30, "")
    pending.state = .pending
    pending.reply = nil
    let mute = clip(1, 30...60, "\u{1B}\u{0}", speech: [31...40])
    let transcript = Transcript(clips: [pending, mute], silences: [])
    #expect(transcript.gaps.map(\.words) == ["not answered yet", "empty reply"])
  }

  @Test func aCutInSpeechIsAWarningWithItsTime() {
    var first = clip(0, 0...30, "One")
    first.joint = .doubtful
    var last = clip(1, 30...60, "two")
    last.joint = .doubtful
    let warnings = Transcript(clips: [first, last], silences: []).warnings
    #expect(warnings.map(\.at) == [480_000])
    #expect(warnings.first?.message.contains("0:30") == true)
  }

  @Test func aReplyIsSafeOnATerminal() {
    #expect(PlainText.cleaned(" a\u{1B}[31mred\u{7}\u{9B}2J\tb\u{0} ") == "a[31mred2J\tb")
    #expect(
      PlainText.cleaned("a\r\nb\rc\u{2028}d\u{2029}e\u{85}f\u{B}g\u{C}h\n\n")
        == "a\nb\nc\nd\ne\nf\ng\nh"
    )
    #expect(PlainText.cleaned("¿Cómo estás? 你好 👩‍👩‍👧 نعم") == "¿Cómo estás? 你好 👩‍👩‍👧 نعم")
    #expect(PlainText.cleaned("\r\n \u{3}\t") == "")
  }

  @Test(arguments: 0..<300) func everyWordStandsOnceInOrderAndEveryGapIsMarked(seed: UInt64) {
    var random = SidecarRandom(seed: seed)
    var clips: [Clip] = []
    var silences: [ClipRange] = []
    var expectedWords: [String] = []
    var gapFrames: Int64 = 0
    var at: Int64 = 0
    for index in 0..<Int.random(in: 0...40, using: &random) {
      if Int.random(in: 0..<6, using: &random) == 0 {
        let length = Int64.random(in: 1...400_000, using: &random)
        silences.append(ClipRange(start: at, end: at + length))
        at += length
      }
      let span = ClipRange(start: at, end: at + Int64.random(in: 1...480_000, using: &random))
      at = span.end
      var next = clip(index, 0...1, "")
      next.range = span
      next.joint = Bool.random(using: &random) ? .doubtful : .pause
      if Bool.random(using: &random) { next.speech = [span] }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: next.state = .noSpeech
      case 1:
        next.state = .gap
        next.gap = [.contentFilter, .failed].randomElement(using: &random)
        gapFrames += span.frames
      default:
        let words = (0..<Int.random(in: 1...5, using: &random)).map { "w\(index)x\($0)" }
        expectedWords += words
        let separators = [" ", "\n", "\r\n", "\u{2028}", " \u{1B} "]
        next.reply?.text = words.joined(separator: separators.randomElement(using: &random) ?? " ")
      }
      clips.append(next)
    }
    let transcript = Transcript(clips: clips.shuffled(using: &random), silences: silences)

    let paragraphs = transcript.text.split(separator: "\n\n", omittingEmptySubsequences: true)
    let marks = paragraphs.filter { $0.hasPrefix("[no transcript") }
    let words = paragraphs.filter { !$0.hasPrefix("[no transcript") }
      .flatMap { $0.split(whereSeparator: \.isWhitespace) }
    #expect(words.map(String.init) == expectedWords)
    #expect(marks.map { $0.split(separator: "\n").joined() } == transcript.gaps.map(\.mark))
    #expect(transcript.gaps.reduce(0) { $0 + $1.range.frames } == gapFrames)
    #expect(
      transcript.text.isEmpty
        || transcript.text.hasSuffix("\n") && !transcript.text.hasSuffix("\n\n")
    )
    #expect(!transcript.text.contains("\n\n\n"))
    #expect(
      transcript.text.unicodeScalars.allSatisfy {
        $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
      }
    )
  }

  private func range(_ seconds: ClosedRange<Double>) -> ClipRange {
    ClipRange(start: Int64(seconds.lowerBound * 16_000), end: Int64(seconds.upperBound * 16_000))
  }

  private func clip(
    _ index: Int,
    _ seconds: ClosedRange<Double>,
    _ text: String,
    speech: [ClosedRange<Double>] = []
  ) -> Clip {
    Clip(
      id: Int64(index),
      job: 1,
      index: index,
      range: range(seconds),
      joint: .pause,
      speech: speech.map(range),
      level: -20,
      state: .done,
      reply: Reply(text: text)
    )
  }

  private func gap(
    _ index: Int,
    _ seconds: ClosedRange<Double>,
    _ reason: Clip.Gap,
    detail: String? = nil
  ) -> Clip {
    var gap = clip(index, seconds, "")
    gap.state = .gap
    gap.gap = reason
    gap.detail = detail
    gap.reply = nil
    return gap
  }
}

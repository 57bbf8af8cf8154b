import Messages

/// The text of one job, made of its clips: pure, so that the same clips always give the same bytes.
///
/// Replies stand in the order of the recording, with a space between them, or a blank line where the speaker
/// paused for long; what two replies say of the sound that their clips share stands once, where the task joins by
/// words. A stretch without a transcript stands as a mark in a paragraph of its own; a stretch in
/// which nobody spoke leaves no mark.
struct Transcript: Hashable, Sendable {
  /// A stretch that has no transcript.
  struct Gap: Hashable, Sendable {
    var range: ClipRange
    /// The channel that it is about; nil where all channels were mixed.
    var channel: Int?
    /// Nil where the clip has not been answered yet.
    var reason: Clip.Gap?
    /// What went wrong, in the endpoint's words, each once.
    var details: [String]

    /// The reason in the words that stand in the text and in the sidecar.
    var words: String { reason?.rawValue ?? "not answered yet" }

    /// The mark that stands in the text.
    var mark: String {
      let start = Timestamp(startOf: range), end = Timestamp(endOf: range)
      return "[no transcript \(start)–\(end): \(words)]"
    }
  }

  /// Something that a reader of the text may want to look at.
  struct Warning: Hashable, Sendable {
    enum Kind: String, Sendable {
      /// Two clips meet where no pause was in reach.
      case doubtfulJoint = "doubtful joint"
      /// Two clips overlap, and their replies do not agree on what is said there.
      case doubtfulOverlap = "doubtful overlap"
      /// The text is empty, and nothing went wrong.
      case noSpeech = "no speech"
      /// The text is empty, since nothing was asked: nothing sounds in the recording but its own noise.
      case silence
      /// The same where only speech is sent: none was heard.
      case nonspeech
    }

    var kind: Kind
    /// The channel that it is about; nil where it is about all.
    var channel: Int?
    /// The frame that it is about; nil when it is about the whole.
    var at: Int64?

    /// For a person.
    var message: String {
      let place = at.map { " at \(Timestamp(seconds: $0 / Int64(ClipRange.sampleRate)))" } ?? ""
      switch kind {
      case .doubtfulJoint: return "no pause was in reach\(place): a word may be cut in two there"
      case .doubtfulOverlap:
        return "the replies for the clips that overlap\(place) do not agree: words may stand twice there"
      case .noSpeech: return "no speech was found in the recording: the text is empty"
      case .silence:
        return "nothing sounds in the recording but its own noise: nothing was sent, and the text is empty"
      case .nonspeech:
        return "no speech is heard in the recording: nothing was sent, and the text is empty"
      }
    }
  }

  /// Ends with one newline, unless it is empty. It holds no control characters but newline and tab, so that
  /// a terminal can show it as it is.
  let text: String
  let gaps: [Gap]
  let warnings: [Warning]

  /// A pause from this length on begins a new paragraph, in seconds.
  static let paragraphPause = 2

  /// - Parameters:
  ///   - clips: All clips of one signal, in any order.
  ///   - silences: The stretches that were left out between them.
  ///   - settings: How the recording was cut, and how replies are joined.
  init(clips: [Clip], silences: [ClipRange], settings: ClipSettings = ClipSettings()) {
    let clips = clips.sorted { $0.index < $1.index }
    var gaps: [Gap] = []
    var warnings: [Warning] = []
    var page = Page(silences: silences, join: settings.join)

    for (place, clip) in clips.enumerated() {
      let words = PlainText.cleaned(clip.reply?.text ?? "")
      var overlap = Page.Overlap.none
      switch clip.state {
      case .done where !words.isEmpty:
        overlap = page.add(words, of: clip)
      case .done where !clip.hasSpeech, .noSpeech, .equal:
        break
      case .done, .gap, .pending:
        // A reply that says nothing about a stretch in which somebody spoke is a hole, whoever called it done.
        let reason = clip.state == .pending ? nil : clip.gap ?? .empty
        let gap = Gap(
          range: clip.range,
          channel: clip.channel,
          reason: reason,
          details: clip.detail.map { [$0] } ?? []
        )
        if let last = gaps.last, last.reason == reason, last.range.end >= clip.range.start {
          gaps[gaps.count - 1] = last.joined(with: gap)
          page.replaceMark(with: gaps[gaps.count - 1].mark)
        } else {
          gaps.append(gap)
          page.addMark(gap.mark)
        }
      }
      guard place > 0, case let before = clips[place - 1] else { continue }
      switch overlap {
      case .merged: break
      case .kept:
        warnings.append(Warning(kind: .doubtfulOverlap, channel: clip.channel, at: before.range.end))
      case .none where before.joint == .doubtful:
        warnings.append(Warning(kind: .doubtfulJoint, channel: clip.channel, at: before.range.end))
      case .none: break
      }
    }
    if page.isEmpty {
      let unsent: Warning.Kind = settings.skip == .nonspeech ? .nonspeech : .silence
      warnings.append(Warning(kind: clips.isEmpty ? unsent : .noSpeech, at: nil))
    }
    text = page.text
    self.gaps = gaps
    self.warnings = warnings
  }
}

extension Transcript {
  /// The text of `job`, all of whose clips these are.
  init(of job: Job, clips: [Clip]) {
    let silences = job.source?.silences ?? []
    if Set(clips.map(\.channel)).count > 1 {
      self.init(Conversation(clips: clips, silences: silences, settings: job.question.clip))
    } else {
      let own = silences.filter { $0.channel == clips.first?.channel }.map(\.range)
      self.init(clips: clips, silences: own, settings: job.question.clip)
    }
  }

  private init(_ conversation: Conversation) {
    (text, gaps, warnings) = (conversation.text, conversation.gaps, conversation.warnings)
  }
}

extension Transcript.Gap {
  fileprivate func joined(with next: Self) -> Self {
    var both = self
    both.range.end = next.range.end
    both.details += next.details.filter { !details.contains($0) }
    return both
  }
}

import Messages

/// The text of a recording whose channels were cut each by itself: what was said in order of time, in turns.
///
/// A turn is what one channel says before another is heard. It begins a paragraph with the channel's label, and what
/// follows in it is put together like any transcript. Turns are as fine as clips: who says a word while another
/// speaks on for half a minute stands before or after that. Where only one channel has anything to say, there are no
/// labels.
struct Conversation {
  let text: String
  let gaps: [Transcript.Gap]
  let warnings: [Transcript.Warning]

  /// - Parameters:
  ///   - clips: All clips of the job, in any order, each with its channel.
  ///   - silences: The stretches that were left out between them.
  ///   - settings: How the recording was cut, and what the channels are called.
  init(clips: [Clip], silences: [SourceFacts.Silence], settings: ClipSettings) {
    func transcript(_ clips: [Clip]) -> Transcript {
      let own = silences.filter { $0.channel == clips.first?.channel }.map(\.range)
      return Transcript(clips: clips, silences: own, settings: settings)
    }
    let byChannel = Dictionary(grouping: clips, by: \.channel).sorted { $0.key ?? 0 < $1.key ?? 0 }
    let channels = byChannel.map { transcript($0.value) }
    let isTalk = channels.count { !$0.text.isEmpty } > 1
    text = Self.turns(of: clips).compactMap { turn in
      let said = transcript(turn).text
      guard !said.isEmpty, isTalk, let channel = turn.first?.channel else { return said.isEmpty ? nil : said }
      return "\(settings.label(of: channel)): \(said)"
    }.joined(separator: "\n")
    gaps = channels.flatMap(\.gaps).sorted { $0.range.start < $1.range.start }
    let doubts = channels.flatMap(\.warnings).filter { $0.at != nil }
    warnings =
      doubts.sorted { $0.at ?? 0 < $1.at ?? 0 }
      + (text.isEmpty ? [Transcript.Warning(kind: .noSpeech, at: nil)] : [])
  }

  /// Clips in order of time, those of one channel together where nothing of another lies between.
  private static func turns(of clips: [Clip]) -> [[Clip]] {
    let shown = clips.filter { !Transcript(clips: [$0], silences: []).text.isEmpty }
      .sorted { ($0.onset, $0.channel ?? 0) < ($1.onset, $1.channel ?? 0) }
    var turns: [[Clip]] = []
    for clip in shown {
      if turns.last?.last?.channel == clip.channel {
        turns[turns.count - 1].append(clip)
      } else {
        turns.append([clip])
      }
    }
    return turns
  }
}

extension Clip {
  /// Where somebody is first heard in it.
  fileprivate var onset: Int64 { speech.first?.start ?? range.start }
}

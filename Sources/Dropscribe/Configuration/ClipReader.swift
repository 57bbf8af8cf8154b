import Messages

/// Reads how recordings are cut for one task: `[clip]`, overridden by `[task.NAME.clip]`, within what the model
/// and the endpoint take.
struct ClipReader {
  /// `[clip]`.
  let base: SectionReader?
  /// `[task.NAME.clip]`.
  let own: SectionReader?
  /// The model that will be asked, if one is named.
  let model: String?
  /// The most bytes of a clip's file that the endpoint takes; nil when nothing is known.
  let endpointBytes: Int?

  /// A value and the table it stands in; the table is nil when nobody wrote the key.
  private struct Setting {
    var node: TOMLNode?
    var from: SectionReader?

    var number: Double? {
      switch node {
      case .whole(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    }

    var text: String? { if case .text(let text)? = node { text } else { nil } }
  }

  private func setting(_ key: String) -> Setting {
    for section in [own, base] {
      if let section, let node = section[written: key] { return Setting(node: node, from: section) }
    }
    if case .value(let node)? = ConfigurationKeys.clip.key(key)?.fallback { return Setting(node: node) }
    return Setting()
  }

  /// The settings, and which of the limits bounds the clips' length.
  func read() -> (ClipSettings, ClipLimit) {
    var clip = ClipSettings()
    clip.encoding = setting("encoding").text.flatMap(ClipEncoding.init) ?? clip.encoding
    let limit = readLength(into: &clip)
    readChannels(into: &clip)
    readSkip(into: &clip)
    readJoin(into: &clip)
    return (clip, limit)
  }

  private func readLength(into clip: inout ClipSettings) -> ClipLimit {
    let known = ModelLimits.of(model)
    let longest = setting("max_seconds")
    let shortest = setting("min_seconds")
    var limit: ClipLimit
    if let wish = longest.number {
      (clip.maxSeconds, limit) = (wish, .setting)
    } else if let known {
      (clip.maxSeconds, limit) = (known.usualSeconds, .model(known.part))
    } else {
      limit = .standard
    }
    clip.minSeconds = shortest.number ?? clip.minSeconds
    if clip.minSeconds > clip.maxSeconds {
      let section = shortest.from ?? longest.from
      section?.report(
        "min_seconds (\(words(clip.minSeconds))) in \(section?.title ?? "") is more than max_seconds "
          + "(\(words(clip.maxSeconds)))",
        at: shortest.from == nil ? "max_seconds" : "min_seconds"
      )
    }
    if let known, let most = known.mostSeconds, clip.maxSeconds > most {
      longest.from?.warn(
        "max_seconds is \(words(clip.maxSeconds)), but \(model ?? "") takes \(words(most)) at most, and gets that",
        at: "max_seconds"
      )
      (clip.maxSeconds, limit) = (most, .model(known.part))
    }
    let bytes = setting("max_bytes")
    if let most = bytes.number.map({ Int($0) }) ?? endpointBytes,
      case let seconds = clip.encoding.seconds(inBytes: most), clip.maxSeconds > seconds
    {
      (clip.maxSeconds, limit) = (seconds, .bytes(most, isSetting: bytes.from != nil))
    }
    clip.minSeconds = min(clip.minSeconds, clip.maxSeconds)
    return limit
  }

  private func readSkip(into clip: inout ClipSettings) {
    let skip = setting("skip")
    let silence = setting("skip_silence_seconds")
    clip.skip = skip.text.flatMap(SliceRequest.Skip.init) ?? clip.skip
    clip.skipSilenceSeconds = silence.number ?? clip.skipSilenceSeconds
    if clip.channels == .split, silence.from == nil {
      clip.skipSilenceSeconds = ClipSettings.splitSilenceSeconds
    }
    if clip.skip == .nothing, let section = silence.from, section.path == skip.from?.path {
      section.warn(
        "skip_silence_seconds in \(section.title) has no effect: skip = \"none\" sends everything",
        at: "skip_silence_seconds"
      )
    }
  }

  private func readChannels(into clip: inout ClipSettings) {
    clip.channels = setting("channels").text.flatMap(SliceRequest.Channels.init) ?? clip.channels
    guard let section = setting("channel_labels").from, let texts = section.texts("channel_labels") else {
      return
    }
    clip.channelLabels = texts.map(PlainText.cleaned)
    if clip.channels == .mix, !texts.isEmpty {
      section.warn(
        "channel_labels in \(section.title) has no effect without channels = \"split\"",
        at: "channel_labels"
      )
    }
    if let label = clip.channelLabels.first(where: { $0.isEmpty || $0.contains("\n") }) {
      section.report(
        "channel_labels in \(section.title) holds \(TOMLNode.quoted(label)); a label is a word or two on one line",
        at: "channel_labels"
      )
    }
  }

  private func readJoin(into clip: inout ClipSettings) {
    let join = setting("join")
    let overlap = setting("overlap_seconds")
    clip.join = join.text.flatMap(ClipSettings.Join.init) ?? clip.join
    clip.overlapSeconds = overlap.number ?? clip.overlapSeconds
    guard clip.overlapSeconds > 0 else {
      if clip.join == .words {
        join.from?.warn(
          "join = \"words\" in \(join.from?.title ?? "") has no effect without overlap_seconds: nothing stands twice",
          at: "join"
        )
      }
      return
    }
    // What is wrong is told where the task says something about it, or else where all of them do.
    let section = own?.mentions("join") == true ? own : overlap.from
    // Who wrote something else there has been told so already.
    let isTold = [own, base].contains {
      $0.map { $0.mentions("join") && $0[written: "join"] == nil } ?? false
    }
    if clip.join != .words, !isTold {
      section?.report(
        "overlap_seconds (\(words(clip.overlapSeconds))) needs join = \"words\", which takes out what would stand "
          + "twice in the text; write that, or leave overlap_seconds out",
        at: own?.mentions("join") == true ? "join" : "overlap_seconds"
      )
    }
    if clip.channels == .split {
      overlap.from?.report(
        "overlap_seconds in \(overlap.from?.title ?? "") does not go with channels = \"split\": what another channel "
          + "says may stand between two clips that overlap; leave one of them out",
        at: "overlap_seconds"
      )
    }
    if clip.overlapSeconds >= clip.maxSeconds / 2 {
      overlap.from?.report(
        "overlap_seconds in \(overlap.from?.title ?? "") is \(words(clip.overlapSeconds)), which is not less than "
          + "half of the longest clip (\(words(clip.maxSeconds)) s)",
        at: "overlap_seconds"
      )
    }
  }

  private func words(_ seconds: Double) -> String { TOMLNode.number(seconds).toml }
}

import Messages

extension ConfigurationKeys {
  /// The task that a file without any has.
  static let builtInTask = "transcript"
  /// What it asks.
  static let builtInInstruction = "Transcribe the audio clip into text."

  static let task = ConfigurationSection(
    name: "task",
    title: "[task.NAME]",
    isNamed: true,
    meaning: "What is asked of each clip. A file without any has one, called `\(builtInTask)`, with the "
      + "instruction “\(builtInInstruction)” and temperature 0.",
    keys: [
      ConfigurationKey(
        "endpoint",
        .text(),
        .words("the only endpoint, where there is one"),
        "The name of the endpoint that answers."
      ),
      ConfigurationKey(
        "instruction",
        .either([.text(), .section(instruction)]),
        .words("required; for a task called `\(builtInTask)`: “\(builtInInstruction)”"),
        "The text that goes with every clip, or `{ file = \"PATH\" }`."
      ),
      ConfigurationKey("system", .text(), .words("none"), "The system message."),
      ConfigurationKey("model", .text(), .words("the endpoint's"), "The model that is asked for."),
      ConfigurationKey("temperature", temperature, .words("the endpoint's"), "Sampling temperature."),
      ConfigurationKey("max_tokens", tokens, .words("the endpoint's"), "Limit of tokens a reply."),
      ConfigurationKey(
        "suffix",
        .text(mayBeEmpty: true),
        .words("`.NAME`; empty for `\(builtInTask)`"),
        "Stands between the recording's name and the format: with `.es`, `talk.m4a` gives `talk.m4a.es.txt`. "
          + "Tasks of one folder need different ones."
      ),
      ConfigurationKey(
        "formats",
        .choices(["txt"]),
        .value(.array([.text("txt")])),
        "The text files that are written. This version writes `txt` alone."
      ),
      ConfigurationKey(
        "clip",
        .section(taskClip),
        .words("`[clip]`"),
        "How recordings are cut for this task."
      ),
    ]
  )

  static let instruction = ConfigurationSection(
    name: "instruction",
    title: "[task.NAME.instruction]",
    meaning: "An instruction that stands in a file of its own: `instruction = { file = \"minutes.txt\" }`.",
    keys: [
      ConfigurationKey(
        "file",
        .path,
        .required,
        "A UTF-8 text of at most 64 KiB, read at the start and at every reload. Relative to this file's "
          + "folder, or with `~/`. White space at its ends does not count."
      )
    ]
  )

  private static func models(_ seconds: (ModelLimits) -> Double?) -> String {
    ModelLimits.all.compactMap { model in
      seconds(model).map { "\(TOMLNode.number($0).toml) for `\(model.part)`" }
    }.joined(separator: ", ")
  }

  private static let clipKeys: [ConfigurationKey] = [
    ConfigurationKey(
      "max_seconds",
      .number(1...longestClip, unit: "seconds"),
      .words("by a part of the model's name: \(models(\.usualSeconds)), else 30"),
      "The longest clip. Recordings are cut in pauses as near to it as there are. A model that is known to "
        + "take no more (\(models(\.mostSeconds))) caps it, and so does `max_bytes`."
    ),
    ConfigurationKey(
      "max_bytes",
      .whole(64_000...100_000_000),
      .words(
        "by the endpoint's preset: "
          + Preset.all.compactMap { preset in preset.mostClipBytes.map { "\($0) for `\(preset.name)`" } }
          .joined(separator: ", ") + ", none for others"
      ),
      "The most bytes of a clip's file, before base64. A second of WAV takes "
        + "\(ClipEncoding.wav.bytesASecond)."
    ),
    ConfigurationKey(
      "min_seconds",
      .number(0...30, unit: "seconds"),
      .value(.whole(1)),
      "Shorter clips are padded with silence on both sides."
    ),
    ConfigurationKey(
      "skip",
      .choice(SliceRequest.Skip.allCases.map(\.rawValue)),
      .value(.text(SliceRequest.Skip.silence.rawValue)),
      "Which long stretches are not sent. `silence`: where nothing rises above the recording's own noise floor. "
        + "`nonspeech`: where no speech is heard, whatever else sounds there; a voice that is taken for something "
        + "else is lost. `none`: everything is sent."
    ),
    ConfigurationKey(
      "skip_silence_seconds",
      .number(0.5...86_400, unit: "seconds"),
      .value(.whole(10)),
      "Such stretches are left out when they are longer than this. With `channels = \"split\"`, where it is normal that "
        + "a channel is silent, it is \(TOMLNode.number(ClipSettings.splitSilenceSeconds).toml) unless it is written."
    ),
    ConfigurationKey(
      "overlap_seconds",
      .number(0...longestClip / 2, unit: "seconds"),
      .value(.whole(0)),
      "Clips that touch share so much, less than half of the longest clip. Only with `join = \"words\"`."
    ),
    ConfigurationKey(
      "join",
      .choice(ClipSettings.Join.allCases.map(\.rawValue)),
      .value(.text(ClipSettings.Join.space.rawValue)),
      "How replies become one text. `space`: with a space, or a blank line after a long pause. `words`: the same, "
        + "and where clips overlap, what both replies say stands once: at least three words in a row must agree, "
        + "else both are kept and the usage sidecar names the place. For transcripts in the spoken language; a "
        + "translation seldom says the same thing in the same words twice."
    ),
    ConfigurationKey(
      "channels",
      .choice(SliceRequest.Channels.allCases.map(\.rawValue)),
      .value(.text(SliceRequest.Channels.mix.rawValue)),
      "`\"mix\"` makes one signal of all channels. `\"split\"` cuts and asks about each channel by itself, and names "
        + "it in the text wherever another begins to speak: for calls with a person on each channel. It costs as "
        + "much as is said on all of them; channels that say the same count as one. A recording with more than "
        + "\(SliceRequest.mostSplitChannels) channels is mixed."
    ),
    ConfigurationKey(
      "channel_labels",
      .texts,
      .words("`Channel 1`, `Channel 2` …"),
      "What the channels are called in the text, from the first on, such as `[\"Agent\", \"Customer\"]`."
    ),
    ConfigurationKey(
      "encoding",
      .choice(ClipEncoding.allCases.map(\.rawValue)),
      .value(.text(ClipEncoding.wav.rawValue)),
      "How clips travel: `\"wav\"` (16-bit, 43 kB a second as base64), which every endpoint decodes alike, or "
        + "`\"mp3\"` (\(ClipEncoding.kilobitsASecond) kbit/s, 8 kB a second), for those who pay for their uplink."
    ),
  ]

  static let clip = ConfigurationSection(
    name: "clip",
    title: "[clip]",
    meaning: "How recordings are cut, for all tasks.",
    keys: clipKeys
  )

  static let taskClip = ConfigurationSection(
    name: "clip",
    title: "[task.NAME.clip]",
    meaning: "How recordings are cut for one task, where that differs from `[clip]`.",
    keys: clipKeys.map { (key: ConfigurationKey) -> ConfigurationKey in
      var key = key
      key.fallback = .words("`[clip]`")
      return key
    }
  )
}

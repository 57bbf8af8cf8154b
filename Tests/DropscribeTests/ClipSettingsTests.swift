import FoundationEssentials
import Messages
import Testing

@testable import Dropscribe

/// How recordings are cut, as it is configured: limits, and what contradicts itself.
@Suite struct ClipSettingsTests {
  static func read(
    preset: String = "local",
    model: String? = nil,
    _ clip: String,
    task: String = ""
  ) throws -> (task: TaskConfiguration, warnings: [String]) {
    let configuration = try ConfigurationFixture.read(
      """
      [endpoint.e]
      preset = "\(preset)"
      \(model.map { "model = \"\($0)\"" } ?? "")
      \(preset == "local" ? "" : "url = \"https://x.services.ai.azure.com/models\"\nkey = { env = \"K\" }")
      [folder.inbox]
      path = "/srv/recordings"
      [task.transcript]
      \(task)
      [clip]
      \(clip)
      """
    )
    return (try #require(configuration.tasks["transcript"]), configuration.warnings.map(\.message))
  }

  @Test(
    arguments: [
      (nil, 30, .standard), ("gpt-audio", 30, .standard),
      ("Phi-4-multimodal-instruct", 40, .model("phi-4-multimodal")),
      ("Qwen/Qwen2-Audio-7B-Instruct", 30, .model("qwen2-audio")),
      ("mistralai/Voxtral-Mini-3B-2507", 300, .model("voxtral")),
    ] as [(String?, Double, ClipLimit)]
  )
  func aModelHasClipsOfItsLength(model: String?, seconds: Double, limit: ClipLimit) throws {
    let (task, warnings) = try Self.read(model: model, "")
    #expect(task.clip.maxSeconds == seconds)
    #expect(task.clipLimit == limit)
    #expect(warnings.isEmpty)
  }

  @Test func theTasksModelDecides() throws {
    let (task, _) = try Self.read(model: "voxtral", "", task: "model = \"phi-4-multimodal\"")
    #expect(task.clip.maxSeconds == 40)
  }

  @Test func whatIsConfiguredComesBeforeTheModelsUsualLengthAndWithinItsLimit() throws {
    #expect(try Self.read(model: "voxtral", "max_seconds = 500").task.clip.maxSeconds == 500)
    #expect(try Self.read(model: "voxtral", "max_seconds = 20").task.clipLimit == .setting)
    let (task, warnings) = try Self.read(model: "qwen2-audio", "max_seconds = 31")
    #expect(task.clip.maxSeconds == 30)
    #expect(warnings.count == 1)
  }

  @Test func theSmallestOfAllLimitsHolds() throws {
    // What the endpoint takes: (18,000,000 - 44) / 32,000 seconds of WAV, by tenths.
    var (task, _) = try Self.read("max_seconds = 600")
    #expect(task.clip.maxSeconds == 562.4)
    #expect(task.clipLimit == .bytes(18_000_000, isSetting: false))
    (task, _) = try Self.read(preset: "azure-ai", model: "m", "max_seconds = 600")
    #expect(task.clip.maxSeconds == 600)
    // What is configured counts instead, more or less.
    (task, _) = try Self.read("max_seconds = 600\nmax_bytes = 90000000")
    #expect(task.clipLimit == .setting)
    (task, _) = try Self.read(model: "phi-4-multimodal", "max_bytes = 320_044\nmin_seconds = 12")
    #expect(task.clip.maxSeconds == 10)
    #expect(task.clip.minSeconds == 10)
    #expect(task.clipLimit == .bytes(320_044, isSetting: true))
    (task, _) = try Self.read("max_bytes = 320_044", task: "clip = { max_bytes = 640_044 }")
    #expect(task.clip.maxSeconds == 20)
  }

  @Test func whatIsLeftOutAndHowRepliesAreJoinedIsRead() throws {
    var (task, warnings) = try Self.read("")
    #expect(task.clip.skip == .silence && task.clip.skipSilenceSeconds == 10)
    #expect(task.clip.join == .space && task.clip.overlapSeconds == 0)
    (task, warnings) = try Self.read(
      "skip = \"none\"",
      task: "clip = { skip = \"nonspeech\", skip_silence_seconds = 4, overlap_seconds = 2, join = \"words\" }"
    )
    #expect(task.clip.skip == .nonspeech && task.clip.skipSilenceSeconds == 4)
    #expect(task.clip.join == .words && task.clip.overlapSeconds == 2)
    #expect(warnings.isEmpty)
  }

  @Test(arguments: [
    ("overlap_seconds = 2", "", "overlap_seconds (2) needs join = \"words\""),
    ("overlap_seconds = 2\njoin = \"words\"", "clip = { join = \"space\" }", "needs join = \"words\""),
    ("overlap_seconds = 15\njoin = \"words\"", "", "not less than half of the longest clip (30 s)"),
    (
      "overlap_seconds = 6\njoin = \"words\"\nmax_bytes = 320044", "",
      "not less than half of the longest clip (10 s)"
    ),
    ("skip_silence_seconds = false", "", "skip_silence_seconds in [clip] must be 0.5 to 86400 seconds"),
    ("skip = \"speech\"", "", "only \"silence\", \"nonspeech\" or \"none\""),
    ("max_bytes = 1000", "", "max_bytes in [clip] is 1000"),
  ]) func aContradictionIsAnError(clip: String, task: String, message: String) {
    #expect {
      try Self.read(clip, task: task)
    } throws: { error in
      "\(error)".contains(message)
    }
  }

  @Test(arguments: [
    ("join = \"words\"", "join = \"words\" in [clip] has no effect without overlap_seconds"),
    ("skip = \"none\"\nskip_silence_seconds = 5", "skip_silence_seconds in [clip] has no effect"),
  ]) func whatHasNoEffectIsAWarning(clip: String, message: String) throws {
    let warnings = try Self.read(clip).warnings
    #expect(warnings.count == 1 && warnings[0].hasPrefix(message))
  }

  @Test func checkSaysWhatBoundsTheClipsAndWhatIsLeftOut() throws {
    func sentence(_ clip: String, model: String? = nil) throws -> String {
      let (task, _) = try Self.read(model: model, clip)
      var configuration = try ConfigurationFixture.read(
        ConfigurationFixture.endpoint + ConfigurationFixture.folder
      )
      configuration.tasks = ["transcript": task]
      return configuration.explanation()
    }
    #expect(try sentence("").contains("in clips of up to 30 s (the default), without silences over 10 s"))
    #expect(
      try sentence("max_seconds = 20\nskip = \"nonspeech\"").contains(
        "in clips of up to 20 s (max_seconds), without stretches over 10 s in which no speech is heard"
      )
    )
    #expect(
      try sentence("max_bytes = 320044\nskip = \"none\"\njoin = \"words\"\noverlap_seconds = 1.5").contains(
        "in clips of up to 10 s (320044 bytes, max_bytes) that overlap by 1.5 s, with all silences"
      )
    )
    #expect(try sentence("max_seconds = 600").contains("(18000000 bytes, the most that the endpoint takes)"))
  }

  @Test func settingsThatAnEarlierVersionStoredAreRead() throws {
    let stored = Data(#"{"maxSeconds":12,"minSeconds":1,"skipSilenceSeconds":7}"#.utf8)
    var settings = ClipSettings()
    (settings.maxSeconds, settings.skipSilenceSeconds) = (12, 7)
    #expect(try JSONDecoder().decode(ClipSettings.self, from: stored) == settings)
    (settings.skip, settings.overlapSeconds, settings.join, settings.encoding) = (.nonspeech, 2, .words, .mp3)
    (settings.channels, settings.channelLabels) = (.split, ["Ada"])
    #expect(
      try JSONDecoder().decode(ClipSettings.self, from: JSONEncoder().encode(settings)) == settings
    )
    let all = Data(#"{"maxSeconds":12,"minSeconds":1}"#.utf8)
    #expect(try JSONDecoder().decode(ClipSettings.self, from: all).skip == .nothing)
  }
}

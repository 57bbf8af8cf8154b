import Messages
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct ConfigurationReaderTests {
  let minimal = ConfigurationFixture.endpoint + ConfigurationFixture.folder

  @Test func oneEndpointAndOneFolderAreEnough() throws {
    let configuration = try ConfigurationFixture.read(minimal)
    let task = try #require(configuration.tasks["transcript"])
    #expect(configuration.tasks.count == 1)
    #expect(task.instruction == "Transcribe the audio clip into text.")
    #expect(task.temperature == 0)
    #expect(task.suffix == "")
    #expect(task.formats == ["txt"])
    #expect(task.clip == ClipSettings())
    let endpoint = try #require(configuration.endpoints["local"])
    #expect(endpoint.url == "http://127.0.0.1:8765/v1/chat/completions")
    #expect(endpoint.isLoopback)
    #expect(endpoint.authentication == .none)
    #expect(endpoint.key == nil)
    #expect(configuration.folders["inbox"]?.tasks == ["transcript"])
    #expect(configuration.statePath == "/home/ada/.local/state/dropscribe")
    #expect(configuration.socketPath == "/home/ada/.local/state/dropscribe/control.sock")
    #expect(configuration.warnings.isEmpty)
  }

  @Test func theDefaultsOfTheTableAreThoseOfTheStructs() throws {
    let configuration = try ConfigurationFixture.read(minimal)
    var folder = FolderConfiguration(name: "inbox", path: "/srv/recordings", tasks: ["transcript"])
    folder.backlog = .all
    #expect(configuration.folders["inbox"] == folder)
    #expect(configuration.daemon == DaemonConfiguration())
    let endpoint = try #require(configuration.endpoints["local"])
    var expected = EndpointConfiguration(
      name: "local",
      preset: "local",
      url: endpoint.url,
      authentication: .none,
      isLoopback: true
    )
    expected.concurrency = 2
    expected.audioPart = .inputAudio
    expected.mostClipBytes = 18_000_000
    #expect(endpoint == expected)
  }

  @Test func everyKeyArrivesWhereItBelongs() throws {
    let configuration = try ConfigurationFixture.read(
      """
      [endpoint.azure]
      preset = "azure-ai"
      url = "https://r.services.ai.azure.com/models"
      model = "Phi-4-multimodal-instruct"
      key = { env = "AZURE_KEY" }
      authentication = "bearer"
      concurrency = 7
      query = { trace = "a b" }
      headers = { x-team = "archive" }
      audio_part = "audio_url"
      audio_first = true
      max_tokens_field = "max_completion_tokens"
      fold_system = true
      extra = { top_p = 1, nested = { list = [1, 2.5, "x", true] } }
      temperature = 1
      max_tokens = 500
      timeout_seconds = 12.5
      prices = { input = 1, output = 2.5, currency = "EUR" }

      [task.spanish]
      endpoint = "azure"
      instruction = "Translate."
      system = "You translate."
      model = "other"
      temperature = 0.5
      max_tokens = 100
      suffix = ".es"
      formats = ["txt"]
      clip = { max_seconds = 20, skip = "none", encoding = "mp3", channels = "split" }

      [folder.calls]
      path = "calls/../in"
      tasks = ["spanish"]
      recursive = false
      settle_seconds = 1
      quiet_seconds = 2.5
      incomplete_seconds = 3
      rescan_seconds = 40
      poll = true
      include = ["*.wav"]
      exclude = ["x*"]
      backlog = 5

      [clip]
      max_seconds = 25
      min_seconds = 2
      channels = "split"
      channel_labels = ["Agent", "Customer"]

      [state]
      path = "~/state"
      socket = "/run/x.sock"

      [daemon]
      grace_seconds = 5
      once_wait_seconds = 6
      slicer = "/opt/slice"
      watcher = "watch"
      ffmpeg = "~/ffmpeg"
      """
    )
    let endpoint = try #require(configuration.endpoints["azure"])
    #expect(
      endpoint.url
        == "https://r.services.ai.azure.com/models/chat/completions?trace=a%20b&api-version=2024-05-01-preview"
    )
    #expect(endpoint.key == .environment("AZURE_KEY"))
    #expect(endpoint.authentication == .bearer)
    #expect(endpoint.concurrency == 7)
    #expect(endpoint.headers == ["x-team": "archive"])
    #expect(endpoint.audioPart == .audioURL)
    #expect(endpoint.audioFirst && endpoint.foldSystem == true)
    #expect(
      endpoint.extra == [
        "top_p": .integer(1),
        "nested": .object(["list": .array([.integer(1), .number(2.5), .string("x"), .bool(true)])]),
      ]
    )
    #expect(endpoint.temperature == 1)
    #expect(endpoint.maxTokens == 500)
    #expect(endpoint.maxTokensField == .maxCompletionTokens)
    #expect(endpoint.timeoutSeconds == 12.5)
    #expect(endpoint.prices?.audioPerMillion == 1)
    #expect(endpoint.prices?.completionPerMillion == 2.5)
    #expect(endpoint.prices?.currency == "EUR")

    let task = try #require(configuration.tasks["spanish"])
    #expect(task.system == "You translate.")
    #expect(task.model == "other")
    #expect(task.temperature == 0.5)
    #expect(task.maxTokens == 100)
    #expect(task.suffix == ".es")
    #expect(task.clip.maxSeconds == 20)
    #expect(task.clip.minSeconds == 2)
    #expect(task.clip.skip == .nothing)
    #expect(task.clip.encoding == .mp3)
    #expect(task.clip.channels == .split)
    #expect(task.clip.channelLabels == ["Agent", "Customer"])

    let folder = try #require(configuration.folders["calls"])
    #expect(folder.path == "/home/ada/.config/dropscribe/in")
    #expect(!folder.recursive)
    #expect(folder.settleSeconds == 1)
    #expect(folder.quietSeconds == 2.5)
    #expect(folder.incompleteSeconds == 3)
    #expect(folder.rescanSeconds == 40)
    #expect(folder.polling == .always)
    #expect(folder.include == ["*.wav"])
    #expect(folder.exclude == ["x*"])
    #expect(folder.backlog == .upTo(5))

    #expect(configuration.statePath == "/home/ada/state")
    #expect(configuration.socketPath == "/run/x.sock")
    #expect(configuration.daemon.graceSeconds == 5)
    #expect(configuration.daemon.onceWaitSeconds == 6)
    #expect(configuration.daemon.slicer == "/opt/slice")
    #expect(configuration.daemon.watcher == "/home/ada/.config/dropscribe/watch")
    #expect(configuration.daemon.ffmpeg == "/home/ada/ffmpeg")
  }

  @Test(arguments: [
    ("", 10.0), ("channels = \"split\"", 2), ("channels = \"split\"\nskip_silence_seconds = 5", 5),
    ("skip_silence_seconds = 5", 5),
  ])
  func clipsEndAtTurnsWhereChannelsAreSplit(_ lines: String, seconds: Double) throws {
    let configuration = try ConfigurationFixture.read(
      "[endpoint.local]\npreset = \"local\"\n[clip]\n\(lines)\n" + ConfigurationFixture.folder
    )
    #expect(configuration.tasks["transcript"]?.clip.skipSilenceSeconds == seconds)
  }

  @Test func labelsWithoutSplitChannelsAreWarnedOf() throws {
    let configuration = try ConfigurationFixture.read(
      "[endpoint.local]\npreset = \"local\"\n[clip]\nchannel_labels = [\"A\"]\n" + ConfigurationFixture.folder
    )
    #expect(configuration.warnings.map(\.line) == [4])
  }

  @Test func aModelsLimitCapsItsClips() throws {
    let configuration = try ConfigurationFixture.read(
      """
      [endpoint.local]
      preset = "local"
      model = "Phi-4-multimodal-instruct"
      [clip]
      max_seconds = 60
      """ + "\n" + ConfigurationFixture.folder
    )
    #expect(configuration.tasks["transcript"]?.clip.maxSeconds == 40)
    #expect(configuration.warnings.map(\.line) == [5])
    #expect(configuration.warnings.first?.message.contains("takes 40 at most") == true)
  }

  @Test func paidEndpointsHaveABacklogLimitAndFreeOnesNone() throws {
    let openai = """
      [endpoint.paid]
      preset = "openai"
      model = "m"
      key = { env = "K" }

      """
    let paid = try ConfigurationFixture.read(openai + ConfigurationFixture.folder)
    #expect(paid.folders["inbox"]?.backlog == .upTo(20))
    #expect(paid.endpoints["paid"]?.maxTokensField == .maxCompletionTokens)
    let mixed = try ConfigurationFixture.read(
      openai + ConfigurationFixture.endpoint + """
        [task.a]
        endpoint = "paid"
        instruction = "x"
        [task.b]
        endpoint = "local"
        instruction = "x"
        [folder.both]
        path = "/a"
        tasks = ["a", "b"]
        [folder.free]
        path = "/b"
        tasks = ["b"]
        [folder.none]
        path = "/c"
        tasks = ["b"]
        backlog = "none"
        """
    )
    #expect(mixed.folders["both"]?.backlog == .upTo(20))
    #expect(mixed.folders["free"]?.backlog == FolderConfiguration.Backlog.all)
    #expect(mixed.folders["none"]?.backlog == FolderConfiguration.Backlog.none)
  }

  @Test func theOnlyTaskIsAFoldersDefault() throws {
    let configuration = try ConfigurationFixture.read(
      minimal + "[task.minutes]\ninstruction = \"Write the minutes.\"\n"
    )
    #expect(configuration.folders["inbox"]?.tasks == ["minutes"])
    #expect(configuration.tasks["minutes"]?.suffix == ".minutes")
    #expect(configuration.tasks["minutes"]?.temperature == nil)
  }

  @Test func anEmptySectionIsAsGoodAsNone() throws {
    #expect(
      try ConfigurationFixture.read(minimal + "[task]\n[clip]\n[daemon]\n")
        == ConfigurationFixture.read(minimal)
    )
  }

  @Test func anUnusedTaskIsAWarning() throws {
    let configuration = try ConfigurationFixture.read(
      minimal + "[task.transcript]\n[task.b]\ninstruction = \"x\"\n"
    )
    #expect(configuration.warnings.map(\.message) == ["no folder uses [task.b]"])
    #expect(configuration.warnings.map(\.line) == [6])
    #expect(configuration.tasks["transcript"]?.temperature == 0)
  }
}

public import Messages
public import SystemPackage

/// Everything that an administrator decides. Read from TOML by `ConfigurationReader`, which is the one place
/// that knows the keys, their defaults and their checks; a value of this type is already consistent: every
/// name that a task or a folder mentions is there.
public struct Configuration: Equatable, Sendable {
  /// Where requests go, by name.
  public var endpoints: [String: EndpointConfiguration]
  /// What is asked of each clip, by name.
  public var tasks: [String: TaskConfiguration]
  /// Where recordings come from, by name.
  public var folders: [String: FolderConfiguration]
  /// The folder that holds the journal and the lock.
  public var statePath: FilePath
  /// The Unix socket on which a running daemon answers.
  public var socketPath: FilePath
  /// How the daemon as a whole behaves.
  public var daemon: DaemonConfiguration
  /// What does no harm but is hardly meant, by line.
  public var warnings: [ConfigurationProblem] = []
}

/// `[daemon]`: how the daemon as a whole behaves.
public struct DaemonConfiguration: Equatable, Sendable {
  /// How long a stop waits for requests in flight, in seconds.
  public var graceSeconds: Double = 60
  /// How long `run --once` waits for what does not move, in seconds.
  public var onceWaitSeconds: Double = 60
  /// The slicing child; nil looks beside the daemon's own executable.
  public var slicer: FilePath?
  /// The watching child; nil looks beside the daemon's own executable.
  public var watcher: FilePath?
  /// The foreign decoder; nil looks in PATH.
  public var ffmpeg: FilePath?

  /// The defaults.
  public init() {}
}

/// `[folder.NAME]`: where recordings come from.
public struct FolderConfiguration: Equatable, Sendable {
  /// How changes are noticed.
  public enum Polling: Equatable, Sendable {
    /// inotify where the filesystem reports events, else a scan every few seconds.
    case automatic
    /// A scan every few seconds, whatever the filesystem.
    case always
    /// inotify and the slow scan, whatever the filesystem.
    case never
  }

  /// How many recordings that were there before may be bought without a word.
  public enum Backlog: Equatable, Sendable {
    /// All of them.
    case all
    /// None: they wait for `dropscribe release`.
    case none
    /// Up to so many; more than that and all wait.
    case upTo(Int)
  }

  /// The name in the configuration.
  public var name: String
  /// Absolute, lexically normalised.
  public var path: FilePath
  /// The names of the tasks that every recording in it gets, in order, each once.
  public var tasks: [String]
  /// Whether subfolders count.
  public var recursive = true
  /// A file that was closed after writing is settled when it has not changed for so long, in seconds.
  public var settleSeconds: Double = 2
  /// A file that was only found is settled when it has not changed for so long, in seconds.
  public var quietSeconds: Double = 30
  /// A file whose header declares more than is there waits so much longer, in seconds.
  public var incompleteSeconds: Double = 60
  /// How often everything is looked at again, in seconds.
  public var rescanSeconds: Double = 300
  /// How changes are noticed.
  public var polling = Polling.automatic
  /// Shell patterns of names to take, matched against the path below the folder and against the name alone;
  /// empty takes all.
  public var include: [String] = []
  /// Shell patterns of names to leave; they win over ``include``.
  public var exclude: [String] = []
  /// What happens to recordings that were there before.
  public var backlog = Backlog.upTo(20)
}

/// `[task.NAME]`: what is asked of each clip.
public struct TaskConfiguration: Equatable, Sendable {
  /// The name in the configuration.
  public var name: String
  /// The name of the endpoint that answers.
  public var endpoint: String
  /// The text that goes with every clip; never empty.
  public var instruction: String
  /// The system message, if any.
  public var system: String?
  /// Overrides the endpoint's model.
  public var model: String?
  /// Overrides the endpoint's temperature.
  public var temperature: Double?
  /// Overrides the endpoint's limit of completion tokens.
  public var maxTokens: Int?
  /// Stands between the recording's name and the format: `.es`, or nothing.
  public var suffix: String
  /// The text files that are written; `txt` alone so far.
  public var formats: [String] = ["txt"]
  /// How recordings are cut for it, the limits of the model and of the endpoint already applied.
  public var clip: ClipSettings
  /// What bounds the length of its clips.
  public var clipLimit = ClipLimit.standard
}

/// Which of the limits bounds the length of a task's clips: the smallest of all.
public enum ClipLimit: Equatable, Sendable {
  /// Nothing says anything: the default holds.
  case standard
  /// `max_seconds`.
  case setting
  /// What is known of models with such a name.
  case model(String)
  /// So many bytes of a clip's file: `max_bytes`, or what the endpoint takes.
  case bytes(Int, isSetting: Bool)
}

/// `[clip]` and `[task.NAME.clip]`: how recordings are cut.
public struct ClipSettings: Codable, Hashable, Sendable {
  /// How the replies of clips that touch are joined.
  public enum Join: String, CaseIterable, Codable, Sendable {
    /// With a space.
    case space
    /// With a space; where the clips overlap, what both of them say stands once.
    case words
  }

  /// The longest clip, in seconds.
  public var maxSeconds: Double = 30
  /// Shorter clips are padded with silence to this, in seconds.
  public var minSeconds: Double = 1
  /// Which stretches are left out.
  public var skip = SliceRequest.Skip.silence
  /// Such stretches are left out when they are longer than this, in seconds.
  public var skipSilenceSeconds: Double = 10
  /// So much is shared by clips that touch, in seconds; only with ``Join/words``.
  public var overlapSeconds: Double = 0
  /// How replies are joined.
  public var join = Join.space
  /// What is cut: one signal, or one for each channel.
  public var channels = SliceRequest.Channels.mix
  /// What the channels are called in the transcript, from the first on; the others are numbered.
  public var channelLabels: [String] = []
  /// How clips are encoded.
  public var encoding = ClipEncoding.wav

  /// The defaults.
  public init() {}

  /// Reads settings that an earlier version may have stored, which had fewer of them.
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: CodingKeys.self)
    maxSeconds = try stored.decodeIfPresent(Double.self, forKey: .maxSeconds) ?? maxSeconds
    minSeconds = try stored.decodeIfPresent(Double.self, forKey: .minSeconds) ?? minSeconds
    // It said that everything is sent by naming no length.
    let earlier: SliceRequest.Skip = stored.contains(.skipSilenceSeconds) ? .silence : .nothing
    skip = try stored.decodeIfPresent(SliceRequest.Skip.self, forKey: .skip) ?? earlier
    skipSilenceSeconds =
      try stored.decodeIfPresent(Double.self, forKey: .skipSilenceSeconds) ?? skipSilenceSeconds
    overlapSeconds = try stored.decodeIfPresent(Double.self, forKey: .overlapSeconds) ?? overlapSeconds
    join = try stored.decodeIfPresent(Join.self, forKey: .join) ?? join
    channels = try stored.decodeIfPresent(SliceRequest.Channels.self, forKey: .channels) ?? channels
    channelLabels = try stored.decodeIfPresent([String].self, forKey: .channelLabels) ?? channelLabels
    encoding = try stored.decodeIfPresent(ClipEncoding.self, forKey: .encoding) ?? encoding
  }
}

extension ClipSettings {
  /// What ``skipSilenceSeconds`` is with ``SliceRequest/Channels/split`` where nobody wrote it: so clips end where
  /// somebody else begins to speak.
  static let splitSilenceSeconds = 2.0

  /// The channels that a source of so many is cut by; a single nil where they are mixed.
  func splitChannels(of count: Int) -> [Int?] {
    let isSplit = channels == .split && (2...SliceRequest.mostSplitChannels).contains(count)
    return isSplit ? Array(0..<count) : [nil]
  }

  /// What a channel is called in the transcript.
  func label(of channel: Int) -> String {
    channelLabels.indices.contains(channel) ? channelLabels[channel] : "Channel \(channel + 1)"
  }
}

/// `[endpoint.NAME]`: where requests go, the preset already applied.
public struct EndpointConfiguration: Equatable, Sendable {
  /// Which headers carry the key.
  public enum Authentication: String, Sendable, CaseIterable {
    /// None.
    case none
    /// `api-key: KEY`.
    case apiKey = "api-key"
    /// `Authorization: Bearer KEY`.
    case bearer
    /// Both: what Azure AI inference wants, where serverless deployments read the second.
    case both
  }

  /// How a clip stands in the request.
  public enum AudioPart: String, Sendable, CaseIterable {
    /// `input_audio`; when the endpoint names it as what it cannot take, `audio_url` from then on.
    case automatic = "auto"
    /// `{"type": "input_audio", "input_audio": {"data": …, "format": …}}`.
    case inputAudio = "input_audio"
    /// `{"type": "audio_url", "audio_url": {"url": "data:audio/…;base64,…"}}`.
    case audioURL = "audio_url"
    /// `{"type": "input_audio", "input_audio": "BASE64"}`, as Mistral wants it.
    case inputAudioString = "input_audio_string"
  }

  /// What the body's limit of completion tokens is called.
  public enum MaxTokensField: String, Sendable, CaseIterable {
    /// The older name, which most servers know.
    case maxTokens = "max_tokens"
    /// OpenAI's newer one, which several refuse.
    case maxCompletionTokens = "max_completion_tokens"
  }

  /// What a million tokens cost.
  public struct Prices: Equatable, Sendable {
    /// A million prompt tokens that are text.
    public var textPerMillion: Double
    /// A million prompt tokens that are audio; the text price where the configuration names none.
    public var audioPerMillion: Double
    /// A million completion tokens.
    public var completionPerMillion: Double
    /// ISO 4217, such as `USD`.
    public var currency: String
  }

  /// The name in the configuration.
  public var name: String
  /// The preset's name.
  public var preset: String
  /// The whole address of the chat-completions route, its query included.
  public var url: String
  /// The model that is asked for; nil leaves the field out.
  public var model: String?
  /// Where the key comes from; nil where there is none.
  public var key: KeySource?
  /// Whose token goes with requests in a key's place; nil where there is a key, or nothing.
  public var entra: EntraConfiguration?
  /// Which headers carry the key.
  public var authentication: Authentication
  /// Requests at a time.
  public var concurrency = 4
  /// Further headers, by name.
  public var headers: [String: String] = [:]
  /// How a clip stands in the request.
  public var audioPart = AudioPart.automatic
  /// Whether the clip stands before the instruction.
  public var audioFirst = false
  /// Whether the system text goes before the instruction in the user message, for models without a system
  /// prompt; nil where the model decides.
  public var foldSystem: Bool?
  /// Fields merged into the body.
  public var extra: [String: JSONValue] = [:]
  /// Sampling temperature; nil leaves the field out.
  public var temperature: Double?
  /// Limit of completion tokens; nil leaves the field out.
  public var maxTokens: Int?
  /// The body's field for ``maxTokens``.
  public var maxTokensField = MaxTokensField.maxTokens
  /// A request has so long from its first byte to the reply's last, in seconds.
  public var timeoutSeconds: Double = 300
  /// What tokens cost; nil where nobody said.
  public var prices: Prices?
  /// The most bytes of a clip's file that it takes; nil where nothing is known.
  public var mostClipBytes: Int?
  /// How the address is reached.
  public var connection = ConnectionSettings.direct
  /// Whether the address is on this machine's loopback.
  public var isLoopback: Bool
}

/// Where a secret comes from. The secret itself is read when it is needed and kept nowhere else.
public enum KeySource: Equatable, Sendable {
  /// A file of that name in `$CREDENTIALS_DIRECTORY`, where systemd puts it.
  case credential(String)
  /// An environment variable.
  case environment(String)
  /// A file that holds nothing else.
  case file(FilePath)
}

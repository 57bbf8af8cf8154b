import FoundationEssentials

/// `NAME.usage.json`: what a recording's tasks took and how they ended. `docs/schema/usage.schema.json` describes
/// every field for those who read it; a field that has nothing to say is left out.
struct UsageSidecar: SidecarDocument, Hashable {
  var schema = 1
  var program: Program
  var written: Date
  /// Every task is done without a gap, cancelled ones aside, and the recording could be read to its end: the
  /// texts beside it hold all of it.
  var complete: Bool
  /// Nothing more will happen by itself: every task is done, failed or cancelled.
  var final: Bool
  var source: Source
  var tasks: [String: Task]
  var totals: Totals

  var withoutTimes: Self {
    var same = self
    same.written = Date(timeIntervalSince1970: 0)
    return same
  }

  struct Source: Codable, Hashable, Sendable {
    var name: String
    /// The name's bytes in base64, where they are not UTF-8.
    var nameBytes: String?
    var sha256: String
    var bytes: Int64
    var seconds: Double?
    var format: String?
    var sampleRate: Int?
    var channels: Int?
    var damage: String?
  }

  struct Task: Codable, Hashable, Sendable {
    /// A raw value of `Job.State`.
    var state: String
    var reason: String?
    /// Host and port of the address; never a user, a path or a query.
    var endpoint: String
    var model: String?
    var modelsAnswered: [String]
    var instruction: String
    var instructionSha256: String
    var system: String?
    var queued: Date
    /// When the first request was sent.
    var started: Date?
    var finished: Date?
    var sums: Sums
    var clips: [ClipEntry]
    var gaps: [Gap]
    var silences: [Stretch]
    var warnings: [Warning]
    var outputs: [Output]
  }

  struct ClipEntry: Codable, Hashable, Sendable {
    var index: Int
    /// From 1, as people count; left out where all channels were mixed.
    var channel: Int?
    var start: Double
    var end: Double
    /// Seconds that it shares with the clip before.
    var overlap: Double?
    /// A raw value of `Clip.State`.
    var state: String
    var gap: String?
    var detail: String?
    var finishReason: String?
    var tokens: Tokens?
    /// The reply was bought for another recording or task; its tokens are in no sum.
    var reused: Bool?
    var attempts: Int
    /// The attempts that brought no reply.
    var failedAttempts: [FailedAttempt]?
    /// From the request to the whole reply, in the attempt that brought it.
    var milliseconds: Int?
    var warnings: [String]?
  }

  struct FailedAttempt: Codable, Hashable, Sendable {
    var started: Date
    /// A raw value of `Attempt.Outcome`.
    var outcome: String
    var status: Int?
    var milliseconds: Int?
    var detail: String?
  }

  struct Gap: Codable, Hashable, Sendable {
    var channel: Int?
    var start: Double
    var end: Double
    var reason: String
    var details: [String]
  }

  struct Stretch: Codable, Hashable, Sendable {
    var channel: Int?
    var start: Double
    var end: Double
  }

  struct Warning: Codable, Hashable, Sendable {
    var kind: String
    var channel: Int?
    var at: Double?
    var message: String
  }

  struct Output: Codable, Hashable, Sendable {
    var format: String
    var name: String
    var nameBytes: String?
    var sha256: String
  }

  struct Totals: Codable, Hashable, Sendable {
    var clips: Int
    var gaps: Int
    var tokens: Tokens
    var attempts: AttemptCounts
    var repliesWithoutUsage: Int
    /// One for each currency, by its name.
    var costs: [Cost]
  }
}

import FoundationEssentials
import Messages

/// One task on one recording's bytes. Jobs are known by (SHA-256, task): the same bytes under two names are
/// one job with sidecars in two places.
struct Job: Hashable, Sendable {
  enum State: String, Sendable {
    /// Found before its folder × task was known, and too many of its kind: waits for `release`.
    case backlog
    /// Waits for its turn.
    case queued
    /// At work.
    case running
    /// Every clip is final.
    case done
    /// No transcript can be had; ``Job/reason`` says why.
    case failed
    /// Its task or folder is gone from the configuration, or a person cancelled it.
    case cancelled

    /// Nothing more will happen by itself.
    var isFinal: Bool { self == .done || self == .failed || self == .cancelled }
  }

  /// What a failed job waits for: once that is there, it is taken up by itself.
  enum Lack: String, Sendable {
    /// The program that decodes what libsndfile does not read.
    case ffmpeg
  }

  var id: Int64
  /// Of the recording's bytes, lower-case hex.
  var sha256: String
  var task: String
  var question: Question
  var state: State
  /// Why it failed or waits, for a person, with what to do; nil when there is nothing to say.
  var reason: String?
  /// What the slicer found; nil before it was asked.
  var source: SourceFacts?
  var created: Date
  var finished: Date?
  /// Grows whenever the job ends again (`retry`), so that sidecars know that they are old.
  var revision: Int
  /// Done before this journal began, as a usage sidecar says: its clips are not known.
  var isEarlier = false
  /// What it failed for the lack of; nil when nothing that comes by itself would help.
  var lacks: Lack?
}

/// What the slicer found out about a recording.
struct SourceFacts: Codable, Hashable, Sendable {
  /// Container and encoding, such as `WAV, 16-bit PCM`.
  var format: String
  /// Hertz.
  var sampleRate: Int
  var channels: Int
  /// How long it is, in seconds; nil until it was read to its end.
  var seconds: Double?
  /// What of it could not be read; nil when all could.
  var damage: String?
  /// What was left out because nothing sounds in it.
  var silences: [Silence] = []

  /// A stretch that was left out.
  struct Silence: Hashable, Sendable {
    var range: ClipRange
    /// The channel that it is about; nil where all channels were mixed.
    var channel: Int?
  }
}

extension SourceFacts.Silence: Codable {
  /// Reads `[start, end]` or `[start, end, channel]`.
  init(from decoder: any Decoder) throws {
    range = try ClipRange(from: decoder)
    var list = try decoder.unkeyedContainer()
    for _ in 0..<2 { _ = try list.decode(Int64.self) }
    channel = list.isAtEnd ? nil : try list.decode(Int.self)
  }

  /// Writes what is read.
  func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(range.start)
    try list.encode(range.end)
    if let channel { try list.encode(channel) }
  }
}

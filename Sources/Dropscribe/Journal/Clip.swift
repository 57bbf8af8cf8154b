import FoundationEssentials
import Messages

/// One stretch of a job's recording, and what became of it.
struct Clip: Hashable, Sendable {
  enum State: String, Sendable {
    /// Not answered yet.
    case pending
    /// Answered with text.
    case done
    /// Answered with nothing, where no speech was measured either.
    case noSpeech = "no speech"
    /// Not asked: an earlier channel says the same.
    case equal
    /// Final without a transcript; ``Clip/gap`` says why.
    case gap
  }

  /// Why a stretch has no transcript. The raw values stand in transcripts and sidecars.
  enum Gap: String, Sendable {
    case contentFilter = "content filter"
    case refusal = "refused by the model"
    case truncated = "reply cut short"
    case empty = "empty reply"
    /// Refused by the endpoint for good, or too often.
    case failed = "request failed"
    /// Sent and perhaps paid, twice, without a reply that arrived.
    case unknown = "no reply arrived"
  }

  var id: Int64
  var job: Int64
  /// From 0, in the order of the recording within each channel.
  var index: Int
  /// The channel that it was cut from, from 0; nil where all channels were mixed.
  var channel: Int?
  var range: ClipRange
  var joint: SliceFrame.Joint
  var speech: [ClipRange]
  /// dBFS.
  var level: Double
  var state: State
  var gap: Gap?
  /// What went wrong in the endpoint's words, for the sidecar; never a secret.
  var detail: String?
  /// The reply, present whenever one arrived whole, also for a gap.
  var reply: Reply?
  /// The attempts that were made, in order.
  var attempts: [Attempt] = []

  /// Whether anybody was heard to speak in it.
  var hasSpeech: Bool { !speech.isEmpty }
}

/// One request for one clip, committed before it is sent.
struct Attempt: Hashable, Sendable {
  enum Outcome: String, Sendable {
    /// Committed, and nothing known since: after a restart this is `unknown`.
    case sent
    /// A whole reply arrived.
    case answered
    /// A whole refusal arrived.
    case refused
    /// Provably not sent: free.
    case unsent
    /// Sent, and no whole reply: perhaps paid.
    case unknown
  }

  var id: Int64
  var started: Date
  var outcome: Outcome
  /// HTTP status, where one arrived.
  var status: Int?
  var milliseconds: Int?
  /// Why it was no transcript; never a secret or a payload.
  var detail: String?
  /// It says nothing about the clip, or a person said `retry` since: it does not count against it.
  var isForgiven = false
}

import FoundationEssentials
import SystemPackage

/// Everything that the sidecars of one recording say, as the journal knows it at one moment.
struct RecordingReport: Sendable {
  var recording: Recording
  /// One for each task that the recording got, cancelled ones included, in any order.
  var jobs: [JobReport]
  /// The version of dropscribe.
  var version: String
  var now: Date
}

/// One task's part in a ``RecordingReport``.
struct JobReport: Sendable {
  var job: Job
  /// All clips that were cut, in any order.
  var clips: [Clip]
  /// The task's suffix, such as `.es`; see ``SidecarNames``.
  var suffix: String
  /// The formats that the task asks for. `txt` is written, others are not known yet.
  var formats: [String]
  /// What the endpoint's tokens cost.
  var prices: EndpointConfiguration.Prices?
  /// True for a job of which a usage sidecar says that it was done before the journal was lost: its clips are
  /// not known any more, so its text is left alone, and its part of the usage sidecar is kept as it stands.
  var isEarlier = false
  /// What keeps the job from going on, where a person should hear of it. A job that failed needs none: its
  /// reason is told.
  var problem: ErrorSidecar.Problem?
}

/// A sidecar as it was when it was last written: what the journal keeps of it.
struct WrittenSidecar: Hashable, Sendable {
  var name: FileName
  /// Of its bytes, lower-case hex.
  var sha256: String
  /// A digest of what it says, times of writing left out: equal ones mean that there is nothing new to say.
  /// For a text it is ``sha256``.
  var meaning: String
}

public import FoundationEssentials

/// What a command asks of whoever holds the state. One JSON object on one line.
public enum ControlRequest: Codable, Sendable {
  /// How everything stands; so many of the jobs that are done, newest first.
  case status(done: Int)
  /// Ask again for gaps and failures, or (`again`) buy anew. Paths are bytes; nil means all that failed.
  case retry(paths: [Data]?, task: String?, again: Bool)
  /// Let the backlog go.
  case release
}

/// The answer to a ``ControlRequest``.
public enum ControlReply: Codable, Sendable {
  /// How everything stands.
  case status(Status)
  /// How many jobs will ask their endpoint again, and how many only have their sidecars written again.
  case retried(asked: Int, rewritten: Int)
  /// How many jobs were let go.
  case released(Int)
  /// It could not be done; for a person.
  case failed(String)
}

/// How everything stands: what `dropscribe status --json` prints.
public struct Status: Codable, Sendable {
  /// The form's version.
  public var schema = 1
  /// Whether a daemon is at work.
  public var running: Bool
  /// Jobs of present recordings by state.
  public var counts: [String: Int]
  /// The endpoints of a running daemon.
  public var endpoints: [EndpointStatus]
  /// The folders of a running daemon.
  public var folders: [WatchedFolder]
  /// Files that have not settled yet.
  public var settling: [String]
  /// Files that are no recordings; not all of them where there are very many.
  public var ignored: [String]
  /// The jobs that are not done, oldest first, and the last that are.
  public var jobs: [JobStatus]
}

/// How an endpoint stands.
public struct EndpointStatus: Codable, Sendable {
  /// Its name in the configuration.
  public var name: String
  /// `open`, `unproven` or `paused`.
  public var state: String
  /// Why it is paused.
  public var reason: String?
  /// When it is tried again, in seconds from now.
  public var retryInSeconds: Double?
  /// Requests in flight.
  public var inFlight: Int
}

/// How a folder stands.
public struct WatchedFolder: Codable, Sendable {
  /// Its name in the configuration.
  public var name: String
  /// Where it is.
  public var path: String
  /// `starting`, `watched`, `polled` or `missing`.
  public var state: String
  /// Why it is polled instead of watched.
  public var reason: String?
}

/// One line of `status`: a job and how far it is.
public struct JobStatus: Codable, Sendable {
  /// The file.
  public var path: String
  /// Its folder's name in the configuration.
  public var folder: String
  /// The task's name.
  public var task: String
  /// One of backlog, queued, running, done, failed, cancelled
  public var state: String
  /// Why it failed or waits.
  public var reason: String?
  /// How long the recording is; nil until it was read to its end.
  public var seconds: Double?
  /// Clips that were cut so far.
  public var clips: Int
  /// Of them, those that are final.
  public var clipsFinal: Int
  /// Of those, the ones without a transcript.
  public var gaps: Int
  /// As the endpoint counts them.
  public var promptTokens: Int
  /// As the endpoint counts them.
  public var completionTokens: Int
}

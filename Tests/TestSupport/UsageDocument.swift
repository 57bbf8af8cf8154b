/// What the tests look at of a usage sidecar, read as a stranger's script reads it: by the names in the schema.
package struct UsageDocument: Decodable, Sendable {
  package struct Tokens: Decodable, Sendable {
    package var prompt: Int
    package var completion: Int
    package var total: Int
  }

  package struct Attempts: Decodable, Sendable {
    package var total: Int
    package var answered: Int
    package var unknown: Int
  }

  package struct FailedAttempt: Decodable, Sendable {
    package var outcome: String
    package var status: Int?
  }

  package struct Clip: Decodable, Sendable {
    package var channel: Int?
    package var start: Double
    package var end: Double
    package var overlap: Double?
    package var state: String
    package var reused: Bool?
    package var attempts: Int
    package var failedAttempts: [FailedAttempt]?
  }

  package struct Sums: Decodable, Sendable {
    package var tokens: Tokens
    package var attempts: Attempts
  }

  package struct Stretch: Decodable, Sendable {
    package var start: Double
    package var end: Double
  }

  package struct Warning: Decodable, Sendable {
    package var kind: String
    package var at: Double?
  }

  package struct Output: Decodable, Sendable {
    package var name: String
  }

  package struct Task: Decodable, Sendable {
    package var state: String
    package var instruction: String
    package var sums: Sums
    package var clips: [Clip]
    package var silences: [Stretch]
    package var warnings: [Warning]
    package var outputs: [Output]
  }

  package struct Source: Decodable, Sendable {
    package var name: String
    package var sha256: String
    package var seconds: Double?
    package var format: String?
  }

  package struct Totals: Decodable, Sendable {
    package var tokens: Tokens
    package var attempts: Attempts
  }

  package var complete: Bool
  package var final: Bool
  package var source: Source
  package var tasks: [String: Task]
  package var totals: Totals
}

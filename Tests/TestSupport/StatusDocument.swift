/// What the tests look at of `status --json`, read as a stranger's script reads it.
package struct StatusDocument: Decodable, Sendable {
  package struct Endpoint: Decodable, Sendable {
    package var name: String
    package var state: String
    package var reason: String?
  }

  package struct Folder: Decodable, Sendable {
    package var name: String
    package var state: String
  }

  package struct Job: Decodable, Sendable {
    package var path: String
    package var task: String
    package var state: String
    package var reason: String?
    package var clips: Int
    package var clipsFinal: Int
  }

  package var schema: Int
  package var running: Bool
  package var counts: [String: Int]
  package var endpoints: [Endpoint]
  package var folders: [Folder]
  package var ignored: [String]
  package var jobs: [Job]
}

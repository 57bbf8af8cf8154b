/// Reads where a secret comes from: `key = { … }` and `client_secret = { … }`.
struct KeyReader {
  let section: SectionReader
  let places: ConfigurationPlaces

  /// The source; nil when none can be made out, which has then been reported.
  func read() -> KeySource? {
    var sources: [KeySource] = []
    if let name = section.text("credential") {
      if name.contains("/") || name == "." || name == ".." {
        section.report("credential in \(section.title) is the name of a file, not a path", at: "credential")
      }
      sources.append(.credential(name))
    }
    if let name = section.text("env") {
      if !name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }) {
        section.report("env in \(section.title) is no name of an environment variable", at: "env")
      }
      sources.append(.environment(name))
    }
    if let path = places.path(of: "file", in: section) { sources.append(.file(path)) }
    let given = ["credential", "env", "file"].filter(section.mentions)
    if given.count != 1 {
      section.report(
        given.isEmpty
          ? "\(section.title) names no source; write credential, env or file"
          : "\(section.title) names \(given.count) sources, \(given.joined(separator: " and ")); keep one"
      )
    }
    return sources.first
  }
}

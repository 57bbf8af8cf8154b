import SystemPackage

/// Reads `[state]`.
struct StateReader {
  let section: SectionReader
  let places: ConfigurationPlaces

  /// What `sockaddr_un` holds besides its ending NUL.
  static let longestSocketPath = 107

  /// The folder of the journal.
  func path() -> FilePath? {
    if section.mentions("path") { return places.path(of: "path", in: section) }
    if let path = places.defaultState { return path }
    section.report(
      "neither [state] path nor $STATE_DIRECTORY, $XDG_STATE_HOME or $HOME says where to keep the journal"
    )
    return nil
  }

  /// The control socket.
  func socket(for state: FilePath) -> FilePath? {
    let isGiven = section.mentions("socket")
    guard let socket = isGiven ? places.path(of: "socket", in: section) : places.defaultSocket(state: state)
    else { return nil }
    let length = socket.withPlatformString { path in
      var length = 0
      while path[length] != 0 { length += 1 }
      return length
    }
    if length > Self.longestSocketPath {
      section.report(
        "the control socket \(socket) has a path of \(length) bytes, and Linux allows \(Self.longestSocketPath); "
          + "set a shorter one: socket = \"/run/…\" in [state]",
        at: isGiven ? "socket" : "path"
      )
    }
    return socket
  }
}

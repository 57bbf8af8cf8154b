public import SystemPackage

/// Where things are: the file that is read and what the environment says about the rest.
struct ConfigurationPlaces: Sendable {
  /// The configuration file, absolute.
  let file: FilePath
  let environment: [String: String]

  /// The file of the system service.
  static let systemFile: FilePath = "/etc/dropscribe/dropscribe.toml"
  /// The state of the system service: `StateDirectory=dropscribe`.
  static let systemState: FilePath = "/var/lib/dropscribe"
  /// The socket of the system service: in `RuntimeDirectory=dropscribe`.
  static let systemSocket: FilePath = "/run/dropscribe/control.sock"

  /// What an environment variable says; nil when it is unset or empty.
  func variable(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A folder that a variable of the XDG base directory specification names; relative ones do not count.
  private func folder(_ name: String, orHome rest: String) -> FilePath? {
    if let path = variable(name).map({ FilePath($0) }), path.isAbsolute { return path.lexicallyNormalized() }
    return home?.appending(rest)
  }

  private var home: FilePath? {
    guard let home = variable("HOME").map({ FilePath($0) }), home.isAbsolute else { return nil }
    return home
  }

  /// A path from the file, made absolute: `~/` is the home folder, relative ones begin at the file's folder.
  /// Nil when there is no home folder.
  func path(_ text: String) -> FilePath? {
    if text == "~" { return home?.lexicallyNormalized() }
    if text.hasPrefix("~/") { return home?.appending(String(text.dropFirst(2))).lexicallyNormalized() }
    return file.removingLastComponent().pushing(FilePath(text)).lexicallyNormalized()
  }

  /// The folder of the journal where the file names none; nil when there is no home folder either.
  var defaultState: FilePath? {
    // systemd lists several, should a unit have several.
    if let given = variable("STATE_DIRECTORY")?.split(separator: ":").first { return FilePath(String(given)) }
    if file.removingLastComponent() == Self.systemFile.removingLastComponent() { return Self.systemState }
    return userState
  }

  private var userState: FilePath? {
    folder("XDG_STATE_HOME", orHome: ".local/state")?.appending("dropscribe")
  }

  /// The control socket of a state. It follows from the state alone, never from a variable that only the
  /// service has, so that the command line finds the daemon's, and two daemons never share one.
  func defaultSocket(state: FilePath) -> FilePath {
    if state == Self.systemState { return Self.systemSocket }
    if state == userState, let runtime = variable("XDG_RUNTIME_DIR").map({ FilePath($0) }), runtime.isAbsolute
    {
      return runtime.lexicallyNormalized().appending("dropscribe").appending("control.sock")
    }
    return state.appending("control.sock")
  }

  /// The places where a configuration is looked for, in order.
  static func candidates(environment: [String: String]) -> [FilePath] {
    let places = ConfigurationPlaces(file: systemFile, environment: environment)
    let user = places.folder("XDG_CONFIG_HOME", orHome: ".config")?.appending("dropscribe/dropscribe.toml")
    return [user, systemFile].compactMap { $0 }
  }
}

extension Configuration {
  /// The file that counts: `explicit` if given, else the first that is there of
  /// `$XDG_CONFIG_HOME/dropscribe/dropscribe.toml` (or under `~/.config`) and
  /// `/etc/dropscribe/dropscribe.toml`.
  ///
  /// - Throws: ``ConfigurationErrors``, naming the places, when there is none.
  public static func find(
    explicit: FilePath?,
    environment: [String: String]
  ) throws(ConfigurationErrors) -> FilePath {
    if let explicit { return explicit }
    let candidates = ConfigurationPlaces.candidates(environment: environment)
    if let found = candidates.first(where: { (try? $0.stat()) != nil }) { return found }
    throw ConfigurationErrors(
      file: candidates.first ?? ConfigurationPlaces.systemFile,
      "there is no configuration here"
        + (candidates.count > 1
          ? ", nor in \(candidates.dropFirst().map(\.description).joined(separator: " or "))" : "")
        + "; write one (etc/dropscribe/dropscribe.toml of the distribution is a sample), or name one with --config"
    )
  }
}

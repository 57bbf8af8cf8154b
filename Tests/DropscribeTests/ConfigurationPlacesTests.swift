import FoundationEssentials
import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct ConfigurationPlacesTests {
  let text = ConfigurationFixture.endpoint + ConfigurationFixture.folder

  @Test func theServiceAndTheCommandLineFindTheSameSocket() throws {
    let file = ConfigurationPlaces.systemFile
    let service = try ConfigurationFixture.read(
      text,
      file: file,
      environment: ["STATE_DIRECTORY": "/var/lib/dropscribe", "RUNTIME_DIRECTORY": "/run/dropscribe"]
    )
    let person = try ConfigurationFixture.read(
      text,
      file: file,
      environment: ["HOME": "/home/ada", "XDG_RUNTIME_DIR": "/run/user/1000"]
    )
    #expect(service == person)
    #expect(service.statePath == "/var/lib/dropscribe")
    #expect(service.socketPath == "/run/dropscribe/control.sock")
  }

  @Test func aUsersOwnDaemonHasItsStateAndSocketInTheUsersFolders() throws {
    let configuration = try ConfigurationFixture.read(
      text,
      environment: ["HOME": "/home/ada", "XDG_STATE_HOME": "/x", "XDG_RUNTIME_DIR": "/run/user/1000"]
    )
    #expect(configuration.statePath == "/x/dropscribe")
    #expect(configuration.socketPath == "/run/user/1000/dropscribe/control.sock")
  }

  @Test func twoStatesNeverShareASocket() throws {
    let environment = ["HOME": "/home/ada", "XDG_RUNTIME_DIR": "/run/user/1000"]
    let one = try ConfigurationFixture.read(text, environment: environment)
    let other = try ConfigurationFixture.read(text + "[state]\npath = \"/x\"\n", environment: environment)
    let third = try ConfigurationFixture.read(
      text,
      environment: environment.merging(["STATE_DIRECTORY": "/y:/z"]) { $1 }
    )
    #expect(one.socketPath != other.socketPath)
    #expect(other.socketPath == "/x/control.sock")
    #expect(third.statePath == "/y")
    #expect(third.socketPath == "/y/control.sock")
  }

  @Test func aSocketPathThatLinuxCannotTakeIsAnError() {
    // "/" + 93 + "/control.sock" are 107 bytes.
    let fits = String(repeating: "s", count: 93)
    #expect(ConfigurationFixture.problems(text + "[state]\npath = \"/\(fits)\"\n") == [])
    let problems = ConfigurationFixture.problems(text + "[state]\npath = \"/\(fits)s\"\n")
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("6: the control socket /sss") == true)
    #expect(problems.first?.contains("108 bytes, and Linux allows 107") == true)
  }

  @Test func withoutAHomeTheStateIsAskedFor() {
    let problems = ConfigurationFixture.problems(text, environment: [:])
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("neither [state] path nor $STATE_DIRECTORY") == true)
    #expect(ConfigurationFixture.problems(text + "[state]\npath = \"/x\"\n", environment: [:]) == [])
    #expect(ConfigurationFixture.problems(text + "[state]\npath = \"~/x\"\n", environment: [:]).count == 1)
  }

  @Test func theFirstConfigurationThatIsThereCounts() throws {
    try TemporaryFolder.with { folder in
      let environment = ["HOME": folder.string, "XDG_CONFIG_HOME": folder.string]
      if (try? ConfigurationPlaces.systemFile.stat()) == nil {
        let error = #expect(throws: ConfigurationErrors.self) {
          try Configuration.find(explicit: nil, environment: environment)
        }
        let description = try #require(error).description
        #expect(description.contains("\(folder)/dropscribe/dropscribe.toml"))
        #expect(description.contains("/etc/dropscribe/dropscribe.toml"))
      }
      let own = folder.appending("dropscribe").appending("dropscribe.toml")
      try FileManager.default.createDirectory(
        atPath: own.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try TemporaryFolder.write(text, to: own)
      #expect(try Configuration.find(explicit: nil, environment: environment) == own)
      #expect(try Configuration.find(explicit: "x.toml", environment: environment) == "x.toml")
    }
  }

  @Test func aFolderThatCannotBeWatchedIsNamedWithoutBeingAnError() throws {
    try TemporaryFolder.with { folder in
      try TemporaryFolder.write("", to: folder.appending("file"))
      let configuration = try ConfigurationFixture.read(
        ConfigurationFixture.endpoint + """
          [folder.gone]
          path = "\(folder)/gone"
          [folder.file]
          path = "\(folder)/file"
          [folder.here]
          path = "\(folder)/here"
          """
      )
      try FileManager.default.createDirectory(
        atPath: folder.appending("here").string,
        withIntermediateDirectories: true
      )
      let missing = configuration.missingFolders()
      #expect(missing.map(\.name) == ["file", "gone"])
      #expect(missing.first?.description == "[folder.file]: \(folder)/file is no folder")
      #expect(missing.last?.reason.hasPrefix("does not exist") == true)
    }
  }
}

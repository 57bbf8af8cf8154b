import Glibc
import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

/// What systemd itself says of the service's files. `script/test` installs systemd's tools where they are
/// missing; nothing here needs it to run.
@Suite struct ServiceUnitTests {
  /// The top of the repository. Its `..` are left to the kernel, which knows links.
  static let top = FilePath(#filePath).removingLastComponent().appending("../..")

  struct Unit: Sendable, CustomTestStringConvertible {
    var path: String
    var manager: String

    var testDescription: String { path }
  }

  static let units = [
    Unit(path: "systemd/dropscribe.service", manager: "--system"),
    Unit(path: "systemd/user/dropscribe.service", manager: "--user"),
  ]

  @Test(arguments: units) func systemdTakesEveryLine(_ unit: Unit) async throws {
    let text = try String(contentsOfFile: Self.top.appending(unit.path).string, encoding: .utf8)
    let (status, words) = try await verify(text, unit.manager)
    #expect(status == .exited(0), "\(words)")
    #expect(words.isEmpty)
  }

  @Test(arguments: units) func systemdWouldSeeAMistake(_ unit: Unit) async throws {
    let text = try String(contentsOfFile: Self.top.appending(unit.path).string, encoding: .utf8)
    let (status, words) = try await verify(text.replacing("KillMode=", with: "KilMode="), unit.manager)
    #expect(status != .exited(0))
    #expect(words.contains("KilMode"))
  }

  @Test func theServiceIsHardened() async throws {
    // Tenths: systemd calls up to 2.0 "OK", and a bare unit has 9.2.
    let result = try await Subprocess.run(
      .name("systemd-analyze"),
      arguments: [
        "security", "--offline=true", "--threshold=20", "--no-pager",
        Self.top.appending("systemd/dropscribe.service").string,
      ],
      output: .string(limit: 1_048_576),
      error: .string(limit: 1_048_576)
    )
    #expect(
      result.terminationStatus == .exited(0),
      "\result.standardOutput\result.standardError"
    )
  }

  @Test func theUserCanBeMade() async throws {
    let result = try await Subprocess.run(
      .name("systemd-sysusers"),
      arguments: ["--dry-run", Self.top.appending("etc/sysusers.d/dropscribe.conf").string],
      output: .string(limit: 65_536),
      error: .string(limit: 65_536)
    )
    #expect(result.terminationStatus == .exited(0), "\result.standardError")
    #expect(result.standardError.contains("ignoring") == false)
  }

  @Test(.enabled(if: geteuid() == 0, "only root makes users and gives folders to them"))
  func theFoldersBelongToTheService() async throws {
    try await withTemporaryFolder { root in
      try FileManager.default.createDirectory(
        atPath: root.appending("etc").string,
        withIntermediateDirectories: true
      )
      for (tool, arguments) in [
        ("systemd-sysusers", [Self.top.appending("etc/sysusers.d/dropscribe.conf").string]),
        ("systemd-tmpfiles", ["--create", Self.top.appending("etc/tmpfiles.d/dropscribe.conf").string]),
      ] {
        let result = try await Subprocess.run(
          .name(tool),
          arguments: Arguments(["--root=\(root)"] + arguments),
          output: .discarded,
          error: .string(limit: 65_536)
        )
        #expect(result.terminationStatus == .exited(0), "\result.standardError")
      }
      let folder = try root.appending("srv/recordings").stat()
      #expect(folder.permissions.rawValue == 0o2770)
      #expect(folder.userID.rawValue != 0)
      #expect(folder.groupID.rawValue != 0)
      #expect(try root.appending("etc/dropscribe").stat().permissions.rawValue == 0o755)
    }
  }

  /// What `systemd-analyze verify` says to a unit whose program is replaced by one that every machine has: the
  /// real one need not be installed.
  private func verify(_ text: String, _ manager: String) async throws -> (TerminationStatus, String) {
    try await withTemporaryFolder { folder in
      let file = folder.appending("dropscribe.service")
      try text.replacing("=/usr/bin/dropscribe", with: "=/bin/true").write(
        toFile: file.string,
        atomically: false,
        encoding: .utf8
      )
      let result = try await Subprocess.run(
        .name("systemd-analyze"),
        arguments: ["verify", "--man=no", "--recursive-errors=no", manager, file.string],
        environment: .inherit.updating(["XDG_RUNTIME_DIR": folder.string, "HOME": folder.string]),
        output: .string(limit: 65_536),
        error: .string(limit: 65_536)
      )
      return (result.terminationStatus, result.standardOutput + result.standardError)
    }
  }

  private func withTemporaryFolder<Result>(
    _ body: (FilePath) async throws -> Result
  ) async throws -> Result {
    let folder = FilePath("/tmp/dropscribe-unit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    return try await body(folder)
  }
}

import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct SecretTests {
  @Test func aSecretNeverPrints() {
    let secret = Secret("sesame")
    var dumped = ""
    dump((secret, [secret]), to: &dumped)
    let printed = "\(secret) \(String(reflecting: secret)) \(String(describing: [secret])) \(dumped)"
    #expect(printed.contains("<secret>"))
    #expect(!printed.contains("sesame"))
    #expect(secret.revealed == "sesame")
  }

  @Test func aVariableIsRead() throws {
    let (secret, warning) = try KeySource.environment("K").secret(environment: ["K": "sesame\n"])
    #expect(secret.revealed == "sesame")
    #expect(warning == nil)
  }

  @Test func aCredentialIsReadFromSystemdsFolder() throws {
    try TemporaryFolder.with { folder in
      try TemporaryFolder.write(
        "sesame\r\n",
        to: folder.appending("api-key"),
        mode: [.ownerRead, .otherRead]
      )
      let environment = ["CREDENTIALS_DIRECTORY": folder.string]
      let (secret, warning) = try KeySource.credential("api-key").secret(environment: environment)
      #expect(secret.revealed == "sesame")
      #expect(warning == nil)
      let problem = #expect(throws: SecretProblem.self) {
        try KeySource.credential("other").secret(environment: environment)
      }
      #expect(problem?.description == "the credential \"other\" (\(folder)/other) does not exist")
    }
  }

  @Test func aFileThatAllMayReadIsAWarning() throws {
    try TemporaryFolder.with { folder in
      let file = folder.appending("key")
      try TemporaryFolder.write("sesame", to: file)
      #expect(try KeySource.file(file).secret(environment: [:]).warning == nil)
      try TemporaryFolder.write("sesame", to: folder.appending("open"), mode: [.ownerRead, .otherRead])
      let warning = try KeySource.file(folder.appending("open")).secret(environment: [:]).warning
      #expect(warning?.contains("may be read by every user; chmod o= ") == true)
    }
  }

  @Test(arguments: ["", "\n", "ses ame", "ses\name", "sésame", "sesame\t", "se\u{0}same"])
  func aKeyThatNoHeaderCouldCarryIsRefusedWithoutRepeatingIt(_ text: String) throws {
    let problem = #expect(throws: SecretProblem.self) {
      try KeySource.environment("K").secret(environment: ["K": text])
    }
    let description = try #require(problem).description
    #expect(description.hasPrefix("the environment variable K "))
    #expect(!description.contains("same"))
  }

  @Test func aKeyThatIsNotThereIsNamed() {
    for (source, words) in [
      (KeySource.environment("K"), "the environment variable K is not set"),
      (.credential("api-key"), "$CREDENTIALS_DIRECTORY is not set"),
      (.file("/nowhere/key"), "the key file /nowhere/key does not exist"),
      (.file("/tmp"), "the key file /tmp is a folder"),
      (.file("/dev/zero"), "the key file /dev/zero is no regular file"),
    ] {
      let problem = #expect(throws: SecretProblem.self) { try source.secret(environment: [:]) }
      #expect(problem?.description.contains(words) == true)
    }
  }

  @Test func anEndlessFileIsNotReadToItsEnd() throws {
    try TemporaryFolder.with { folder in
      let file = folder.appending("large")
      try TemporaryFolder.write([UInt8](repeating: 0x61, count: KeySource.longestKey + 1), to: file)
      let problem = #expect(throws: SecretProblem.self) { try KeySource.file(file).secret(environment: [:]) }
      #expect(problem?.description.contains("is larger than 64 KiB") == true)
    }
  }
}

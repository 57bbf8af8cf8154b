import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct ConfigurationErrorTests {
  /// A file, and parts of each message that it must give, with its line.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var expected: [String]

    init(_ description: String, _ text: String, _ expected: String...) {
      testDescription = description
      self.text = text
      self.expected = expected
    }
  }

  static let endpoint = ConfigurationFixture.endpoint
  static let folder = ConfigurationFixture.folder
  static let openai = "[endpoint.o]\npreset = \"openai\"\nmodel = \"m\"\nkey = { env = \"K\" }\n"

  static let cases = [
    Case("empty", "", "there is no [endpoint.NAME]", "there is no [folder.NAME]"),
    Case("no folder", endpoint, "there is no [folder.NAME]"),
    Case("no endpoint", folder, "there is no [endpoint.NAME]"),
    Case(
      "misspelt key",
      endpoint + folder + "[task.spanish]\ninstrution = \"x\"\ninstruction = \"y\"\n",
      "6: unknown key \"instrution\" in [task.spanish]; did you mean \"instruction\"?"
    ),
    Case(
      "misspelt section",
      endpoint + folder + "[sate]\n",
      "5: unknown section [sate]; did you mean [state]?"
    ),
    Case(
      "a later version's section",
      endpoint + folder + "[budget]\n",
      "5: unknown section [budget]; known are"
    ),
    Case(
      "key in the wrong section",
      endpoint + "settle_seconds = 2\n" + folder,
      "3: unknown key \"settle_seconds\" in [endpoint.local]; it belongs in [folder.NAME]"
    ),
    Case(
      "key at the top",
      "path = \"/x\"\n" + endpoint + folder,
      "1: unknown key \"path\"; it belongs in [folder.NAME] or [state]"
    ),
    Case(
      "no name",
      "[endpoint]\npreset = \"local\"\n" + folder,
      "2: [endpoint] holds only sections with a name"
    ),
    Case(
      "a section that is none",
      "clip = 3\n" + endpoint + folder,
      "1: clip must be a section, [clip], not a whole"
    ),
    Case("a bad name", endpoint + "[folder.\"in box\"]\npath = \"/x\"\n", "3: \"in box\" is no name"),
    Case(
      "wrong type",
      endpoint + folder + "recursive = \"yes\"\n",
      "5: recursive in [folder.inbox] must be true or false"
    ),
    Case(
      "text for a number",
      endpoint + "timeout_seconds = \"5\"\n" + folder,
      "3: timeout_seconds in [endpoint.local] must be 1 to 3600 seconds, not a text"
    ),
    Case(
      "fraction for a whole",
      endpoint + "concurrency = 2.5\n" + folder,
      "3: concurrency in [endpoint.local] must be a whole number from 1 to 256, not a number (2.5)"
    ),
    Case(
      "out of range",
      endpoint + "concurrency = 0\n" + folder,
      "3: concurrency in [endpoint.local] is 0, which is not a whole number from 1 to 256"
    ),
    Case(
      "not a number",
      endpoint + "temperature = nan\n" + folder,
      "3: temperature in [endpoint.local] is nan"
    ),
    Case(
      "infinite",
      endpoint + "extra = { a = inf }\n" + folder,
      "3: extra in [endpoint.local] holds a date or a number that is not finite"
    ),
    Case(
      "unknown preset",
      "[endpoint.a]\npreset = \"azure\"\n" + folder,
      "2: preset in [endpoint.a] cannot be \"azure\", only \"azure-ai\", \"azure-openai\", \"openai\", "
    ),
    Case("no preset", "[endpoint.a]\n" + folder, "1: [endpoint.a] has no preset"),
    Case(
      "unknown endpoint",
      endpoint + folder + "[task.transcript]\nendpoint = \"locl\"\n",
      "6: [task.transcript] names the endpoint \"locl\", which is not there; did you mean \"local\"?"
    ),
    Case(
      "no endpoint named",
      endpoint + openai + folder + "[task.transcript]\n",
      "9: [task.transcript] does not say which endpoint to use; there are \"local\", \"o\""
    ),
    Case("two endpoints and no task", endpoint + openai + folder, "there are 2 endpoints, and no task"),
    Case(
      "unknown task",
      endpoint + folder + "tasks = [\"transcrpt\"]\n",
      "5: [folder.inbox] names the task \"transcrpt\", which is not there; did you mean \"transcript\"?"
    ),
    Case("no tasks", endpoint + folder + "tasks = []\n", "5: tasks in [folder.inbox] is empty"),
    Case(
      "a task twice",
      endpoint + folder + "tasks = [\"transcript\", \"transcript\"]\n",
      "5: tasks in [folder.inbox] names \"transcript\" twice"
    ),
    Case(
      "folder inside another",
      endpoint + "[folder.a]\npath = \"/srv\"\n[folder.b]\npath = \"/srv/x/../y\"\n",
      "6: [folder.b] (/srv/y) lies in [folder.a] (/srv)"
    ),
    Case(
      "the same folder",
      endpoint + "[folder.a]\npath = \"/srv/\"\n[folder.b]\npath = \"/srv/./\"\n",
      "4: [folder.a] and [folder.b] are the same folder"
    ),
    Case(
      "the same output",
      endpoint + folder + "tasks = [\"a\", \"b\"]\n[task.a]\ninstruction = \"x\"\nsuffix = \"\"\n"
        + "[task.b]\ninstruction = \"y\"\nsuffix = \"\"\n",
      "5: the tasks \"a\" and \"b\" of [folder.inbox] would both write NAME.txt"
    ),
    Case(
      "empty instruction",
      endpoint + folder + "[task.transcript]\ninstruction = \"  \"\n",
      "6: instruction in [task.transcript] is empty"
    ),
    Case("no instruction", endpoint + folder + "[task.a]\n", "5: [task.a] has no instruction"),
    Case(
      "no such instruction file",
      endpoint + folder + "[task.a]\ninstruction = { file = \"/nowhere/x\" }\n",
      "6: the instruction's file /nowhere/x does not exist"
    ),
    Case(
      "suffix with a slash",
      endpoint + folder + "[task.transcript]\nsuffix = \"/../x\"\n",
      "6: suffix in [task.transcript] is \"/../x\""
    ),
    Case(
      "an unknown format",
      endpoint + folder + "[task.transcript]\nformats = [\"srt\"]\n",
      "6: formats in [task.transcript] must be a list of \"txt\""
    ),
    Case(
      "url without a scheme",
      "[endpoint.a]\npreset = \"local\"\nurl = \"localhost:1\"\n" + folder,
      "3: url in [endpoint.a] does not begin with https://"
    ),
    Case(
      "url of another kind",
      "[endpoint.a]\npreset = \"local\"\nurl = \"ftp://x\"\n" + folder,
      "3: url in [endpoint.a] begins with \"ftp://\""
    ),
    Case(
      "no url",
      "[endpoint.a]\npreset = \"azure-ai\"\nmodel = \"m\"\nkey = { env = \"K\" }\n" + folder,
      "1: [endpoint.a] has no url"
    ),
    Case(
      "http to another machine",
      "[endpoint.a]\npreset = \"local\"\nurl = \"http://10.0.0.1/v1\"\n" + folder,
      "3: url in [endpoint.a] leads over http:// to another machine"
    ),
    Case(
      "no model",
      "[endpoint.a]\npreset = \"openai\"\nkey = { env = \"K\" }\n" + folder,
      "1: [endpoint.a] has no model"
    ),
    Case(
      "no key",
      "[endpoint.a]\npreset = \"openai\"\nmodel = \"m\"\n" + folder,
      "1: [endpoint.a] has no key"
    ),
    Case(
      "two sources of a key",
      endpoint + "key = { env = \"A\", file = \"/b\" }\n" + folder,
      "3: [endpoint.local.key] names 2 sources, env and file"
    ),
    Case("no source of a key", endpoint + "key = {}\n" + folder, "3: [endpoint.local.key] names no source"),
    Case(
      "a credential that is a path",
      endpoint + "key = { credential = \"../x\" }\n" + folder,
      "3: credential in [endpoint.local.key] is the name of a file"
    ),
    Case(
      "a key that is never sent",
      endpoint + "key = { env = \"A\" }\nauthentication = \"none\"\n" + folder,
      "4: [endpoint.local] has a key, but"
    ),
    Case(
      "authentication without a key",
      endpoint + "authentication = \"bearer\"\n" + folder,
      "3: [endpoint.local] has no key"
    ),
    Case(
      "a header with a line break",
      endpoint + "headers = { x = \"a\\r\\nb\" }\n" + folder,
      "3: the header \"x\" of [endpoint.local] has a value"
    ),
    Case(
      "a header that carries a key",
      endpoint + "headers = { Authorization = \"x\" }\n" + folder,
      "3: the header Authorization of [endpoint.local] carries a key"
    ),
    Case(
      "a body field of ours",
      endpoint + "extra = { stream = true }\n" + folder,
      "3: stream in extra of [endpoint.local] would turn"
    ),
    Case(
      "a currency",
      endpoint + "prices = { input = 1, output = 1, currency = \"€\" }\n" + folder,
      "3: currency in [endpoint.local.prices] is \"€\""
    ),
    Case(
      "half a price",
      endpoint + "prices = { input = 1 }\n" + folder,
      "3: [endpoint.local.prices] has no output"
    ),
    Case(
      "min over max",
      endpoint + folder + "[clip]\nmax_seconds = 5\nmin_seconds = 6\n",
      "7: min_seconds (6) in [clip] is more than max_seconds (5)"
    ),
    Case(
      "the state in a folder",
      endpoint + folder + "[state]\npath = \"/srv/recordings/.state\"\n",
      "5: the state's folder /srv/recordings/.state lies in [folder.inbox]"
    ),
    Case(
      "an escaped NUL",
      endpoint + folder + "[task.transcript]\ninstruction = \"a\\u0000b\"\n",
      "6: a text cannot hold a NUL"
    ),
    Case("no TOML", "[endpoint.a\npreset = 3\n", "1: no TOML:"),
    Case("a key twice", endpoint + "preset = \"local\"\n", "3: no TOML:"),
    Case("a section without a proper name", "[[[a]]]\n", "1: no TOML: the name of a section"),
    Case(
      "a section with an umlaut",
      endpoint + folder + "  [ übersetzung]\n",
      "5: no TOML: the name of a section"
    ),
    Case("the first mistake counts", "a = \n[=\n", "1: no TOML: "),
    Case(
      "brackets in a text are no section",
      endpoint + folder + "[task.transcript]\ninstruction = \"\"\"\n[=\n[[[\"\"\"\nx = 1\n",
      "9: unknown key \"x\""
    ),
    Case("a raw NUL", "a = 1\n\u{0}", "2: no TOML: a NUL byte"),
  ]

  @Test(arguments: cases) func aMistakeIsNamedWithItsLine(_ given: Case) {
    let problems = ConfigurationFixture.problems(given.text)
    #expect(problems.count == given.expected.count, "\(problems)")
    for (problem, expected) in zip(problems, given.expected) {
      #expect(problem.hasPrefix(expected), "\(problem)")
    }
  }

  @Test func allMistakesAreReportedAtOnceInOrder() throws {
    let error = #expect(throws: ConfigurationErrors.self) {
      try ConfigurationFixture.read(
        """
        [endpoint.a]
        preset = "opnai"
        [endpoint.b]
        preset = "local"
        concurency = 3
        [task.x]
        endpoint = "a"
        instruction = ""
        [folder.in]
        path = 7
        """
      )
    }
    let problems = try #require(error).problems
    #expect(problems.map(\.line) == [2, 5, 8, 10])
    #expect(problems.map(\.description).joined(separator: "\n") == "\(try #require(error))")
    #expect("\(problems[1])".hasPrefix("/home/ada/.config/dropscribe/dropscribe.toml:5: unknown key"))
  }

  @Test func aSyntaxErrorHasALineAndAColumn() throws {
    let error = #expect(throws: ConfigurationErrors.self) {
      try ConfigurationFixture.read("a = 1\nb = = 2\n")
    }
    let problem = try #require(error?.problems.first)
    #expect(problem.line == 2)
    #expect(problem.column == 5)
    #expect(problem.description.contains("dropscribe.toml:2:5: no TOML: "))
  }

  @Test func aKeyThatIsWrittenOutIsNeverRepeated() {
    let secret = "sk-4f9a0c"
    let texts = [
      "key = \"\(secret)\"\n",
      "key = \(secret)\n",
      "key = \"\(secret)\n",
      "key = { env = \(secret) }\n",
      "key = [\"\(secret)\"]\n",
      "key = { env = [\"\(secret)\"] }\n",
      "headers = { api-key = \"\(secret)\" }\n",
      "url = \"https://ada:\(secret)@example.org/v1\"\n",
    ]
    for text in texts {
      let problems = ConfigurationFixture.problems(Self.endpoint + text + Self.folder)
      #expect(!problems.isEmpty, "\(text)")
      #expect(!problems.contains { $0.contains(secret) }, "\(problems)")
    }
    let plain = ConfigurationFixture.problems(Self.endpoint + texts[0] + Self.folder)
    #expect(plain.count == 1)
    #expect(plain[0].contains("a key does not stand in this file itself"))
  }

  @Test func aDamagedFileIsReadOrRefusedButNeverFatal() throws {
    let sample = try SmallFile.text(ConfigurationManualTests.sampleFile, limit: 1_048_576)
    let lines = sample.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      // Most of the settings are commented out: with them there is more to damage.
      Array((line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line).utf8)
    }
    var refused = 0
    for seed in 0..<600 as Range<UInt64> {
      var random = RepeatableRandom(seed: seed)
      var damaged = lines.filter { $0.first != UInt8(ascii: "#") && !$0.isEmpty }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged.remove(at: index)
        case 1: damaged.swapAt(index, Int.random(in: 0..<damaged.count, using: &random))
        case 2: damaged[index].removeLast(Int.random(in: 0...damaged[index].count, using: &random))
        default:
          let place = Int.random(in: 0...damaged[index].count, using: &random)
          damaged[index].insert("\"'[]{}=#.,0ax\\".utf8.randomElement(using: &random) ?? 0, at: place)
        }
      }
      let text = String(decoding: Array(damaged.joined(separator: [0x0A])), as: UTF8.self)
      do throws(ConfigurationErrors) {
        _ = try ConfigurationFixture.read(text, file: ConfigurationPlaces.systemFile)
      } catch {
        refused += 1
        let found = error.problems.map { $0.line ?? .max }
        #expect(!found.isEmpty && found == found.sorted(), "seed \(seed)")
        #expect(found.allSatisfy { (1...damaged.count + 1).contains($0) || $0 == .max }, "seed \(seed)")
      }
    }
    #expect(refused > 300)
  }

  @Test func anInstructionFileIsReadBesideTheConfiguration() throws {
    try TemporaryFolder.with { folder in
      try TemporaryFolder.write("\u{FEFF}\n Write the minutes.\n\n", to: folder.appending("minutes.txt"))
      try TemporaryFolder.write(" \n", to: folder.appending("empty.txt"))
      let file = folder.appending("dropscribe.toml")
      func text(_ name: String) -> String {
        Self.endpoint + Self.folder + "[task.minutes]\ninstruction = { file = \"\(name)\" }\n"
      }
      try TemporaryFolder.write(text("minutes.txt"), to: file)
      let configuration = try Configuration.read(path: file, environment: ConfigurationFixture.environment)
      #expect(configuration.tasks["minutes"]?.instruction == "Write the minutes.")
      try TemporaryFolder.write(text("empty.txt"), to: file)
      let error = #expect(throws: ConfigurationErrors.self) {
        try Configuration.read(path: file, environment: ConfigurationFixture.environment)
      }
      #expect(error?.problems.map(\.line) == [6])
      #expect(error?.description.contains("empty.txt is empty") == true)
    }
  }

  @Test func aFileThatCannotBeReadIsNamed() throws {
    try TemporaryFolder.with { folder in
      let file = folder.appending("latin.toml")
      try TemporaryFolder.write([0x61, 0xE9], to: file)
      for (path, words) in [
        (file, "not in UTF-8"), (folder, "is a folder"), ("/nowhere/x.toml", "does not exist"),
      ] {
        let error = #expect(throws: ConfigurationErrors.self) {
          try Configuration.read(path: path, environment: [:])
        }
        #expect(error?.description.hasPrefix("\(path): the configuration ") == true)
        #expect(error?.description.contains(words) == true)
      }
    }
  }
}

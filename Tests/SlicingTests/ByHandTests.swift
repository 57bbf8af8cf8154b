import Glibc
import Messages
import Testing

/// The built program, as a person runs it.
@Suite struct ByHandTests {
  static func recording(_ folder: borrowing Folder) throws -> String {
    let path = folder.file("talk \"one\".flac")
    try Shell.write(Signal.clock(rate: 44_100, seconds: 25).wav, to: folder.file("a.wav"))
    try Shell.make("sox", [folder.file("a.wav"), path])
    return path
  }

  @Test func `clips are written as numbered WAV files, with a list of them`() throws {
    let folder = try Folder()
    let path = try Self.recording(folder)
    let outcome = Shell.run(Sliced.program, [path, "--out", folder.file("clips"), "--max-seconds=10"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let list = Shell.run("jq", ["-r", ".clips[].file"], input: folder.file("clips/clips.json"))
    let names = list.text.split(separator: "\n").map(String.init)
    #expect(names == (1...names.count).map { "000\($0).wav" } && names.count >= 3)
    var frames = 0
    for name in names {
      let facts = Shell.run("soxi", ["-s", folder.file("clips/\(name)")])
      frames += Int(facts.text.split(separator: "\n").first ?? "") ?? 0
      #expect(Shell.run("soxi", ["-r", folder.file("clips/\(name)")]).text == "16000\n")
    }
    #expect(frames == 25 * 16_000)
    let facts = Shell.run(
      "jq",
      ["-r", "[.schema, .verdict, .source.name, .source.sample_rate, .seconds] | @csv"],
      input: folder.file("clips/clips.json")
    )
    #expect(facts.text == "1,\"whole\",\"talk \"\"one\"\".flac\",44100,25\n")
  }

  @Test func `clips can be written as MP3`() throws {
    let folder = try Folder()
    let path = try Self.recording(folder)
    let arguments = [path, "--out", folder.file("clips"), "--max-seconds=10", "--encoding", "mp3"]
    #expect(Shell.run(Sliced.program, arguments).status == 0)
    let list = Shell.run("jq", ["-r", ".clips[].file"], input: folder.file("clips/clips.json"))
    let names = list.text.split(separator: "\n").map(String.init)
    #expect(names == (1...names.count).map { "000\($0).mp3" } && names.count >= 3)
    #expect(Shell.run("soxi", ["-r", folder.file("clips/\(names[0])")]).text == "16000\n")
    let again = Shell.run(Sliced.program, [path, "--out", folder.file("clips")])
    #expect(again.status == 73 && again.errors.contains("already"))
  }

  @Test func `without a folder only the list is printed`() throws {
    let folder = try Folder()
    try Shell.write(Shell.run(Sliced.program, [try Self.recording(folder)]).output, to: folder.file("list"))
    let ends = Shell.run(
      "jq",
      ["-c", "[.clips[-1].end, (.clips[0] | has(\"file\"))]"],
      input: folder.file("list")
    )
    #expect(ends.text == "[25.0,false]\n" || ends.text == "[25,false]\n")
  }

  @Test func `nothing is overwritten`() throws {
    let folder = try Folder()
    let path = try Self.recording(folder)
    #expect(Shell.run(Sliced.program, [path, "--out", folder.path]).status == 0)
    let before = Shell.read(folder.file("0001.wav"))
    let again = Shell.run(Sliced.program, [folder.file("a.wav"), "--max-seconds", "5", "--out", folder.path])
    #expect(again.status == 73)
    #expect(again.errors.contains("already"))
    #expect(Shell.read(folder.file("0001.wav")) == before)
  }

  @Test func `help and version are printed`() {
    #expect(Shell.run(Sliced.program, ["--help"]).text.contains("USAGE: dropscribe-slice FILE"))
    #expect(Shell.run(Sliced.program, ["--version"]).text == "dropscribe-slice \(Version.current)\n")
  }

  @Test(arguments: [
    [], ["--out"], ["--what=1", "a.wav"], ["a.wav", "b.wav"], ["--max-seconds", "much", "a.wav"],
  ])
  func `a command line that makes no sense is refused`(arguments: [String]) {
    let outcome = Shell.run(Sliced.program, arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("dropscribe-slice: "))
  }

  @Test func `what cannot be read is said, with its own exit status`() throws {
    let folder = try Folder()
    try Shell.write(Array("no recording".utf8), to: folder.file("a.wav"))
    #expect(Shell.run(Sliced.program, [folder.file("a.wav")]).status == 65)
    #expect(Shell.run(Sliced.program, [folder.file("missing.wav")]).status == 65)
    try Shell.make("mkfifo", [folder.file("fifo.wav")])
    #expect(Shell.run(Sliced.program, [folder.file("fifo.wav")]).status == 65)
  }

  @Test func `a name that begins with a dash or is not UTF-8 is a name`() throws {
    let folder = try Folder()
    _ = try Self.recording(folder)
    let script =
      "cd '\(folder.path)' && cp a.wav -- -x.wav && mv a.wav \"$(printf 'a\\377.wav')\" && "
      + "'\(Sliced.program)' -- -x.wav && '\(Sliced.program)' \"$(printf 'a\\377.wav')\" | jq -r .source.name"
    let outcome = Shell.run("sh", ["-c", script])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.hasSuffix("a\u{FFFD}.wav\n"))
  }

  @Test func `a reader that goes away is no failure`() throws {
    let folder = try Folder()
    _ = try Self.recording(folder)
    let script =
      "'\(Sliced.program)' --frames < '\(folder.file("a.wav"))' | head -c 100 > /dev/null; echo ${PIPESTATUS[0]}"
    #expect(Shell.run("bash", ["-c", script]).text == "0\n")
  }
}

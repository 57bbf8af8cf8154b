import ArgumentParser
import Dropscribe
import Foundation
import Logging
import SystemPackage

struct TranscribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transcribe",
    abstract: "Transcribe the files that are named, once, without a folder or a daemon.",
    discussion: """
      The text goes to standard output, or with -o into a folder as NAME.txt. Asking for the same file and \
      instruction again costs nothing.

      Examples:
        dropscribe transcribe memo.m4a
        dropscribe transcribe talk.flac --instruction "Please translate this audio snippet to Spanish."
        dropscribe transcribe *.wav -o texts/
      """
  )

  @Argument(help: "The recordings.", completion: .file()) var files: [String]
  @OptionGroup var source: ConfigurationOption
  @OptionGroup var log: LogOption
  @Option(
    help: ArgumentHelp("The task to do; by default transcript, or the only one there is.", valueName: "name")
  )
  var task: String?
  @Option(help: ArgumentHelp("Ask this instead of the task's own instruction.", valueName: "text"))
  var instruction: String?
  @Option(help: "The text's format: txt.") var format = "txt"
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("A folder for the texts; - is standard output.", valueName: "folder"),
    completion: .directory
  )
  var output = "-"

  func validate() throws {
    if files.isEmpty { throw ValidationError("Name at least one recording.") }
    if format != "txt" {
      throw ValidationError("The format \(format) is not known; this version writes txt.")
    }
    if let instruction, instruction.allSatisfy(\.isWhitespace) {
      throw ValidationError("The instruction is empty; say what shall be done with the recording.")
    }
  }

  func run() async throws {
    let configuration = try source.read()
    let only = configuration.tasks.count == 1 ? configuration.tasks.keys.first : nil
    let name = task ?? (configuration.tasks["transcript"] != nil ? "transcript" : only)
    var log = log.logger()
    log.logLevel = max(log.logLevel, .warning)
    guard let name,
      let transcriber = Transcriber(
        configuration,
        task: name,
        instruction: instruction,
        environment: source.environment,
        log: log
      )
    else {
      say(
        "dropscribe: which task? Name one with --task: \(configuration.tasks.keys.sorted().joined(separator: ", "))"
      )
      throw Exit.usage
    }
    let here = FilePath(FileManager.default.currentDirectoryPath)
    let paths = files.map { here.pushing(FilePath($0)).lexicallyNormalized() }
    if output != "-" { try findPlace(for: paths) }
    var end: ExitCode?
    for outcome in try await withReasons({ try await transcriber.transcribe(paths) }) {
      if let trouble = outcome.trouble {
        end = outcome.isRefused && end != Exit.trouble ? Exit.badInput : Exit.trouble
        say("\(outcome.path): \(trouble)")
      }
      guard let text = outcome.text else { continue }
      if output == "-" {
        if paths.count > 1 { print("==> \(outcome.path.lastComponent?.string ?? "") <==") }
        print(text, terminator: "")
      } else {
        try write(text, for: outcome.path)
      }
    }
    if let end { throw end }
  }

  /// Says before anything is bought that a text could not be written.
  private func findPlace(for paths: [FilePath]) throws {
    var taken: Set<String> = []
    for path in paths {
      let target = target(for: path)
      if FileManager.default.fileExists(atPath: target) {
        say("dropscribe: \(target) is there already; move it away, or name another folder with -o")
        throw Exit.badInput
      }
      guard taken.insert(target).inserted else {
        say("dropscribe: two recordings would give \(target); transcribe them into different folders")
        throw Exit.badInput
      }
    }
  }

  private func target(for path: FilePath) -> String {
    FilePath(output).appending((path.lastComponent?.string ?? "recording") + ".txt").string
  }

  private func write(_ text: String, for path: FilePath) throws {
    let target = target(for: path)
    do {
      try FileManager.default.createDirectory(at: URL(filePath: output), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: target), options: [.withoutOverwriting])
      say(target)
    } catch {
      say("dropscribe: \(target) cannot be written: \(error.localizedDescription)")
      throw Exit.badInput
    }
  }
}

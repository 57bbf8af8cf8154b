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
  @Option(help: "The task to do; by default transcript, or the only one there is.") var task: String?
  @Option(help: "Ask this instead of the task's own instruction.") var instruction: String?
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
    var isTrouble = false
    for outcome in try await transcriber.transcribe(paths) {
      if let trouble = outcome.trouble {
        isTrouble = true
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
    if isTrouble { throw Exit.trouble }
  }

  private func write(_ text: String, for path: FilePath) throws {
    let name = (path.lastComponent?.string ?? "recording") + ".txt"
    let target = URL(filePath: output).appending(component: name)
    do {
      try FileManager.default.createDirectory(at: URL(filePath: output), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: target, options: [.withoutOverwriting])
      say("\(target.path(percentEncoded: false))")
    } catch {
      say(
        "dropscribe: \(target.path(percentEncoded: false)) cannot be written: \(error.localizedDescription)"
      )
      throw Exit.badInput
    }
  }
}

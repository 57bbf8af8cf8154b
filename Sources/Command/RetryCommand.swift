import ArgumentParser
import Dropscribe
import Foundation
import SystemPackage

struct RetryCommand: DaemonCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Ask again for what failed or has gaps.",
    discussion: """
      Only failed clips and gaps are bought; what is done has its sidecars written again, free. --again buys \
      everything anew.
      """
  )

  @Argument(help: "The recordings.", completion: .file()) var paths: [String] = []
  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Every recording that failed or has gaps.") var failed = false
  @Option(help: ArgumentHelp("This task only.", valueName: "name")) var task: String?
  @Flag(help: "Buy everything anew, also what is done.") var again = false

  func validate() throws {
    if paths.isEmpty != failed { throw ValidationError("Name recordings, or say --failed.") }
    if again, failed { throw ValidationError("--again needs recordings by name: it buys what is done, too.") }
  }

  func run() async throws {
    let here = FilePath(FileManager.default.currentDirectoryPath)
    let bytes = paths.map { path in
      Data(here.pushing(FilePath(path)).lexicallyNormalized().string.utf8)
    }
    let reply = try await ask(.retry(paths: failed ? nil : bytes, task: task, again: again))
    guard case .retried(let asked, let rewritten) = reply else { return }
    if asked + rewritten > 0 {
      var parts: [String] = []
      if asked > 0 { parts.append("\(tasks(asked)) asked again") }
      if rewritten > 0 {
        parts.append("\(tasks(rewritten)) done already: the sidecars are written again, free")
      }
      print(parts.joined(separator: "; ") + ".")
    } else if failed {
      print("Nothing failed or has gaps.")
    } else {
      say("dropscribe knows no finished recording there; `dropscribe status` shows what it knows")
      throw Exit.badInput
    }
  }

  private func tasks(_ count: Int) -> String { count == 1 ? "1 task is" : "\(count) tasks are" }
}

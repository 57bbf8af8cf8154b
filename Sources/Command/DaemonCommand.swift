import ArgumentParser
import Dropscribe
import Logging

/// A command that asks the running daemon, or does it itself while none runs.
protocol DaemonCommand: AsyncParsableCommand {
  var source: ConfigurationOption { get }
}

extension DaemonCommand {
  /// Asks, and ends the program when there is no answer.
  func ask(_ request: ControlRequest) async throws -> ControlReply {
    let configuration = try source.read()
    let reply: ControlReply
    do {
      reply = try await ControlSocket.answer(to: request, for: configuration, log: LogOption.quiet)
    } catch {
      say("dropscribe: \(error)")
      throw Exit.unavailable
    }
    if case .failed(let reason) = reply {
      say("dropscribe: \(reason)")
      throw Exit.unavailable
    }
    return reply
  }
}

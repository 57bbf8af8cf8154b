/// A stretch of code that hostile bytes reach. A trap, a sanitizer's word or a failed precondition is a finding.
struct Target: Sendable {
  let name: String
  /// Does with the bytes what the product would; false when they are of no use here.
  let run: @Sendable ([UInt8]) -> Bool
  /// Inputs to begin with, where recordings are none.
  var seeds: [[UInt8]] = []

  static let all = [
    Target(name: "daemon", run: DaemonSide.run),
    Target(name: "frames", run: Frames.run, seeds: Frames.seeds),
    Target(name: "replies", run: Replies.run, seeds: Replies.seeds),
    Target(name: "configuration", run: Configuration.run, seeds: Configuration.seeds),
    Target(name: "plan", run: Plan.run, seeds: Plan.seeds),
    Target(name: "sound", run: Sound.run, seeds: Sound.seeds),
    Target(name: "recording", run: WholeRecording.run),
  ]

  static func named(_ name: String) -> Target? { all.first { $0.name == name } }
}

/// The target of this process. Set once, before libFuzzer's only thread begins.
nonisolated(unsafe) var chosen: Target?

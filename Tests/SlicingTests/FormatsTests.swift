import Dispatch
import Foundation
import Messages
import Synchronization
import Testing

/// Every kind of file, whole and damaged, fed to the built program: what `docs/formats.md` tells.
@Suite(.enabled(if: Sliced.ffmpeg != nil)) struct FormatsTests {
  /// Each made and fed once, however many tests look.
  static let outcomes: [Result<FormatOutcome, any Error>] = {
    let results = Mutex<[Int: Result<FormatOutcome, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: Format.all.count) { index in
      let result = Result { try FormatOutcome(Format.all[index]) }
      results.withLock { $0[index] = result }
    }
    return results.withLock { found in Format.all.indices.compactMap { found[$0] } }
  }()

  @Test(arguments: Format.all.indices) func `every kind is read whole, in order`(index: Int) throws {
    let format = Format.all[index]
    let outcome = try Self.outcomes[index].get()
    #expect(outcome.whole.end.verdict == .whole, "\(format.title): \(outcome.whole.end.reason)")
    #expect(abs(outcome.seconds - Format.seconds) < format.tolerance, "\(format.title)")
    for second in 1..<Int(Format.seconds) - 1 {
      let part = outcome.part(ofSecond: second)
      #expect(part > format.fidelity, "\(format.title): second \(second)")
    }
  }

  @Test func `the page tells what every kind comes to`() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/formats.md")
    let page = FormatsPage.text(try Self.outcomes.map { try $0.get() })
    if ProcessInfo.processInfo.environment["DROPSCRIBE_WRITE_DOCS"] == "1" {
      try page.write(to: path, atomically: false, encoding: .utf8)
    }
    #expect(
      try String(contentsOf: path, encoding: .utf8) == page,
      "docs/formats.md is old; run: DROPSCRIBE_WRITE_DOCS=1 swift test --filter FormatsTests"
    )
  }
}

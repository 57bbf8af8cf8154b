import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Dropscribe

@Suite struct StateLockTests {
  private func withFolder(_ body: (FilePath) async throws -> Void) async throws {
    let folder = FilePath("/tmp/dropscribe-lock-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    try await body(folder)
  }

  @Test func theFolderIsMadeForItsOwnerAlone() async throws {
    try await withFolder { folder in
      try await StateLock.held(in: folder.appending("a/b")) {
        var facts = stat()
        #expect(stat(folder.appending("a/b").string, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o700)
      }
    }
  }

  @Test func aSecondHolderIsRefusedAndToldWho() async throws {
    try await withFolder { folder in
      try await StateLock.held(in: folder) {
        _ = await #expect(throws: StateLock.Problem.taken(folder, by: getpid())) {
          try await StateLock.held(in: folder) { Issue.record("there are two holders") }
        }
      }
      try await StateLock.held(in: folder) {}
    }
  }

  @Test func itIsLetGoWhenItsHolderFails() async throws {
    struct Failure: Error {}
    try await withFolder { folder in
      await #expect(throws: Failure.self) {
        try await StateLock.held(in: folder) { throw Failure() }
      }
      try await StateLock.held(in: folder) {}
    }
  }

  @Test func itEndsWithTheProcessThatHeldIt() async throws {
    try await withFolder { folder in
      try await StateLock.held(in: folder) {}
      // flock(1) holds the same lock in another process.
      let result = try await run(
        .path("/usr/bin/flock"),
        arguments: ["-n", folder.appending("lock").string, "/bin/sleep", "600"],
        input: .none,
        output: .sequence,
        error: .discarded
      ) { child in
        while !(try await isTaken(folder)) { try await Task.sleep(for: .milliseconds(10)) }
        // flock and the program that it started hold it together.
        let holder = child.processIdentifier.value
        let others = try children(of: holder)
        // The holder first: it must not live to tell how its child ended.
        for process in [holder] + others { kill(process, SIGKILL) }
      }
      #expect(result.terminationStatus == .signaled(SIGKILL))
      while try await isTaken(folder) { try await Task.sleep(for: .milliseconds(10)) }
    }
  }

  private func isTaken(_ folder: FilePath) async throws -> Bool {
    do {
      try await StateLock.held(in: folder) {}
      return false
    } catch StateLock.Problem.taken {
      return true
    }
  }

  private func children(of process: pid_t) throws -> [pid_t] {
    let list = try String(
      contentsOfFile: "/proc/\(process)/task/\(process)/children",
      encoding: .utf8
    )
    return list.split(separator: " ").compactMap { pid_t($0) }
  }

  @Test func whoWaitsGetsItNextAndCanGiveUp() async throws {
    try await withFolder { folder in
      let order = Shared<[String]>([])
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await StateLock.held(in: folder) {
          group.addTask {
            try await StateLock.held(in: folder, wait: true) {
              order.withLock { $0.append("second") }
            }
          }
          let impatient = Task { try await StateLock.held(in: folder, wait: true) {} }
          impatient.cancel()
          await #expect(throws: CancellationError.self) { try await impatient.value }
          order.withLock { $0.append("first") }
        }
        try await group.waitForAll()
      }
      #expect(order.withLock { $0 } == ["first", "second"])
    }
  }

  @Test func aFolderThatCannotBeMadeIsSaidToBeUnusable() async throws {
    await #expect(throws: StateLock.Problem.unusable("/proc/no/such", .noSuchFileOrDirectory)) {
      try await StateLock.held(in: "/proc/no/such") {}
    }
  }
}

import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

/// The whole intake over a real folder, with the real watch program.
@Suite struct IntakeFolderTests {
  @Test func takesACopiedFileOnceAndWithItsHash() async throws {
    try await IntakeHarness.run { harness in
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(Array("RIFF".utf8), to: path)
      try await harness.isTaken(path)
      let found = try #require(await harness.ledger.taken.first)
      #expect(found.sha256 == "a40ff3d5900fb7698b8c865041347cb49eccedc8f93945f89629ad104aaecce4")
      #expect(found.folder == "inbox")
    }
  }

  @Test func takesAFileMovedInWithoutWaitingForItToSettle() async throws {
    try await IntakeHarness.run({
      $0.settleSeconds = 3_600
      $0.quietSeconds = 3_600
    }) { harness in
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: harness.outside.appending("a.wav"))
      // A process that another test starts just then may hold the file open until it has its own program; the close
      // must not come after the move.
      try await Task.sleep(for: .milliseconds(200))
      try IntakeDisk.move(harness.outside.appending("a.wav"), path)
      try await harness.isTaken(path)
    }
  }

  @Test func saysThatAFileMovedOutIsLostAndTakesItAgainWhenItComesBack() async throws {
    try await IntakeHarness.run { harness in
      let (path, away) = (harness.inbox.appending("a.wav"), harness.outside.appending("a.wav"))
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      try await harness.isTaken(path)
      try IntakeDisk.move(path, away)
      try await eventually("it is lost") { await harness.ledger.lost == [path] }
      try IntakeDisk.move(away, path)
      try await harness.isTaken(path, times: 2)
    }
  }

  @Test func takesBothAfterARenameOverAnother() async throws {
    try await IntakeHarness.run { harness in
      let (a, b) = (harness.inbox.appending("a.wav"), harness.inbox.appending("b.wav"))
      try IntakeDisk.write(IntakeDisk.wave(1), to: a)
      try IntakeDisk.write(IntakeDisk.wave(2), to: b)
      try await harness.isTaken(a)
      try await harness.isTaken(b)
      try IntakeDisk.move(a, b)
      try await harness.isTaken(b, times: 2)
      try await eventually("the old name is lost") { await harness.ledger.lost == [a] }
      let hashes = await harness.ledger.taken.map(\.sha256)
      #expect(hashes.last == (await harness.ledger.taken.first { $0.path == a })?.sha256)
    }
  }

  @Test func findsWhatIsPutIntoNewNestedFoldersAtOnce() async throws {
    try await IntakeHarness.run { harness in
      var folder = harness.inbox
      var paths: [FilePath] = []
      for depth in 0..<8 {
        folder.append("level\(depth)")
        try IntakeDisk.makeFolder(folder)
        paths.append(folder.appending("a.wav"))
        try IntakeDisk.write(IntakeDisk.wave(UInt8(depth)), to: folder.appending("a.wav"))
      }
      for path in paths { try await harness.isTaken(path) }
    }
  }

  @Test func findsWhatLiesInAFolderMovedIn() async throws {
    try await IntakeHarness.run { harness in
      let outside = harness.outside.appending("show")
      try IntakeDisk.makeFolder(outside)
      try IntakeDisk.write(IntakeDisk.wave(), to: outside.appending("a.wav"))
      try IntakeDisk.move(outside, harness.inbox.appending("show"))
      try await harness.isTaken(harness.inbox.appending("show/a.wav"))
    }
  }

  @Test func waitsForAFolderThatIsNotThereYet() async throws {
    try await IntakeHarness.run(createsInbox: false, waitsForWatch: false) { harness in
      try await eventually("it is missing") { await harness.intake.status().first?.watch == .missing }
      try IntakeDisk.makeFolder(harness.inbox)
      try await harness.isWatched()
      try IntakeDisk.write(IntakeDisk.wave(), to: harness.inbox.appending("a.wav"))
      try await harness.isTaken(harness.inbox.appending("a.wav"))
    }
  }

  @Test func losesNothingWhenItsFolderIsMovedAwayAndBack() async throws {
    try await IntakeHarness.run { harness in
      let (path, away) = (harness.inbox.appending("a.wav"), harness.outside.appending("away"))
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      try await harness.isTaken(path)
      try IntakeDisk.move(harness.inbox, away)
      try await eventually("it is missing") { await harness.intake.status().first?.watch == .missing }
      try IntakeDisk.write(IntakeDisk.wave(1), to: away.appending("b.wav"))
      try IntakeDisk.move(away, harness.inbox)
      try await harness.isTaken(harness.inbox.appending("b.wav"))
      #expect(await harness.ledger.lost.isEmpty)
      #expect(await harness.ledger.takes(of: path) == 1)
    }
  }

  @Test func watchesAnotherFolderPutUnderItsName() async throws {
    try await IntakeHarness.run { harness in
      let old = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: old)
      try await harness.isTaken(old)
      let other = harness.outside.appending("other")
      try IntakeDisk.makeFolder(other)
      try IntakeDisk.move(harness.inbox, harness.outside.appending("old"))
      try IntakeDisk.move(other, harness.inbox)
      try await eventually("the old file is lost") { await harness.ledger.lost == [old] }
      try IntakeDisk.write(IntakeDisk.wave(2), to: harness.inbox.appending("b.wav"))
      try await harness.isTaken(harness.inbox.appending("b.wav"))
    }
  }

  @Test func losesNothingWhenTheWatchProgramIsKilled() async throws {
    try await IntakeHarness.run { harness in
      var killed: Set<pid_t> = []
      for round in UInt8(0)..<3 {
        try await eventually("a new watch program runs") {
          harness.watchProcess().map { !killed.contains($0) } ?? false
        }
        let process = try #require(harness.watchProcess())
        killed.insert(process)
        #expect(kill(process, SIGKILL) == 0)
        let path = harness.inbox.appending("\(round).wav")
        try IntakeDisk.write(IntakeDisk.wave(round), to: path)
        try await harness.isTaken(path)
      }
    }
  }

  @Test func findsEverythingAfterTheKernelsQueueOverflowed() async throws {
    let limit = Int(
      String(
        decoding: try IntakeDisk.read("/proc/sys/fs/inotify/max_queued_events").dropLast(),
        as: UTF8.self
      )
    )
    // Each file gives three events.
    let count = try #require(limit) / 3 + 100
    try await IntakeHarness.run { harness in
      let process = try #require(harness.watchProcess())
      #expect(kill(process, SIGSTOP) == 0)
      // Names that are not looked at fill the queue: each is made, closed and removed.
      let path = harness.inbox.appending("x.tmp")
      for _ in 0..<count {
        try IntakeDisk.write([], to: path)
        try IntakeDisk.remove(path)
      }
      try IntakeDisk.write(IntakeDisk.wave(), to: harness.inbox.appending("last.wav"))
      #expect(kill(process, SIGCONT) == 0)
      try await harness.isTaken(harness.inbox.appending("last.wav"))
      try await eventually("a new watch program runs") {
        harness.watchProcess().map { $0 != process } ?? false
      }
    }
  }

  @Test func hasEndedItsWatchProgramWhenACancelledRunReturns() async throws {
    try await IntakeHarness.run { harness in
      let first = harness.watchProcesses()
      let second = IntakeHarness.make(in: harness.outside, ledger: IntakeLedger()) { _ in }
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask {
          await #expect(throws: CancellationError.self) { try await second.intake.run() }
        }
        try await second.isWatched()
        let others = harness.watchProcesses().filter { !first.contains($0) }
        #expect(others.count == 1)
        // Even one that does not move.
        for other in others { #expect(kill(other, SIGSTOP) == 0) }
        group.cancelAll()
      }
      #expect(harness.watchProcesses() == first)
    }
  }
}

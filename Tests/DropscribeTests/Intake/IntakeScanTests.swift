import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

/// What intake does from listings alone: at a start, where events cannot be had, and in `run --once`.
@Suite struct IntakeScanTests {
  @Test func comparesTheFolderWithWhatIsKnown() async throws {
    try await IntakeDisk.withFolder { folder in
      let paths = ["same.wav", "changed.wav", "new.wav"].map { folder.appending($0) }
      for path in paths { try IntakeDisk.write(IntakeDisk.wave(), to: path) }
      try IntakeDisk.makeFolder(folder.appending("sub"))
      try IntakeDisk.write(IntakeDisk.wave(), to: folder.appending("sub/new.wav"))
      let first = try await scan(folder)
      var known = Dictionary(uniqueKeysWithValues: first.unknown.map { ($0.path, $0.identity) })
      #expect(known.count == 4 && first.missing.isEmpty)

      let gone = folder.appending("gone.wav")
      known[gone] = known[paths[0]]
      known[paths[1]]?.changed += 1
      known[paths[2]] = nil
      let second = try await scan(folder, known)
      #expect(Set(second.unknown.map(\.path)) == Set(paths[1...]))
      #expect(Set(second.missing.keys) == [gone])
    }
  }

  @Test func takesFilesOfAnUnmountedDeviceForOutOfSight() async throws {
    try await IntakeDisk.withFolder { folder in
      let identity = FileIdentity(device: .max, inode: 1, size: 1, modified: 1, changed: 1)
      let empty = try await scan(folder, [folder.appending("a.wav"): identity])
      #expect(empty.missing.isEmpty && empty.missesDevice)
      // Another known file of that device is here under a new device number: it was mounted anew.
      let here = folder.appending("b.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: here)
      let mounted = try await scan(folder, [folder.appending("a.wav"): identity, here: identity])
      #expect(Set(mounted.missing.keys) == [folder.appending("a.wav")] && !mounted.missesDevice)
    }
  }

  @Test func refusesToSayAnythingOfAFolderThatIsMissing() async throws {
    try await IntakeDisk.withFolder { folder in
      await #expect(throws: FolderScan.Unreadable.self) { try await scan(folder.appending("none")) }
    }
  }

  @Test func stopsAtADepthAndNamesTheFirstFolderBeyond() async throws {
    try await IntakeDisk.withFolder { folder in
      var path = folder
      for _ in 0..<66 {
        path.append("d")
        try IntakeDisk.makeFolder(path)
        try IntakeDisk.write(IntakeDisk.wave(), to: path.appending("a.wav"))
      }
      let scan = try await scan(folder)
      #expect(scan.unknown.count == 64)
      #expect(scan.tooDeep?.components.count == folder.components.count + 65)
    }
  }

  @Test func skipsDotFoldersAndFollowsNoLink() async throws {
    try await IntakeDisk.withFolder { folder in
      try IntakeDisk.makeFolder(folder.appending(".hidden"))
      try IntakeDisk.write(IntakeDisk.wave(), to: folder.appending(".hidden/a.wav"))
      #expect(
        folder.withPlatformString { to in folder.appending("loop").withPlatformString { symlink(to, $0) } }
          == 0
      )
      #expect(try await scan(folder).unknown.isEmpty)
    }
  }

  @Test func hashesOnlyWhatLiesBelowTheFolder() async throws {
    try await IntakeDisk.withFolder { outside in
      let inbox = outside.appending("inbox")
      try IntakeDisk.makeFolder(inbox)
      try IntakeDisk.write(IntakeDisk.wave(), to: outside.appending("a.wav"))
      #expect(
        outside.withPlatformString { to in inbox.appending("sub").withPlatformString { symlink(to, $0) } }
          == 0
      )
      let through = try await Fingerprint.take("sub/a.wav", in: inbox, acceptsIncomplete: true)
      #expect(through == .sighting(.notAFile))
      let above = try await Fingerprint.take("../a.wav", in: inbox, acceptsIncomplete: true)
      #expect(above != .sighting(.folderGone))
      if case .taken = above { Issue.record("it left the folder") }
    }
  }

  @Test func tellsABacklogBeforeItTakesAnyOfIt() async throws {
    try await IntakeDisk.withFolder { outside in
      let ledger = IntakeLedger()
      let harness = IntakeHarness.make(in: outside, ledger: ledger) { $0.quietSeconds = 0 }
      try IntakeDisk.makeFolder(harness.inbox)
      for index in UInt8(0)..<30 {
        try IntakeDisk.write(IntakeDisk.wave(index), to: harness.inbox.appending("\(index).wav"))
      }
      try IntakeDisk.write(Array("hello".utf8), to: harness.inbox.appending("letter.pdf"))
      let result = try await harness.intake.settleOnce(limit: .seconds(60))
      #expect(result == Intake.OnceResult(taken: 30))
      #expect(await ledger.discovered.count == 30)
      #expect(await ledger.discoveredAtFirstTake == 30)
    }
  }

  @Test func takesMoreFilesAtOnceThanItRemembers() async throws {
    let count = WaitingRoom.most + 50
    try await IntakeDisk.withFolder { outside in
      let ledger = IntakeLedger()
      let harness = IntakeHarness.make(in: outside, ledger: ledger) { $0.quietSeconds = 0 }
      try IntakeDisk.makeFolder(harness.inbox)
      for index in 0..<count {
        try IntakeDisk.write(Array("RIFF".utf8), to: harness.inbox.appending("\(index).wav"))
      }
      let result = try await harness.intake.settleOnce(limit: .seconds(300))
      #expect(result == Intake.OnceResult(taken: count))
      #expect(await ledger.discovered.count == count)
    }
  }

  @Test func namesWhatHasNotSettledAtTheLimit() async throws {
    try await IntakeDisk.withFolder { outside in
      let harness = IntakeHarness.make(in: outside, ledger: IntakeLedger()) { $0.quietSeconds = 3_600 }
      try IntakeDisk.makeFolder(harness.inbox)
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      let result = try await harness.intake.settleOnce(limit: .milliseconds(200))
      #expect(result == Intake.OnceResult(waiting: [path]))
    }
  }

  @Test func namesAMissingFolder() async throws {
    try await IntakeDisk.withFolder { outside in
      let harness = IntakeHarness.make(in: outside, ledger: IntakeLedger()) { _ in }
      let result = try await harness.intake.settleOnce(limit: .seconds(60))
      #expect(result == Intake.OnceResult(missing: [harness.inbox]))
    }
  }

  @Test func takesAFileFromTheFutureOnceItHasBeenSeenCalm() async throws {
    try await IntakeDisk.withFolder { outside in
      let harness = IntakeHarness.make(in: outside, ledger: IntakeLedger()) { _ in }
      try IntakeDisk.makeFolder(harness.inbox)
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      let year2100 = [timespec](repeating: timespec(tv_sec: 4_102_444_800, tv_nsec: 0), count: 2)
      #expect(path.withPlatformString { utimensat(AT_FDCWD, $0, year2100, 0) } == 0)
      let result = try await harness.intake.settleOnce(limit: .seconds(60))
      #expect(result == Intake.OnceResult(taken: 1))
    }
  }

  @Test(arguments: ["/nonexistent/dropscribe-watch", "/bin/echo"] as [FilePath])
  func scansEveryFewSecondsWhereNoWatchProgramStays(_ program: FilePath) async throws {
    try await IntakeDisk.withFolder { outside in
      let harness = IntakeHarness.make(in: outside, ledger: IntakeLedger(), watcher: program) { _ in }
      try IntakeDisk.makeFolder(harness.inbox)
      let path = harness.inbox.appending("a.wav")
      try await withThrowingDiscardingTaskGroup { group in
        let intake = harness.intake
        group.addTask { try? await intake.run() }
        try await eventually("it polls") {
          await intake.status().first?.watch == .polled("watch program ended")
        }
        try IntakeDisk.write(IntakeDisk.wave(), to: path)
        try await harness.isTaken(path)
        group.cancelAll()
      }
    }
  }

  @Test func findsChangesByScanningWhereItIsToldToPoll() async throws {
    try await IntakeHarness.run(waitsForWatch: false, { $0.polling = .always }) { harness in
      try await eventually("it polls") { await harness.intake.status().first?.watch == .polled("configured") }
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      try await harness.isTaken(path)
      #expect(harness.watchProcesses().isEmpty)
      try IntakeDisk.remove(path)
      try await eventually("it is lost") { await harness.ledger.lost == [path] }
    }
  }

  @Test func takesNothingAgainAfterARestart() async throws {
    let ledger = IntakeLedger()
    try await IntakeDisk.withFolder { outside in
      let harness = IntakeHarness.make(in: outside, ledger: ledger) { _ in }
      try IntakeDisk.makeFolder(harness.inbox)
      try IntakeDisk.write(IntakeDisk.wave(), to: harness.inbox.appending("a.wav"))
      #expect(try await harness.intake.settleOnce(limit: .seconds(60)).taken == 1)
      let second = IntakeHarness.make(in: outside, ledger: ledger) { _ in }
      #expect(try await second.intake.settleOnce(limit: .seconds(60)) == Intake.OnceResult())
      #expect(await ledger.discovered.count == 1)
    }
  }

  private func scan(_ folder: FilePath, _ known: [FilePath: FileIdentity] = [:]) async throws -> FolderScan {
    try await FolderScan.run(folder, isRecursive: true, rules: NameRules(), known: known)
  }
}

import Glibc
import SystemPackage
import Testing

@testable import Dropscribe

/// Odd files, slow writers and what is no recording, over a real folder with the real watch program.
@Suite struct IntakeFileTests {
  @Test func neverOpensAFIFOASocketOrALink() async throws {
    try await IntakeHarness.run({ $0.quietSeconds = 0 }) { harness in
      let target = harness.outside.appending("secret.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: target)
      #expect(harness.inbox.appending("fifo.wav").withPlatformString { mkfifo($0, 0o644) } == 0)
      let link = harness.inbox.appending("link.wav")
      #expect(target.withPlatformString { target in link.withPlatformString { symlink(target, $0) } } == 0)
      let folderLink = harness.inbox.appending("folder")
      #expect(
        harness.outside.withPlatformString { to in folderLink.withPlatformString { symlink(to, $0) } } == 0
      )
      try IntakeDisk.makeFolder(harness.inbox.appending("folder.wav"))
      let last = harness.inbox.appending("last.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: last)
      try await harness.isTaken(last)
      #expect(await harness.ledger.taken.map(\.path) == [last])
    }
  }

  @Test func takesAHardLinkThatNoCloseTellsOf() async throws {
    try await IntakeHarness.run { harness in
      let (target, path) = (harness.outside.appending("a.wav"), harness.inbox.appending("a.wav"))
      try IntakeDisk.write(IntakeDisk.wave(), to: target)
      #expect(target.withPlatformString { target in path.withPlatformString { link(target, $0) } } == 0)
      try await harness.isTaken(path)
    }
  }

  @Test func keepsTheBytesOfNamesThatAreNoText() async throws {
    try await IntakeHarness.run { harness in
      let names: [[UInt8]] = [
        Array("new\nline.wav".utf8), [0xFF, 0xFE] + Array(".wav".utf8), Array("-rf.wav".utf8),
        Array("\u{1B}[31m.wav".utf8), Array("ä ö.wav".utf8),
      ]
      let paths = names.map { FilePath(bytes: harness.inbox.bytes + Array("/".utf8) + $0) }
      for path in paths { try IntakeDisk.write(IntakeDisk.wave(), to: path) }
      for path in paths { try await harness.isTaken(path) }
      #expect(Set(await harness.ledger.taken.map(\.path.nameBytes)) == Set(names))
    }
  }

  @Test func waitsForAWriterThatKeepsOpeningAndClosing() async throws {
    try await IntakeHarness.run({ $0.settleSeconds = 3 }) { harness in
      let path = harness.inbox.appending("a.wav")
      let whole = IntakeDisk.wave(bytes: 4_000)
      for start in stride(from: 0, to: whole.count, by: 404) {
        try IntakeDisk.write(Array(whole[start..<min(start + 404, whole.count)]), to: path, appending: true)
        // Blocks, so that a busy test run cannot stretch the pause beyond what is being tested.
        usleep(20_000)
      }
      try await harness.isTaken(path)
      #expect(await harness.ledger.taken.first?.identity.size == Int64(whole.count))
    }
  }

  @Test func waitsLongerWhenTheHeaderDeclaresMoreThanIsThere() async throws {
    try await IntakeHarness.run({ $0.incompleteSeconds = 3_600 }) { harness in
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(declaring: 1_000), to: path)
      try await eventually("it waits") {
        (await harness.intake.status().first?.waiting.first?.remaining ?? .zero) > .seconds(3_000)
      }
      #expect(await harness.ledger.taken.isEmpty)
      try IntakeDisk.write(IntakeDisk.wave(bytes: 1_000), to: path)
      try await harness.isTaken(path)
    }
  }

  @Test func takesAnAbortedCopyInTheEnd() async throws {
    try await IntakeHarness.run { harness in
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(declaring: 1_000), to: path)
      try await harness.isTaken(path)
    }
  }

  @Test func noticesAChangeWithoutEventsAtTheNextScan() async throws {
    try await IntakeHarness.run({ $0.rescanSeconds = 0.5 }) { harness in
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(1), to: path)
      try await harness.isTaken(path)
      let file = path.withPlatformString { open($0, O_RDWR) }
      let mapped = try #require(mmap(nil, 64, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
      mapped.storeBytes(of: 0x5A, toByteOffset: 50, as: UInt8.self)
      #expect(msync(mapped, 64, MS_SYNC) == 0)
      try await harness.isTaken(path, times: 2)
      munmap(mapped, 64)
      close(file)
      let taken = await harness.ledger.taken
      #expect(Set(taken.map(\.sha256)).count == 2)
    }
  }

  @Test func leavesItsOwnOutputsAndTemporaryNamesAlone() async throws {
    try await IntakeHarness.run { harness in
      let names = [
        "a.wav.txt", "a.wav.es.txt", "a.wav.usage.json", "a.wav.error.json", ".b.wav.Xy12Za", "c.wav.part",
        "d.wav.crdownload", "e.wav.download", ".syncthing.f.wav.tmp", "~syncthing~g.wav.tmp", "h.wav.tmp",
      ]
      for name in names { try IntakeDisk.write(IntakeDisk.wave(), to: harness.inbox.appending(name)) }
      let last = harness.inbox.appending("last.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: last)
      try await harness.isTaken(last)
      let status = try #require(await harness.intake.status().first)
      #expect(status.waiting.isEmpty && status.notMedia.isEmpty)
      #expect(await harness.ledger.taken.count == 1)
      // The temporary name's last step is what counts.
      try IntakeDisk.move(harness.inbox.appending(".b.wav.Xy12Za"), harness.inbox.appending("b.wav"))
      try await harness.isTaken(harness.inbox.appending("b.wav"))
    }
  }

  @Test func remembersWhatIsNoRecordingAndLooksAgainWhenItChanges() async throws {
    try await IntakeHarness.run { harness in
      let path = harness.inbox.appending("notes")
      try IntakeDisk.write(Array("hello".utf8), to: path)
      try await eventually("it is passed over") { await harness.intake.status().first?.notMedia == [path] }
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      try await harness.isTaken(path)
      #expect(await harness.intake.status().first?.notMedia == [])
    }
  }

  @Test func losesARecordingThatIsReplacedBySomethingElse() async throws {
    try await IntakeHarness.run { harness in
      let path = harness.inbox.appending("take-one")
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      try await harness.isTaken(path)
      try IntakeDisk.write(Array("hello".utf8), to: path)
      try await eventually("it is lost") { await harness.ledger.lost == [path] }
    }
  }

  @Test func triesAgainWhenTheLedgerFails() async throws {
    try await IntakeHarness.run { harness in
      await harness.ledger.fail(true)
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      try await eventually("it waits for another try") {
        (await harness.intake.status().first?.waiting.first?.remaining ?? .zero) > .seconds(2)
      }
      await harness.ledger.fail(false)
      try await harness.isTaken(path)
    }
  }

  @Test func readsNothingAgainThatItOpensAndClosesUnchanged() async throws {
    try await IntakeHarness.run { harness in
      let path = harness.inbox.appending("a.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: path)
      try await harness.isTaken(path)
      let file = path.withPlatformString { open($0, O_RDWR) }
      close(file)
      try await eventually("nothing waits") { await harness.intake.status().first?.waiting.isEmpty == true }
      let last = harness.inbox.appending("last.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: last)
      try await harness.isTaken(last)
      #expect(await harness.ledger.takes(of: path) == 1)
    }
  }

  @Test func ignoresSubfoldersWhenItIsNotRecursive() async throws {
    try await IntakeHarness.run({ $0.recursive = false }) { harness in
      try IntakeDisk.makeFolder(harness.inbox.appending("sub"))
      try IntakeDisk.write(IntakeDisk.wave(), to: harness.inbox.appending("sub/a.wav"))
      let last = harness.inbox.appending("last.wav")
      try IntakeDisk.write(IntakeDisk.wave(), to: last)
      try await harness.isTaken(last)
      #expect(await harness.ledger.taken.count == 1)
    }
  }
}

import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct SidecarNamesTests {
  @Test func namesStandBesideTheRecording() throws {
    let names = SidecarNames(recording: try name("standup.m4a"))
    let text = SidecarKind.text(task: "spanish", format: "txt")
    #expect(names.name(of: text, suffix: "").text == "standup.m4a.txt")
    #expect(names.name(of: text, suffix: ".es").text == "standup.m4a.es.txt")
    #expect(names.name(of: text, suffix: ".es", number: 2).text == "standup.m4a.es.2.txt")
    #expect(names.name(of: .usage, suffix: ".es").text == "standup.m4a.usage.json")
    #expect(names.name(of: .usage, suffix: "", number: 3).text == "standup.m4a.usage.3.json")
    #expect(names.name(of: .error, suffix: "").text == "standup.m4a.error.json")
  }

  @Test func longNamesAreShortenedAlikeAndStayApart() throws {
    let long = String(repeating: "ü", count: 125) + ".wav"
    let names = SidecarNames(recording: try name(long))
    let usage = names.name(of: .usage, suffix: "")
    #expect(usage == names.name(of: .usage, suffix: ""))
    #expect(usage.bytes.count <= 255)
    #expect(usage.text.hasSuffix(".usage.json"))
    #expect(usage.base64UnlessText == nil)
    let other = SidecarNames(recording: try name(String(repeating: "ü", count: 124) + "ö.wav"))
    #expect(other.name(of: .usage, suffix: "") != usage)
    let text = SidecarKind.text(task: "t", format: "txt")
    let suffixes = [
      "", ".es", "." + String(repeating: "x", count: 240), "." + String(repeating: "x", count: 241),
    ]
    let all = suffixes.flatMap { suffix in
      (1...12).map { names.name(of: text, suffix: suffix, number: $0) }
    }
    #expect(Set(all).count == all.count)
    #expect(all.allSatisfy { $0.bytes.count <= 255 && $0.text.hasSuffix(".txt") })
  }

  @Test(arguments: 0..<200) func everyNameFitsAndIsUnlikeItsNeighbours(length: Int) throws {
    var random = SidecarRandom(seed: UInt64(length))
    let alphabet: [UInt8] = [0x61, 0x2E, 0xC3, 0xBC, 0xFF, 0x0A]
    let bytes = (0..<(56 + length)).map { _ in
      alphabet[Int.random(in: alphabet.indices, using: &random)]
    }
    let recording = try #require(FileName(bytes: bytes))
    for longest in [143, 255] where bytes.count <= longest {
      let names = SidecarNames(recording: recording, longest: longest)
      let kinds: [SidecarKind] = [.usage, .error, .text(task: "a", format: "txt")]
      let all = kinds.flatMap { kind in
        (1...3).map { names.name(of: kind, suffix: ".es", number: $0) }
      }
      #expect(all.allSatisfy { $0.bytes.count <= longest })
      #expect(Set(all + [recording]).count == 10)
      let temporary = TemporaryName.fresh(for: all[0], longest: longest)
      #expect(temporary.bytes.count <= longest)
      #expect(TemporaryName.matches(temporary))
      #expect(!all.contains { TemporaryName.matches($0) })
    }
  }

  @Test func bytesSurviveTheWayThroughPathsAndJSON() throws {
    let bytes: [UInt8] = [0x2D, 0xFF, 0x0A, 0x22, 0xC3, 0x28]
    let odd = try #require(FileName(bytes: bytes))
    let path = FilePath("/srv/recordings").appending(odd)
    #expect(FileName(lastOf: path) == odd)
    #expect(path.removingLastComponent() == "/srv/recordings")
    #expect(FileName(text: odd.text, base64: odd.base64UnlessText) == odd)
    #expect(try name("plain.wav").base64UnlessText == nil)
    for bad in [[], [0x2E], [0x2E, 0x2E], [0x61, 0], [0x61, 0x2F]] as [[UInt8]] {
      #expect(FileName(bytes: bad) == nil)
    }
    #expect(FileName(lastOf: "/") == nil)
  }

  @Test func kindsSurviveTheWayThroughTheJournal() {
    let kinds: [SidecarKind] = [
      .usage, .error, .text(task: "transcript", format: "txt"),
      .text(task: "a:b c/ü", format: "md"),
      .text(task: "", format: "txt"),
    ]
    for kind in kinds { #expect(SidecarKind(rawValue: kind.rawValue) == kind) }
    #expect(SidecarKind.text(task: "transcript", format: "txt").rawValue == "text:txt:transcript")
    for bad in ["", "text", "text:txt", "text::a", "usages"] {
      #expect(SidecarKind(rawValue: bad) == nil)
    }
  }

  private func name(_ text: String) throws -> FileName { try #require(FileName(bytes: text.utf8)) }
}

import SystemPackage
import Testing

@testable import Dropscribe

@Suite struct NameRulesTests {
  private func takes(_ path: String, _ rules: NameRules = NameRules()) -> Bool {
    rules.takes(Array(path.utf8))
  }

  @Test(arguments: [
    ".a.wav", ".a.wav.Xy12Za", "a.wav.part", "a.WAV.PART", "a.wav.crdownload", "a.wav.download", "a.wav.tmp",
    ".syncthing.a.wav.tmp", "~syncthing~a.wav.tmp", "a.wav.filepart", "a.wav~", "a.wav.txt", "a.wav.es.txt",
    "a.wav.usage.json", "a.wav.error.json", "a.wav.srt", "a.wav.vtt", "a.wav.minutes.md", "sub/.a.wav",
    ".hidden/a.wav", "sub/.hidden/a.wav", "sub/a.wav.part",
  ]) func leaves(path: String) {
    #expect(!takes(path))
  }

  @Test(arguments: [
    "a.wav", "a", "sub/a.wav", "txt", "part", "a.part.wav", "sub.part/a.wav", "a..wav", "~a.wav",
  ])
  func takes(path: String) {
    #expect(takes(path))
  }

  @Test func aPatternMatchesTheNameOrThePathBelowTheFolder() {
    let rules = NameRules(include: ["*.wav", "calls/*.mp3"], exclude: ["draft*", "old/*"])
    #expect(takes("a.wav", rules) && takes("sub/deep/a.wav", rules) && takes("calls/a.mp3", rules))
    #expect(!takes("a.mp3", rules) && !takes("calls/sub/a.mp3", rules) && !takes("a.WAV", rules))
    #expect(!takes("draft.wav", rules) && !takes("sub/draft.wav", rules) && !takes("old/a.wav", rules))
    #expect(takes("old/sub/a.wav", rules))
  }

  @Test func namesThatAreNoTextAreMatchedByTheirBytes() {
    #expect(NameRules(include: ["*.wav"]).takes([0xFF, 0xFE] + Array(".wav".utf8)))
    #expect(!NameRules().takes([0xFF] + Array(".part".utf8)))
  }

  @Test(
    arguments: ["/", "/in", "/in/a b", "/inbox", "/in/.."],
    ["", "/", "/in", "/in/a b/c.wav", "/in/", "/inb"]
  )
  func whatLiesBelowAFolderIsWhatItsComponentsSay(folder: String, path: String) {
    var expected: FilePath? = FilePath(path)
    if expected?.removePrefix(FilePath(folder)) == false { expected = nil }
    #expect(FilePath(path).below(FilePath(folder)) == expected)
  }
}

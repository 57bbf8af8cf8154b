import Testing

@testable import Dropscribe

@Suite struct StandardErrorLogTests {
  @Test(arguments: [
    ("plain", "plain"), ("/srv/a.wav", "/srv/a.wav"), ("back\\slash", "back\\slash"),
    ("two words", "\"two words\""), ("", "\"\""), ("say \"a\"", "\"say \\\"a\\\"\""),
    ("C:\\a b", "\"C:\\\\a b\""), ("Gespräch", "\"Gespräch\""), ("会议", "\"会议\""),
    ("a\nb", "\"a\\nb\""), ("a\r\nb", "\"a\\u{d}\\nb\""), ("\u{1B}[31mred", "\"\\u{1b}[31mred\""),
    ("nul\0", "\"nul\\u{0}\""), ("\u{7F}\u{85}\u{9B}", "\"\\u{7f}\\u{85}\\u{9b}\""),
    ("wav.\u{202E}3pm", "\"wav.\\u{202e}3pm\""), ("\u{2066}x\u{2069}", "\"\\u{2066}x\\u{2069}\""),
    ("\u{200E}\u{200F}\u{61C}", "\"\\u{200e}\\u{200f}\\u{61c}\""),
    ("\u{FEFF}bom", "\"\\u{feff}bom\""),
    ("zero\u{200B}width", "\"zero\\u{200b}width\""),
    ("line\u{2028}para\u{2029}", "\"line\\u{2028}para\\u{2029}\""),
    ("tag\u{E0041}", "\"tag\\u{e0041}\""),
  ])
  func aValueNeverBreaksItsLineOrPretendsToBeAnother(_ value: String, _ written: String) {
    #expect(StandardErrorLog.quoted(value) == written)
  }

  @Test(arguments: 0..<200)
  func anyNameStaysOnOneLineOfVisibleCharacters(_ seed: UInt64) {
    var dice = SeededGenerator(state: seed)
    let bytes = (0..<40).map { _ in UInt8.random(in: 1...255, using: &dice) }
    let line = StandardErrorLog.quoted(String(decoding: bytes, as: UTF8.self))
    #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
    #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .format })
  }
}

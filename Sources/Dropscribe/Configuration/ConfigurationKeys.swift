/// Every key that there is. The reader checks against this table, the manual page is made from it, and a test
/// compares it with the sample file: nothing else says what a key may be or what holds without it.
enum ConfigurationKeys {
  /// The sections, in the order of the manual.
  static let sections = [
    endpoint, key, entra, clientSecret, prices, task, instruction, taskClip, folder, clip, state, daemon,
  ]

  /// The sections that stand at the top of the file.
  static let top = [endpoint, task, folder, clip, state, daemon]

  /// The longest clip that may be asked for, in seconds: a clip is held in memory for each request in flight,
  /// and ten minutes are 26 MB of base64.
  static let longestClip = 600.0

  static let anySeconds = ValueForm.number(0...86_400, unit: "seconds")
  static let temperature = ValueForm.number(0...2, unit: nil)
  static let tokens = ValueForm.whole(1...1_000_000)
  static let price = ValueForm.number(0...1_000_000, unit: nil)
}

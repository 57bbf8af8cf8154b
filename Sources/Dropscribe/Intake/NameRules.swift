import Glibc

/// Which files are worth a look, by their names alone. Names are bytes.
struct NameRules: Equatable, Sendable {
  private let include: [[CChar]]
  private let exclude: [[CChar]]

  /// Shell patterns. Each is matched against the path below the folder, where `*` stops at a slash, and against
  /// the name alone. No `include` takes all; `exclude` wins.
  init(include: [String] = [], exclude: [String] = []) {
    self.include = include.map { Array($0.utf8CString) }
    self.exclude = exclude.map { Array($0.utf8CString) }
  }

  /// Whether a file is worth a look, by its path below the folder.
  func takes(_ relative: UnsafeBufferPointer<UInt8>) -> Bool {
    let slash = UInt8(ascii: "/")
    let dot = UInt8(ascii: ".")
    var nameStart = 0
    for (index, byte) in relative.enumerated() where byte == slash { nameStart = index + 1 }
    let name = relative[nameStart...]
    if name.isEmpty || Self.isTemporaryOrOurs(name) { return false }
    // A dot folder on the way hides all below it.
    if relative[0] == dot { return false }
    for index in 1..<max(1, relative.count) where relative[index] == dot && relative[index - 1] == slash {
      return false
    }
    if include.isEmpty && exclude.isEmpty { return true }
    let path = relative.map(CChar.init(bitPattern:)) + [0]
    let last = Array(path[nameStart...])
    func matches(_ pattern: [CChar]) -> Bool {
      fnmatch(pattern, path, FNM_PATHNAME) == 0 || fnmatch(pattern, last, 0) == 0
    }
    return (include.isEmpty || include.contains(where: matches)) && !exclude.contains(where: matches)
  }

  /// Whether a file is worth a look, by its path below the folder.
  func takes(_ relative: [UInt8]) -> Bool {
    relative.withUnsafeBufferPointer { takes($0) }
  }

  /// Names that copies and downloads have until they are complete, and what is written beside recordings.
  /// rsync's `.name.XXXXXX` and most of Syncthing's are dot files.
  private static let temporaryEndings: [[UInt8]] = [
    ".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", ".swp", "~",
  ].map { Array($0.utf8) }

  /// `.json` covers `.usage.json` and `.error.json`. Text is what transcripts are, and no recording ends so.
  private static let textEndings: [[UInt8]] = [".txt", ".srt", ".vtt", ".json", ".md"].map { Array($0.utf8) }

  private static let syncthing = Array("~syncthing~".utf8)

  private static func isTemporaryOrOurs(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    name.starts(with: syncthing)
      || temporaryEndings.contains { ends(name, with: $0) }
      || textEndings.contains { ends(name, with: $0) }
  }

  /// Upper-case letters of ASCII count as their lower-case ones.
  private static func ends(_ name: Slice<UnsafeBufferPointer<UInt8>>, with ending: [UInt8]) -> Bool {
    guard name.count >= ending.count else { return false }
    var index = name.endIndex - ending.count
    for byte in ending {
      let letter = name[index]
      let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) ? letter | 0x20 : letter
      if lower != byte { return false }
      index += 1
    }
    return true
  }
}

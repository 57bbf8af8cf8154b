/// Numbers as a person reads them, without Foundation.
enum Words {
  /// Seconds with up to three decimals, such as `12.5 s`.
  static func seconds(_ seconds: Double) -> String {
    guard seconds < 1e12 else { return "very many seconds" }
    let thousandths = Int64((seconds * 1000).rounded())
    var decimals = String(1000 + thousandths % 1000).dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(thousandths / 1000)\(decimals.isEmpty ? "" : ".\(decimals)") s"
  }

  /// A part of 1 in per cent, such as `37 %`.
  static func percent(_ part: Double) -> String {
    part < 0.01 ? "less than 1 %" : "\(Int((part * 100).rounded())) %"
  }
}

internal import FoundationEssentials
internal import NIOHTTP1

/// What a reply's headers say about trying again.
struct RetryAfter: Hashable, Sendable {
  /// How long to wait, at most a day; nil where nothing was said.
  var wait: Duration?
  /// `x-should-retry`, which wins over what the status suggests; nil where nothing was said.
  var isWorthwhile: Bool?

  private static let longest: Double = 86_400

  /// A date is taken relative to the reply's own `Date` where it has one, so that a wrong clock on either side
  /// does no harm; `now` serves where it has none.
  init(_ headers: HTTPHeaders, now: Date) {
    switch headers.first(name: "x-should-retry")?.lowercased() {
    case "true": isWorthwhile = true
    case "false": isWorthwhile = false
    default: isWorthwhile = nil
    }
    let milliseconds =
      headers.first(name: "retry-after-ms").flatMap(Self.number)
      ?? headers.first(name: "x-ms-retry-after-ms").flatMap(Self.number)
    if let milliseconds {
      wait = Self.bounded(milliseconds / 1000)
    } else if let text = headers.first(name: "retry-after") {
      if let seconds = Self.number(text) {
        wait = Self.bounded(seconds)
      } else if let date = Self.date(text) {
        let sent = headers.first(name: "date").flatMap(Self.date) ?? now.timeIntervalSince1970
        wait = Self.bounded(date - sent)
      }
    }
  }

  private static func number(_ text: String) -> Double? {
    Double(text.trimmed).flatMap { $0.isNaN ? nil : $0 }
  }

  private static func bounded(_ seconds: Double) -> Duration {
    .milliseconds(Int64((min(max(seconds, 0), longest) * 1000).rounded(.up)))
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Seconds since 1970 of an HTTP date in any of the three forms of RFC 9110, section 5.6.7.
  private static func date(_ text: String) -> Double? {
    var words = text.lowercased().replacing("-", with: " ").split { $0 == " " || $0 == "," }.map(String.init)
    guard words.count >= 5 else { return nil }
    words.removeFirst()
    // C's asctime has the month first and the year last: nov 6 08:49:37 1994.
    if months.contains(words[0]) { words = [words[1], words[0], words[3], words[2]] }
    guard let day = Int(words[0]), (1...31).contains(day),
      let month = months.firstIndex(of: words[1]),
      var year = Int(words[2]), (0...9999).contains(year)
    else { return nil }
    let time = words[3].split(separator: ":").compactMap { Int($0) }
    guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
    else { return nil }
    if year < 100 { year += year < 70 ? 2000 : 1900 }
    let seconds =
      days(year: year, month: month + 1, day: day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    return Double(seconds)
  }

  /// Days since 1970 in the Gregorian calendar, by counting years from March on (H. Hinnant's method).
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = year / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

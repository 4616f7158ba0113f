/// A time for people and for JSON: RFC 3339 in UTC, to the millisecond.
public enum WallTime {
  /// `2026-11-21T06:25:07.123Z` for nanoseconds since 1970.
  public static func text(nanoseconds: Int64) -> String {
    let milliseconds = max(0, nanoseconds) / 1_000_000
    let date = civil(days: milliseconds / 86_400_000)
    let rest = milliseconds % 86_400_000
    let time = "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1_000 % 60))"
    let fraction = String(String(1_000 + rest % 1_000).dropFirst())
    return "\(date.year)-\(two(date.month))-\(two(date.day))T\(time).\(fraction)Z"
  }

  /// `2026-11-21` in UTC for seconds since 1970.
  public static func day(seconds: Int64) -> String {
    let date = civil(days: max(0, seconds) / 86_400)
    return "\(date.year)-\(two(date.month))-\(two(date.day))"
  }

  private static func two(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  /// The date of a day counted from 1970-01-01, in the Gregorian calendar.
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    var year: Int64 = 1970
    var rest = days
    while rest >= length(ofYear: year) {
      rest -= length(ofYear: year)
      year += 1
    }
    let february: Int64 = length(ofYear: year) == 366 ? 29 : 28
    var month: Int64 = 1
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
      if rest < length { break }
      rest -= length
      month += 1
    }
    return (year, month, rest + 1)
  }

  private static func length(ofYear year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return isLeap ? 366 : 365
  }
}

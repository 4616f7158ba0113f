/// A point on a clock that never goes back and counts suspended time (`CLOCK_BOOTTIME`).
///
/// The core never reads a clock: every event brings the instant at which it happened.
public struct Instant: InstantProtocol, Hashable, Sendable {
  /// Nanoseconds since an arbitrary start, in practice the start of the host.
  public var nanoseconds: Int64

  /// Makes an instant from nanoseconds.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Makes an instant from whole milliseconds, as golden traces write them.
  public static func milliseconds(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: milliseconds * 1_000_000)
  }

  /// The instant a duration later, or earlier for a negative one.
  public func advanced(by duration: Duration) -> Instant {
    let (sum, overflows) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    guard overflows else { return Instant(nanoseconds: sum) }
    return Instant(nanoseconds: duration < .zero ? .min : .max)
  }

  /// The duration from here to another instant; negative if that one is earlier.
  public func duration(to other: Instant) -> Duration {
    .nanoseconds(other.nanoseconds) - .nanoseconds(nanoseconds)
  }

  /// Orders by time.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The instant a duration later.
  public static func + (left: Instant, right: Duration) -> Instant {
    left.advanced(by: right)
  }

  /// The instant a duration earlier.
  public static func - (left: Instant, right: Duration) -> Instant {
    left.advanced(by: .zero - right)
  }

  /// The duration between two instants.
  public static func - (left: Instant, right: Instant) -> Duration {
    right.duration(to: left)
  }
}

extension Duration {
  /// This duration in nanoseconds, rounded toward zero; at most 146 years either way.
  ///
  /// Durations come from what peers say, and nothing that they say may stop the daemon: two of
  /// the longest still add up.
  public var wholeNanoseconds: Int64 {
    let limit = Int64.max / 2
    let (seconds, attoseconds) = components
    if seconds >= limit / 1_000_000_000 { return limit }
    if seconds <= -limit / 1_000_000_000 { return -limit }
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// This duration in milliseconds, rounded toward zero.
  public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}

public import FailoverCore
import Glibc

/// The clocks of this host.
///
/// Decisions use `CLOCK_BOOTTIME`, which never goes back and counts suspended time; the wall
/// clock is only compared with it, and kept in files that outlive a boot (clock_gettime(2)).
public struct HostClock: Sendable {
  /// Makes a clock.
  public init() {}

  /// Now, on the clock of every decision.
  public func now() -> Instant {
    Instant(nanoseconds: Self.read(CLOCK_BOOTTIME))
  }

  /// Now on the wall clock, in nanoseconds since 1970.
  public func wallNanoseconds() -> Int64 {
    Self.read(CLOCK_REALTIME)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // It fails only for a clock that the kernel does not know; both have existed since 2.6.39.
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

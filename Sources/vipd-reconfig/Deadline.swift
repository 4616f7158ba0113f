import CHook

/// An instant by which the hook must be done (`CLOCK_MONOTONIC`, clock_gettime(2)).
struct Deadline {
  private let milliseconds: Int

  /// Makes a deadline.
  init(millisecondsFromNow milliseconds: Int) {
    self.milliseconds = Self.now() + milliseconds
  }

  /// What is left, for poll(2); 0 when it has passed.
  var remaining: CInt {
    CInt(max(0, milliseconds - Self.now()))
  }

  private static func now() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

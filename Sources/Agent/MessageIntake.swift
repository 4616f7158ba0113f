import FailoverCore

/// How many messages of a kind are read in a second: beyond that they cost more than they can be
/// worth.
struct MessageIntake {
  /// The most in a second.
  let limit: Int

  private var second: Int64 = 0
  private var count = 0

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether one more may be read.
  mutating func admits(at now: Instant) -> Bool {
    let second = now.nanoseconds / 1_000_000_000
    if second != self.second {
      self.second = second
      count = 0
    }
    count += 1
    return count <= limit
  }
}

import FailoverCore

/// When to try again: 100 ms after the first failure, doubling to 1 s.
///
/// A refused connection is tried again each 0.5 s instead: it costs nothing, and shows both
/// that the host lives and when the process is back.
struct Backoff: Equatable {
  static let first = Duration.milliseconds(100)
  static let longest = Duration.seconds(1)
  static let afterRefusal = Duration.milliseconds(500)

  private var next = Backoff.first

  /// How long to wait after a failure.
  mutating func delay(after loss: ConnectionLoss) -> Duration {
    if loss == .refused { return Self.afterRefusal }
    defer { next = min(next * 2, Self.longest) }
    return next
  }

  /// Forgets failures after a success.
  mutating func reset() {
    next = Self.first
  }
}

import FailoverCore

/// When a whole table is asked for: soon, then ever more rarely, for some holders never answer.
struct SessionAsking {
  /// The first question comes so long after its cause: the holder may be at it.
  static let least = Duration.milliseconds(500)
  static let greatest = Duration.seconds(30)

  private var dueAt: Instant?
  private var wait = Self.least

  /// Takes in that something is missing; whether it is asked for now.
  mutating func ask(at now: Instant) -> Bool {
    guard let dueAt else {
      dueAt = now + wait
      return false
    }
    guard dueAt <= now else { return false }
    wait = min(wait + wait, Self.greatest)
    self.dueAt = now + wait
    return true
  }

  /// Nothing is missing any more, or somebody else holds.
  mutating func settle() { self = SessionAsking() }
}

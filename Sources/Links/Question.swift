import FailoverCore

/// Something that is asked again and again, one question at a time.
///
/// It knows when the next one is due, and does not send it.
struct Question: Equatable {
  /// How long after one question the next is due.
  let period: Duration
  /// When it was asked last; nil if the next one is due at once.
  private(set) var askedAt: Instant?
  /// Whether the last question waits for its answer.
  private(set) var isOpen = false
  /// Whether it was wanted once more since: that answer may be older than the wish.
  private(set) var isWantedAgain = false

  init(every period: Duration) { self.period = period }

  /// Whether it is time to ask, and no answer is waited for.
  func isDue(at now: Instant) -> Bool {
    guard !isOpen else { return false }
    return askedAt.map { now - $0 >= period } ?? true
  }

  /// Takes in that somebody wants to know now; whether it can be asked at once.
  mutating func want() -> Bool {
    if isOpen { isWantedAgain = true }
    return !isOpen
  }

  /// Takes in that it was asked.
  mutating func asked(at now: Instant) {
    askedAt = now
    isOpen = true
    isWantedAgain = false
  }

  /// Takes in that it was answered, or that no answer will come.
  mutating func close() { isOpen = false }
}

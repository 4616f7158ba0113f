import Addresses

/// What the named node says of itself, asked directly before the local Redis is made to follow it.
struct SuccessorWatch: Equatable, Sendable {
  /// What a node said last.
  private var answer: Answer?
  /// When the named node was last asked.
  private var askedAt: Instant?

  private struct Answer: Equatable {
    var endpoint: Endpoint
    /// Its role; nil if it did not answer.
    var role: LocalRole?
    var askedAt: Instant
  }

  /// Records what a node says of itself: it may be the named one.
  mutating func record(_ node: Endpoint, _ role: LocalRole?, askedAt: Instant) {
    answer = Answer(endpoint: node, role: role, askedAt: askedAt)
  }

  /// Makes sure that the named node is a master by its own word; where no fresh one says so, it is asked.
  ///
  /// - Returns: Whether it is.
  mutating func requireMaster(_ named: Endpoint, _ turn: inout Turn) -> Bool {
    if let answer, answer.endpoint == named, turn.age(of: answer.askedAt) <= Timing.viewLifetime {
      if answer.role == .master { return true }
      turn.raise(.successorIsNoMaster(named))
    }
    if let askedAt, turn.age(of: askedAt) < Timing.pollInterval { return false }
    askedAt = turn.now
    turn.order(.inspect(named))
    return false
  }
}

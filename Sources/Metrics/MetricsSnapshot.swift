import Addresses
package import FailoverCore
import Platform
package import Wording

/// What the metrics are made of, taken on the event loop and set as text elsewhere.
package struct MetricsSnapshot: Sendable {
  /// One group.
  package struct GroupPart: Sendable {
    package let status: GroupStatus
    package let counters: GroupCounters
    /// Sentinels that answered lately.
    package let answering: Int
    /// What an operator should look at now.
    package var problems: [GroupProblem] = []

    package init(
      status: GroupStatus, counters: GroupCounters, answering: Int, problems: [GroupProblem] = []
    ) {
      self.status = status
      self.counters = counters
      self.answering = answering
      self.problems = problems
    }
  }

  /// A Sentinel that answered a poll within this is heard: some ten polls.
  package static let hearingTime = Duration.seconds(2)

  /// When it was taken.
  package let at: Instant
  /// The groups in the order of the configuration.
  package let groups: [GroupPart]
  /// Master names of the configuration that are not followed yet.
  package let pending: [String]
  /// The longest stall of the event loop.
  package let maxStall: Duration
  /// What is wrong with the daemon itself.
  package var problems: [GroupProblem] = []
  /// Events that were handed to whoever runs programs.
  package var notificationsSent = 0
  /// Events that nobody took.
  package var notificationsLost = 0

  package init(
    at: Instant, groups: [GroupPart], pending: [String], maxStall: Duration,
    problems: [GroupProblem] = []
  ) {
    self.at = at
    self.groups = groups
    self.pending = pending
    self.maxStall = maxStall
    self.problems = problems
  }

  /// What is missing until the daemon can decide; nothing if it is ready.
  var shortcomings: [String] {
    pending.map { "\($0): what was kept of it is still being read" }
      + groups.compactMap { part in
        let needed = part.status.sentinelCount / 2 + 1
        guard part.answering < needed else { return nil }
        return "\(part.status.masterName): \(part.answering) of \(part.status.sentinelCount) "
          + "Sentinels answer; \(needed) are needed"
      }
  }
}

extension MetricsSnapshot.GroupPart {
  /// How many Sentinels are in which state; each of those that count is in one.
  var sentinels: [(state: String, count: Int)] {
    let connected = status.sentinels.filter(\.isConnected)
    let confirming = connected.count { $0.confirmsUntil != nil }
    return [
      ("confirming", confirming), ("connected", connected.count - confirming),
      ("lost", status.sentinels.count - connected.count),
      ("missing", max(0, status.sentinelCount - status.sentinels.count)),
    ]
  }

  /// How long the lease goes on, in seconds: 0 without one, no end under `blind hold`.
  func leaseSeconds(at now: Instant) -> Double {
    guard status.basis != .none else { return 0 }
    guard let ends = status.leaseEnds else { return status.basis == .policy ? .infinity : 0 }
    return max(.zero, ends - now) / .seconds(1)
  }
}

import Addresses
import Configuration
import FailoverCore
import Platform
import Wording

/// What the metrics are made of, taken on the event loop and set as text elsewhere.
struct MetricsSnapshot: Sendable {
  /// One group.
  struct GroupPart: Sendable {
    let status: GroupStatus
    let counters: GroupCounters
    /// Sentinels that answered lately.
    let answering: Int
    /// What an operator should look at now.
    var problems: [GroupProblem] = []
  }

  /// A Sentinel that answered a poll within this is heard: some ten polls.
  static let hearingTime = Duration.seconds(2)

  /// When it was taken.
  let at: Instant
  /// The groups in the order of the configuration.
  let groups: [GroupPart]
  /// Master names of the configuration that are not followed yet.
  let pending: [String]
  /// The longest stall of the event loop.
  let maxStall: Duration
  /// What is wrong with the daemon itself.
  var problems: [GroupProblem] = []

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

extension MetricsSnapshot {
  /// Takes the snapshot of a daemon.
  init(_ daemon: Daemon) {
    let now = daemon.clock.now()
    at = now
    groups = daemon.groups.map { group in
      let status = group.status
      let answering = status.sentinels.count { sentinel in
        sentinel.isConnected && sentinel.provenAt.map { now - $0 <= Self.hearingTime } ?? false
      }
      return GroupPart(
        status: status, counters: group.counters, answering: answering, problems: group.problems)
    }
    pending = daemon.loaded.configuration.groups.map(\.masterName)
      .filter { daemon.group($0) == nil }
    maxStall = daemon.maxStall
    problems = daemon.problems
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

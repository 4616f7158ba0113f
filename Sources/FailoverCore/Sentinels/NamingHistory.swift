import Addresses

/// Whom a majority names and named before, and who is proven to have been down.
struct NamingHistory: Equatable, Sendable {
  /// The node that a majority names, or named when there last was a majority.
  private(set) var current: Endpoint?
  /// When a majority began to name it.
  private(set) var since: Instant?
  /// The node that a majority named before.
  private(set) var previous: Endpoint?
  private var provenDown: ProvenDown?

  /// A node that so many Sentinels held down that no majority was left for it.
  private struct ProvenDown: Equatable {
    var node: Endpoint
    var at: Instant
  }

  /// Records whom a majority names; between this node's own endpoints, the local ones, the node is
  /// the same.
  mutating func record(_ named: Endpoint, local: [Endpoint], at now: Instant) {
    guard named != current else { return }
    if let current, !(local.contains(current) && local.contains(named)) { previous = current }
    current = named
    since = now
  }

  /// Records that a node can't have a lease: no majority is left that could confirm it.
  mutating func recordDown(_ node: Endpoint, at now: Instant) {
    provenDown = ProvenDown(node: node, at: now)
  }

  /// Whether a node was proven down so recently that it can't hold yet.
  func wasDown(_ node: Endpoint, at now: Instant) -> Bool {
    provenDown.map { $0.node == node && now - $0.at <= Timing.evidenceLifetime } ?? false
  }
}

/// Since when the conditions of a retake hold without a break.
struct Settling: Equatable, Sendable {
  /// Since when a majority confirms this node and nothing speaks against it.
  private(set) var since: Instant?
  /// Since when all Sentinels agree on this node and none runs a failover.
  private(set) var unanimousSince: Instant?
  private var lookedAt: Instant?

  /// Records whether the conditions hold now; what was not looked at for long has no duration.
  mutating func record(holds: Bool, isUnanimous: Bool, at now: Instant) {
    if let lookedAt, now - lookedAt > Timing.viewLifetime { restart() }
    guard holds else {
      restart()
      return
    }
    since = since ?? now
    lookedAt = now
    unanimousSince = isUnanimous ? unanimousSince ?? now : nil
  }

  /// Lets a retake wait anew from now.
  mutating func restart() { self = Settling() }
}

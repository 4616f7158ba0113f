import Addresses

/// Whether a holder hears anything from beyond its own host.
///
/// A master that is cut off acknowledges the writes of its local clients until `max-lag` stops it, one
/// to two seconds later, and all of them are lost. Redis counts whole seconds; this daemon asks the
/// Sentinels five times a second, and the replicas once those are silent.
struct IsolationWatch: Equatable, Sendable {
  /// When a replica last answered.
  private var nodeHeardAt: Instant?
  /// When the replicas were last asked.
  private var askedAt: Instant?
  /// Since when silence counts: what a stall kept from being heard is not silence.
  private var begunAt: Instant?

  /// Records that another node answered for itself, asked at an instant.
  mutating func recordNode(askedAt: Instant) {
    nodeHeardAt = max(askedAt, nodeHeardAt ?? askedAt)
  }

  /// Counts silence anew from now on.
  mutating func restart(at now: Instant) { begunAt = now }

  /// Whether a silence beyond this host matters: the master here is held for.
  private func matters(_ evidence: Evidence, _ address: AddressView) -> Bool {
    evidence.local.role == .master && address.state.isHeldByConfirmations && address.pause == nil
  }

  /// When something beyond this host was last known to be reachable; nil where no Sentinel is beyond it.
  private func lastHeard(_ panel: SentinelPanel) -> Instant? {
    let others = panel.records.filter { !panel.isOnThisHost($0.id) }
    guard !others.isEmpty, !panel.localInstances.isEmpty else { return nil }
    // A refused connection is the word of a host.
    let signs = others.flatMap { [$0.provenAt, $0.refusedAt] } + [nodeHeardAt, begunAt]
    return signs.compactMap { $0 }.max()
  }

  /// Whether nothing was heard for so long that this host is cut off.
  func isIsolated(_ panel: SentinelPanel, at now: Instant) -> Bool {
    lastHeard(panel).map { now - $0 >= Timing.isolationLimit } ?? false
  }

  /// The instants at which something changes by itself.
  func deadlines(_ evidence: Evidence, _ address: AddressView) -> [Instant] {
    guard matters(evidence, address), let heard = lastHeard(evidence.panel) else { return [] }
    return [heard + Timing.isolationQuestion, heard + Timing.isolationLimit]
      + (askedAt.map { [$0 + Timing.isolationRetry] } ?? [])
  }

  /// Asks the replicas while the Sentinels are silent.
  mutating func askIfSilent(
    _ evidence: Evidence, _ address: AddressView, _ turn: inout Turn
  ) {
    let panel = evidence.panel
    guard matters(evidence, address), let heard = lastHeard(panel),
      turn.age(of: heard) >= Timing.isolationQuestion,
      askedAt.map({ turn.age(of: $0) >= Timing.isolationRetry }) ?? true
    else { return }
    askedAt = turn.now
    turn.inspect(panel.listedReplicas)
  }
}

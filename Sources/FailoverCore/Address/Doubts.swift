import Addresses

/// What is doubted of a holding: whether the named node follows this one, and what a step of the
/// wall clock means.
struct Doubts: Equatable, Sendable {
  /// A naming of another node in a lower epoch.
  private(set) var dispute: NamingDispute?
  /// A lease that is doubted, because the wall clock was stepped ahead.
  private(set) var lease: DoubtedLease?

  /// When something about them changes by itself.
  var deadlines: [Instant] { (dispute?.deadlines ?? []) + (lease.map { [$0.ends] } ?? []) }

  /// Looks whether a majority names another node in a lower epoch, and asks that node whom it
  /// follows; a lease that stands is doubted no more.
  mutating func refresh(_ holding: Holding, _ rules: HoldingRules, _ turn: inout Turn) {
    if rules.isLeased { lease = nil }
    dispute = rules.currentDispute(holding)
    guard dispute != nil, rules.isDisputed(holding) else { return }
    dispute?.askIfDue(&turn)
    if rules.isMajorityInContact { dispute?.carry() }
  }

  /// Records what a node says of itself, where a dispute is about it.
  mutating func recordNode(
    _ node: Endpoint, _ said: NodeObservation?, sentAt: Instant,
    isThisNode: (Endpoint) -> Bool
  ) {
    guard dispute?.node == node, let said else { return }
    var follows = false
    if case .replica(let master?) = said.role { follows = isThisNode(master) }
    dispute?.record(follows: follows, sentAt: sentAt)
  }

  /// Notes that a lease ended with a step of the wall clock.
  mutating func recordStep(by jump: Duration, lease: Instant, at now: Instant) {
    self.lease = DoubtedLease(lease: lease, patience: now + Timing.clockDoubtLimit, jump: jump)
  }
}

/// A lease from before the wall clock was stepped ahead.
///
/// Either the clock was set, and nothing is older than before, or the machine stalled without
/// its boot clock, as a virtual one can. Fresh answers tell, within a round trip.
struct DoubtedLease: Equatable, Sendable {
  /// When it would end if the clock was merely set.
  let lease: Instant
  /// How long fresh answers are waited for.
  let patience: Instant
  /// By how much the clock was stepped.
  let jump: Duration

  /// When it carries no more.
  var ends: Instant { min(lease, patience) }
}

import Addresses

/// Where the address of one group stands on this node.
enum AddressState: Equatable, Sendable {
  /// Does not hold the address.
  ///
  /// Can transition to: `prepared` (this node is selected), `held` (named and entitled).
  case standby

  /// A failover selected this node; the flip is awaited with everything ready.
  ///
  /// Can transition to: `held` (fast or normal path), `standby` (expired, replaced).
  case prepared(Preparation)

  /// Holds the address; `holding` or `blind` by its basis.
  ///
  /// Can transition to: `standby` (the basis is gone), `yielding` (another node is selected).
  case held(Holding)

  /// Let go for another node that a failover selected.
  ///
  /// Can transition to: `prepared` (selected itself), `standby` (the other is named, or its time
  /// is over). Never straight to `held`.
  case yielding(Yield)

  /// The daemon stops; nothing is decided any more.
  ///
  /// Can transition to: nothing.
  case stopped

  /// The state as it is shown where no pause covers it.
  var name: StateName {
    switch self {
    case .standby, .stopped: .standby
    case .prepared: .prepared
    case .held(let holding): holding.basis.stateName
    case .yielding: .yielding
    }
  }

  /// What is held, if anything is.
  var holding: Holding? { if case .held(let holding) = self { holding } else { nil } }

  /// Whether the address is held by confirmations of Sentinels.
  var isHeldByConfirmations: Bool { holding?.basis == .sentinels }
}

/// What is needed while this node is selected.
struct Preparation: Equatable, Sendable {
  /// The Sentinel that runs the failover.
  let leader: SentinelID
  /// The epoch of the failover; without it the fast path is closed.
  var epoch: UInt64?
  /// The master that is to be followed.
  let oldMaster: Endpoint?
  /// When the selection was seen.
  let since: Instant
  /// What the question for a yield notice was marked with.
  let nonce: UInt64
  /// When it was last asked.
  var askedAt: Instant

  /// When the selection no longer keeps this node prepared.
  var ends: Instant { since + Timing.preparedLifetime }
  /// When the old holder is asked again.
  var nextQuestion: Instant { askedAt + Timing.questionInterval }
}

/// What is needed while the address is held.
struct Holding: Equatable, Sendable {
  /// What the right to hold rests on.
  var basis: Basis
  /// The selection on which a provisional holding rests.
  let preparation: Preparation?
  /// The config epoch of the entitlement: a lower one is ignored, a greater one ends it.
  var epoch: UInt64
  /// When the kernel was last told.
  var renewedAt: Instant
  /// The end of the lease that the kernel's lifetime accounts for.
  var renewedLease: Instant?
  /// When the kernel removes the addresses; nil for never.
  var kernelEnds: Instant?

  /// What the right to hold rests on.
  enum Basis: Equatable, Sendable {
    /// Confirmations.
    case sentinels
    /// The fast path, until an instant.
    case provisional(until: Instant)
    /// Refused connections.
    case refusals
    /// Acknowledging replicas.
    case replicas
    /// The node that Sentinels name in a lower epoch follows this one.
    case follower
    /// `blind hold`.
    case policy
  }

  /// When it may be renewed again.
  var renewalDue: Instant { renewedAt + Timing.renewalInterval }

  /// Whether it rests on the fast path: not named yet.
  var isProvisional: Bool { if case .provisional = basis { true } else { false } }
}

/// What is needed while another node has the right of way.
struct Yield: Equatable, Sendable {
  /// The selected node.
  let target: Endpoint
  /// The epoch of its selection.
  let epoch: UInt64
  /// When it was seen.
  let since: Instant

  /// When the other node had its time.
  var ends: Instant { since + Timing.yieldLifetime }
}

extension Holding.Basis {
  /// The basis as it is shown.
  var name: LeaseBasis {
    switch self {
    case .sentinels: .sentinels
    case .provisional: .provisional
    case .refusals: .refusals
    case .replicas: .replicas
    case .follower: .follower
    case .policy: .policy
    }
  }

  /// The state as it is shown.
  var stateName: StateName {
    switch self {
    case .sentinels, .provisional, .follower: .holding
    case .refusals, .replicas, .policy: .blind
    }
  }
}

/// What the other rooms are told of the address.
struct AddressView {
  /// Where it stands.
  let state: AddressState
  /// When that was entered.
  let since: Instant
  /// Why.
  let reason: Reason
  /// The pause in force, if any.
  let pause: Pause?
  /// Since when this node has been entitled to the address without having it.
  let entitledSince: Instant?
  /// Whether the link is being asked who has the addresses.
  let isLooking: Bool
  /// The last claim of another machine to an address that is held here; nil without one.
  let lastClaim: AddressClaimSeen?

  /// The state as it is shown.
  var stateName: StateName { pause == nil ? state.name : .paused }
  /// What the holding rests on.
  var basis: LeaseBasis { state.holding?.basis.name ?? .none }
}

import Addresses

/// Where the machine of one group stands.
enum FailoverState: Equatable, Sendable {
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
  /// Can transition to: `standby` (grounds ended), `yielding` (another node is selected).
  case held(Tenure)

  /// Let go for another node that a failover selected.
  ///
  /// Can transition to: `prepared` (selected itself), `standby` (the other is named, or its time
  /// is over). Never straight to `held`.
  case yielding(Concession)

  /// The daemon stops; nothing is decided any more.
  ///
  /// Can transition to: nothing.
  case stopped
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
}

/// What is needed while the address is held.
struct Tenure: Equatable, Sendable {
  /// What the right rests on.
  var basis: Basis
  /// The selection on which a provisional right rests.
  var preparation: Preparation?
  /// The config epoch of the right: a lower one is ignored, a greater one ends it.
  var epoch: UInt64
  /// When the kernel was last told.
  var renewedAt: Instant
  /// The end of the lease that the kernel's lifetime accounts for.
  var renewedLease: Instant?
  /// When the kernel removes the addresses; nothing for never.
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
}

/// What is needed while another node has the right of way.
struct Concession: Equatable, Sendable {
  /// The selected node.
  let target: Endpoint
  /// The epoch of its selection.
  let epoch: UInt64
  /// When it was seen.
  let since: Instant
}

extension Tenure.Basis {
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

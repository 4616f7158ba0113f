public import Addresses

/// Whether and how Redis itself refuses writes (`fence`).
public enum FencePolicy: Equatable, Sendable {
  /// The daemon touches nothing but the address.
  case off
  /// Through `min-replicas-to-write` and `min-replicas-max-lag` (redis.conf).
  case minReplicas(Count, maxLagSeconds: Int)

  /// How many replicas must acknowledge.
  public enum Count: Equatable, Sendable {
    /// As many as are attached while all is well.
    case all
    /// A fixed number, 1 to 1000.
    case exactly(Int)
  }
}

extension FencePolicy {
  /// `max-lag` of the configuration, in whole seconds; 0 where there is no fence.
  var maxLagSeconds: Int {
    if case .minReplicas(_, let maxLagSeconds) = self { maxLagSeconds } else { 0 }
  }

  /// What refuses every write; nil where there is no fence.
  var closedSetting: FenceSetting? {
    guard self != .off else { return nil }
    return FenceSetting(minReplicas: FenceSetting.closedCount, maxLagSeconds: maxLagSeconds)
  }

  /// What it asks for where there are so many replicas.
  func setting(replicas count: Int) -> FenceSetting {
    switch self {
    case .minReplicas(.exactly(let number), let lag):
      FenceSetting(minReplicas: min(number, count), maxLagSeconds: lag)
    case .minReplicas(.all, let lag): FenceSetting(minReplicas: count, maxLagSeconds: lag)
    case .off: .serverDefault
    }
  }
}

/// The two directives by which a master refuses writes (`replication.c checkGoodReplicasStatus`).
public struct FenceSetting: Equatable, Sendable {
  /// `min-replicas-to-write`: so many good replicas are needed; 0 asks for none.
  public var minReplicas: Int
  /// `min-replicas-max-lag`: a replica is good if it acknowledged at most so many whole seconds
  /// ago; 0 switches the check off.
  public var maxLagSeconds: Int

  /// Makes a setting.
  public init(minReplicas: Int, maxLagSeconds: Int) {
    self.minReplicas = minReplicas
    self.maxLagSeconds = maxLagSeconds
  }

  /// The count that closes a fence: no group has so many replicas, so it can only be ours.
  public static let closedCount = 1_000_000
  /// What a Redis has that nobody configured (`config.c`).
  public static let serverDefault = FenceSetting(minReplicas: 0, maxLagSeconds: 10)

  /// Whether every write is refused, and by a daemon of this kind.
  public var isClosed: Bool { minReplicas == Self.closedCount }
}

/// An order to the local Redis about its fence; its outcome is `Event.fenceAnswered`.
public enum FenceOrder: Equatable, Sendable {
  /// `CONFIG SET min-replicas-max-lag` and `min-replicas-to-write`: in force at the next command.
  case set(FenceSetting)
  /// `CONFIG REWRITE`: what is in force is in the file afterwards.
  case persist
  /// One transaction: the setting, `REPLICAOF`, `CONFIG REWRITE`, and `CLIENT KILL` of normal and
  /// pubsub clients (`sentinel.c sentinelSendSlaveOf` does the same without the setting).
  case demote(to: Endpoint, FenceSetting)
}

/// Why an order about the fence was not carried out, or not to the end.
public enum FenceProblem: Equatable, Sendable {
  /// Redis did not answer; whether it carried the order out is not known.
  case unreachable
  /// Redis refuses CONFIG: it is renamed, or the user has no right to it. Its own words.
  case refused(String)
  /// The setting is in force, but can't be written to the file: there is none, or it is read-only.
  case notPersisted(String)
  /// Redis refuses REPLICAOF. Its own words, and whether the setting that goes before it is in force:
  /// it is not where the command was refused before the transaction began, as to a user without the
  /// right to it.
  case notDemoted(String, isSet: Bool)
}

/// What the fence of a node does.
public enum FenceState: String, Equatable, Sendable, CaseIterable {
  /// There is none.
  case off
  /// Redis refuses writes as soon as replicas are missing.
  case armed
  /// Relaxed to the replicas that are attached.
  case open
  /// Redis refuses all writes.
  case closed
  /// Not as it should be: not persisted, not settable, or not known.
  case half
}

/// Why the fence changed.
public enum FenceReason: Equatable, Sendable {
  /// All replicas acknowledge.
  case replicasGood(Int)
  /// Replicas are missing, and a majority confirms this master without them.
  case replicasMissing([Endpoint])
  /// A failover selected this node: its first write must not wait for replicas.
  case selectedHere
  /// The address was let go.
  case letGo(Reason)
  /// A majority names another node.
  case anotherNamed(Endpoint)
  /// Nothing beyond this host was heard for a while.
  case isolated
  /// The local master was restarted, and may have less than its replicas.
  case compared
  /// The right to hold is back.
  case holds
  /// A closed or opened value was found where it has no business.
  case reconciled
  /// A planned move needs every replica to have everything.
  case move
  /// The mode was switched off: what the operator had set is back.
  case switchedOff
  /// The daemon stops.
  case stopping
}

/// A change of the fence, with its reason.
public struct FenceChange: Equatable, Sendable {
  /// What was ordered.
  public var order: FenceOrder
  /// The state that it leads to.
  public var to: FenceState
  /// Why.
  public var reason: FenceReason

  /// Makes a change.
  public init(order: FenceOrder, to: FenceState, reason: FenceReason) {
    self.order = order
    self.to = to
    self.reason = reason
  }
}

/// What is kept about a fence over restarts of the daemon.
public struct FenceMemory: Equatable, Sendable {
  /// What the operator had set; it is restored when the mode is switched off.
  public var operatorSetting: FenceSetting
  /// What this daemon last armed; nil if it never did.
  public var armed: FenceSetting?

  /// Makes a memory.
  public init(operatorSetting: FenceSetting, armed: FenceSetting? = nil) {
    self.operatorSetting = operatorSetting
    self.armed = armed
  }
}

/// What the local Redis says of its replicas (`INFO replication`).
public struct LocalReplication: Equatable, Sendable {
  /// The replicas that are attached, in the order of the answer; at most `maxReplicas`.
  public var replicas: [AttachedReplica]
  /// `master_repl_offset`.
  public var offset: UInt64
  /// `min_slaves_good_slaves`: how many are good by Redis's own count, which is made once a second
  /// and decides about writes; nil while it asks for none.
  public var goodReplicas: Int?

  /// Makes an observation.
  public init(replicas: [AttachedReplica], offset: UInt64, goodReplicas: Int? = nil) {
    self.replicas = replicas
    self.offset = offset
    self.goodReplicas = goodReplicas
  }

  /// More replicas than this are not looked at.
  public static let maxReplicas = 64
}

/// One attached replica (`slave0:ip=…,port=…,state=…,offset=…,lag=…`).
public struct AttachedReplica: Equatable, Sendable {
  /// Its `ip` and `port`, as it announces itself.
  public var endpoint: Endpoint
  /// Whether its state is `online`: it has had its full synchronisation.
  public var isOnline: Bool
  /// `lag`: whole seconds since its last acknowledgement.
  public var lagSeconds: Int
  /// `offset`: what it acknowledged.
  public var offset: UInt64

  /// Makes an entry.
  public init(endpoint: Endpoint, isOnline: Bool = true, lagSeconds: Int = 0, offset: UInt64 = 0) {
    self.endpoint = endpoint
    self.isOnline = isOnline
    self.lagSeconds = lagSeconds
    self.offset = offset
  }

  /// Whether it counts as Redis counts (`replication.c refreshGoodSlavesCount`).
  func isGood(maxLagSeconds: Int) -> Bool { isOnline && lagSeconds <= maxLagSeconds }
}

/// What another node answered when it was asked directly: `ROLE` and `INFO replication`.
public struct NodeObservation: Equatable, Sendable {
  /// Its role by its own word.
  public var role: LocalRole
  /// `slave_repl_offset` of a replica, `master_repl_offset` of a master.
  public var offset: UInt64
  /// `master_link_status` of a replica is `up`; true for a master.
  public var isLinkUp: Bool
  /// `slave_priority` of a replica; nil for a master.
  public var priority: Int?
  /// Its `min-replicas-to-write` and `min-replicas-max-lag`; nil if it does not tell.
  public var fence: FenceSetting?
  /// The keys of all its databases; nil if it does not tell.
  public var keys: UInt64?
  /// `master_replid`: the stream of replication that its offset counts; nil if it does not tell.
  public var stream: String?

  /// Makes an observation.
  public init(
    role: LocalRole, offset: UInt64 = 0, isLinkUp: Bool = true, priority: Int? = nil,
    fence: FenceSetting? = nil, keys: UInt64? = nil, stream: String? = nil
  ) {
    self.role = role
    self.stream = stream
    self.keys = keys
    self.offset = offset
    self.isLinkUp = isLinkUp
    self.priority = priority
    self.fence = fence
  }
}

/// What `status` shows of a fence.
public struct FenceStatus: Equatable, Sendable {
  /// What it does.
  public var state: FenceState
  /// What is in force; nil while it is not known.
  public var setting: FenceSetting?
  /// What is wrong; nil if all is well.
  public var problem: FenceProblem?
  /// Replicas that are known and not good; Redis refuses writes, or the fence was opened for them.
  public var missing: [Endpoint]

  /// Makes a status.
  public init(
    state: FenceState, setting: FenceSetting? = nil, problem: FenceProblem? = nil,
    missing: [Endpoint] = []
  ) {
    self.state = state
    self.setting = setting
    self.problem = problem
    self.missing = missing
  }
}

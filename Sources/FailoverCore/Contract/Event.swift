public import Addresses

/// A fact that the machine of one group is told.
///
/// Events are hints, except for answers to our own polls: those alone carry authority.
public enum Event: Equatable, Sendable {
  /// The daemon started; always the first event.
  case started(StartupFacts)

  /// The connection to a Sentinel stands and its subscriptions are in place.
  case sentinelConnected(SentinelID, runID: String)
  /// The connection to a Sentinel was lost, or an attempt to connect failed.
  case sentinelDisconnected(SentinelID, ConnectionLoss)
  /// A Sentinel is no longer followed: it left the configuration and every other's list.
  case sentinelForgotten(SentinelID)
  /// A Sentinel answered a poll that was sent at an instant.
  case sentinelReplied(SentinelID, SentinelView, sentAt: Instant)
  /// A Sentinel listed the others that it knows for the group, asked at an instant.
  case sentinelListed(SentinelID, [ListedSentinel], sentAt: Instant)
  /// So many different Sentinels stand in the configuration, as far as is known by now: two lines
  /// for one process count once.
  case sentinelsConfigured(Int)
  /// The operator says that a Sentinel, named by its run id, is gone for good; empty for all of which
  /// only the number is remembered.
  case forgetRequested(String)
  /// A Sentinel answered a poll with `ERR No such master with that name`.
  case sentinelLacksMaster(SentinelID, sentAt: Instant)
  /// A Sentinel published something that makes it worth looking again.
  case sentinelHinted(SentinelID, SentinelHint)
  /// A Sentinel answered for itself, asked at an instant; nil if it did not in time.
  case sentinelInspected(SentinelID, SentinelInspection?, sentAt: Instant)
  /// A Sentinel answered the order to fail over, or did not; every order is answered once.
  case failoverAnswered(SentinelID, FailoverAnswer)
  /// The hook was called by a Sentinel; what it said is a hint and not passed on.
  case hookCalled

  /// The endpoints under which Sentinel may name the local instance are now these.
  case localInstancesChanged([Endpoint])
  /// The local Redis answered ROLE, asked at an instant.
  case localRoleObserved(LocalRole, sentAt: Instant)
  /// The local Redis does not answer; `refused` if nothing listens.
  case localRedisLost(ConnectionLoss)
  /// The local Redis is dead beyond doubt: its connection ended, a new one was refused, and no process
  /// of this host has a socket of its port.
  ///
  /// `peers` are the nodes whose daemons said lately that the address could be served there.
  case localRedisDied(peers: [Endpoint])
  /// Which process the local master is, in answer to `readIdentity`; `peers` as for a death.
  case localIdentityObserved(LocalIdentity, peers: [Endpoint], sentAt: Instant)
  /// INFO replication of the local master, asked at an instant while the machine wants it.
  ///
  /// `acknowledging` are the replicas whose last acknowledgement is at most a second old.
  case localReplicasObserved(acknowledging: [Endpoint], sentAt: Instant)
  /// INFO replication of the local master, asked at an instant while the fence is watched.
  case localReplicationObserved(LocalReplication, sentAt: Instant)
  /// CONFIG GET min-replicas-* of the local Redis, asked at an instant while the fence is watched.
  case localFenceObserved(FenceSetting, sentAt: Instant)
  /// The local Redis does not tell its setting: CONFIG GET was refused.
  case localFenceUnreadable(FenceProblem)
  /// An order about the fence was carried out, or not; every order is answered once.
  case fenceAnswered(FenceOrder, FenceProblem?)
  /// Another node answered for itself, asked at an instant; nil if it did not in time.
  case nodeObserved(Endpoint, NodeObservation?, sentAt: Instant)

  /// CONFIG GET replica-priority of the local Redis, in answer to `readPriority`; nil if it
  /// does not tell.
  case localPriorityObserved(Int?, sentAt: Instant)
  /// The order to set this priority was carried out, or not; every order is answered once.
  case priorityAnswered(Int, FenceProblem?)

  /// Both rounds of a duplicate probe are over; `claimedBy` is who answered, if anyone did.
  case probeCompleted(ProbeID, claimedBy: MACAddress?)
  /// Another `vipd` of the group spoke on the channel, and its message was authentic.
  case noticeReceived(Notice)
  /// Another machine claims a virtual address by ARP or a neighbour advertisement.
  case claimSeen(IPAddress, by: MACAddress)

  /// The kernel has the address now; as the monitor or the answer to an effect says.
  case addressAppeared(VirtualAddress)
  /// The kernel no longer has the address: expired, flushed or removed by us.
  case addressVanished(VirtualAddress)
  /// An order to the kernel failed; the text is for people.
  case addressFailed(VirtualAddress, AddressFailure)
  /// The interface of these addresses can't carry traffic: it has no carrier, is down or missing.
  case linkLost([VirtualAddress])
  /// The interface of these addresses can carry traffic again, or its MAC changed.
  case linkRestored([VirtualAddress])

  /// The wall clock moved against the clock of this machine, or the event loop stalled.
  ///
  /// What was asked before is void. Reported when the loop runs again, before anything else.
  case clockDisturbed(Disturbance)
  /// The instant asked for with `Effect.wake` has come.
  case woke

  /// The operator pauses this group until an instant, or until resumed.
  case pauseRequested(until: Instant?)
  /// The operator ends the pause.
  case resumeRequested
  /// The operator lets go of the address here, and pauses.
  case releaseRequested(until: Instant?)
  /// The operator asks for another master.
  case moveRequested(MoveRequest)
  /// The operator gives up a move, or is gone; ignored once a replica was selected.
  case moveCancelled(MoveID)
  /// The daemon stops, or the group left the configuration.
  case stopRequested(StopPolicy)
}

/// How the links name a Sentinel: the endpoint by which it is reached.
///
/// Two endpoints of one Sentinel (they answer `SENTINEL MYID` alike) are one link, so that none
/// is counted twice.
public typealias SentinelID = Endpoint

/// Names one duplicate probe, so that a late result is not taken for another's.
public typealias ProbeID = Int

/// What is known when the daemon starts.
public struct StartupFacts: Equatable, Sendable {
  /// The last proof that a daemon on this node wrote, if it was written since the host booted.
  public var proof: LeaseProof?
  /// The number of Sentinels that counted last for this group; 0 if never.
  public var rememberedSentinels: Int
  /// The Sentinels that were known then.
  public var knownSentinels: [KnownSentinel]
  /// A pause that is still in force.
  public var pause: Pause?
  /// The group's addresses that the kernel has now.
  public var present: [PresentAddress]
  /// What was kept about the fence.
  public var fence: FenceMemory?
  /// What was kept about a lowered priority: a move did not end before the daemon did.
  public var priority: PriorityMemory?

  /// Makes the facts.
  public init(
    proof: LeaseProof? = nil, rememberedSentinels: Int = 0,
    knownSentinels: [KnownSentinel] = [], pause: Pause? = nil,
    present: [PresentAddress] = [], fence: FenceMemory? = nil, priority: PriorityMemory? = nil
  ) {
    self.proof = proof
    self.rememberedSentinels = rememberedSentinels
    self.knownSentinels = knownSentinels
    self.pause = pause
    self.present = present
    self.fence = fence
    self.priority = priority
  }

  /// An address of the group that was found in the kernel at the start.
  public struct PresentAddress: Equatable, Sendable {
    /// Which one.
    public var virtualAddress: VirtualAddress
    /// How long the kernel keeps it; nil if for ever.
    public var remaining: Duration?

    /// Makes the fact.
    public init(virtualAddress: VirtualAddress, remaining: Duration?) {
      self.virtualAddress = virtualAddress
      self.remaining = remaining
    }
  }
}

/// A pause: never take, fence, demote or repair; every rule of release still runs.
public struct Pause: Equatable, Sendable {
  /// When it expires; nil if only `resume` ends it.
  public var until: Instant?

  /// Makes a pause.
  public init(until: Instant?) {
    self.until = until
  }
}

/// The evidence on which an address was last held, kept in `/run`.
public struct LeaseProof: Equatable, Sendable {
  /// The instant that the confirmations prove: the k-th latest pong.
  public var provenAt: Instant
  /// The config epoch at which this node was named.
  public var configEpoch: UInt64

  /// Makes a proof.
  public init(provenAt: Instant, configEpoch: UInt64) {
    self.provenAt = provenAt
    self.configEpoch = configEpoch
  }
}

/// How a connection ended or failed.
public enum ConnectionLoss: String, Equatable, Sendable {
  /// The host answered that nothing listens there (ECONNREFUSED): the process is gone.
  case refused
  /// It was closed or reset.
  case closed
  /// No answer in time, or no route: the host may be dark.
  case unreachable
}

/// A hint from a Sentinel's channels.
public enum SentinelHint: Equatable, Sendable {
  /// `+vote-for-leader <run id> <epoch>`: this Sentinel voted.
  case voted(leader: String, epoch: UInt64)
  /// `+new-epoch <epoch>`.
  case newEpoch(UInt64)
  /// Any other event of the group: `+switch-master`, `+selected-slave`, `+sdown`, `-role-change`.
  case changed
}

/// The role of the local Redis by its own word (ROLE).
public enum LocalRole: Equatable, Sendable {
  /// It is a master.
  case master
  /// It replicates from a master.
  case replica(of: Endpoint?)
}

/// Why the kernel did not do what it was asked.
public enum AddressFailure: Equatable, Sendable {
  /// The interface does not exist, or is down.
  case interface(String)
  /// Anything else, in the kernel's words.
  case kernel(String)
}

/// What disturbed the clock or the loop.
public enum Disturbance: Equatable, Sendable {
  /// The wall clock moved by so much against the boot clock; negative if back.
  case clockJump(Duration)
  /// The event loop did not run for so long.
  case stall(Duration)
}

/// What becomes of the address when the daemon stops.
public enum StopPolicy: String, Equatable, Sendable {
  /// It is removed, and peers are told.
  case release
  /// It stays until its kernel lifetime ends.
  case keep
  /// The master moves to another node first; then as `release`.
  case move
}

/// A message between the `vipd`s of a group that the machines act on.
public enum Notice: Equatable, Sendable {
  /// The sender does not hold the address, and will not for this selection.
  ///
  /// `target` and `epoch` name the selection it yielded to; `nonce` repeats the one of the
  /// *selected* notice that it answers, 0 if it answers none.
  case yielded(from: Endpoint, target: Endpoint, epoch: UInt64, nonce: UInt64)
  /// The sender is selected for promotion in an epoch and asks the holder to yield.
  case selected(from: Endpoint, epoch: UInt64, nonce: UInt64)
  /// The sender, the master, wants the target to take its place.
  case moveOffered(MoveOffer)
  /// The target of a move answers an offer: it is ready, or why it does not take part.
  ///
  /// `round` repeats the offer's, so that the driver knows how old the answer is.
  case moveAnswered(from: Endpoint, id: MoveID, round: UInt64, refusal: MoveRefusal?)
  /// A move that the sender drove is over, one way or the other.
  case moveEnded(from: Endpoint, id: MoveID)
  /// The sender, the target of a move, has the address.
  case moveArrived(from: Endpoint, id: MoveID)
  /// The Redis of the sender, a replica, is about to be stopped.
  case replicaStops(Endpoint)
  /// The sender, the master, needs that replica no more: no write waits for it, and no move that is under
  /// way may have it promoted.
  case replicaDismissed(Endpoint, from: Endpoint)
  /// The sender, the master, is about to move, and that replica may become the master: it must not stop
  /// before the move is over.
  case replicaAwaited(Endpoint, from: Endpoint)
}

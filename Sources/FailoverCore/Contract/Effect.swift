public import Addresses

/// An order to the shell around the machine.
///
/// Effects are carried out in the order of the array, all of them, before the next event is
/// handled; nothing suspends between deciding and carrying out. An effect that can fail comes
/// back as an event. Each effect can be repeated without harm.
public enum Effect: Equatable, Sendable {
  /// Poll every connected Sentinel at once.
  case pollSentinels
  /// Ask the local Redis for its ROLE at once, over a new connection if there is none.
  case readLocalRole
  /// Start or stop reading the local master's acknowledging replicas each 50 ms.
  case watchReplicas(Bool)
  /// Start or stop reading the local fence and replication: CONFIG GET min-replicas-* with each
  /// new connection and each second, INFO replication of a master each 100 ms.
  case watchFence(Bool)
  /// Carry out an order about the local fence, in the order of the array and without waiting.
  case fence(FenceOrder)
  /// Ask another node directly for its ROLE, INFO replication and CONFIG GET min-replicas-*.
  case inspect(Endpoint)

  /// Ask every connected Sentinel for INFO sentinel and SENTINEL CKQUORUM.
  case inspectSentinels
  /// Tell a Sentinel to fail over (SENTINEL FAILOVER), on the connection that carries its polls:
  /// a poll that is sent later is answered later. Never repeated by the shell.
  case commandFailover(SentinelID)
  /// Ask the local Redis for INFO replication at once.
  case readReplication
  /// Ask the local Redis which process it is and how much it has (INFO).
  case readIdentity
  /// Ask the local Redis for its `replica-priority` (CONFIG GET).
  case readPriority
  /// Set the local `replica-priority` (CONFIG SET), and write it to the file (CONFIG REWRITE) if
  /// it is to last; but not before what `keepPriority` ordered is on the disk, or has failed.
  case setPriority(Int, isLasting: Bool)
  /// Set the fence of another node whose daemon is silent (CONFIG SET); what it has then is asked
  /// with `inspect`.
  case relieve(Endpoint, FenceSetting)

  /// Send two duplicate probes for each address, 20 ms apart, and report 20 ms after the second.
  ///
  /// A probe in progress is replaced.
  case probe(ProbeID, [VirtualAddress])
  /// Install the addresses, or renew those that are there, to be removed by the kernel by itself.
  case installAddresses([VirtualAddress], KernelLifetime)
  /// Remove the addresses.
  case removeAddresses([VirtualAddress])
  /// End the client sessions of the addresses, and of no other address of this host.
  case endSessions([VirtualAddress])
  /// Leave the clients of the addresses to the node that comes next, which wakes them when it has
  /// them: tell it once more who they are, and end the sessions after the addresses are removed.
  ///
  /// Where that node can't know them it is `endSessions`, now and after the removal.
  case handOverSessions([VirtualAddress], to: Endpoint)
  /// Announce the addresses: the first round now, the others after it by the plan.
  ///
  /// It replaces a running series for the same addresses.
  case announce([VirtualAddress], AnnouncementPlan)
  /// Stop every running series of the group.
  case stopAnnouncing

  /// Publish a notice on the channel: on the master that replicas follow, and at one node besides.
  case publish(Notice, also: Endpoint?)
  /// Write a proof to `/run`, off the event loop.
  case keepProof(LeaseProof?)
  /// Write the number of Sentinels that counts to the state directory.
  case rememberSentinels(Int)
  /// Write the Sentinels that are known, and what became of each, to the state directory.
  case keepSentinels([KnownSentinel])
  /// Write the pause, or that there is none, to the state directory.
  case keepPause(Pause?)
  /// Write what is to be known about the fence to the state directory; nil forgets it.
  case keepFence(FenceMemory?)
  /// Write what is to be restored of the local priority to the state directory; nil forgets it.
  case keepPriority(PriorityMemory?)

  /// Send `Event.woke` at this instant; it replaces the one asked for before; nil ends it.
  case wake(at: Instant?)
  /// The state changed, or a decision is worth telling.
  case report(Transition)
  /// The fence was ordered to change.
  case reportFence(FenceChange)
  /// A move has news.
  case reportMove(MoveReport)
  /// The local master is known to be dead, and there is news of that.
  case reportDeath(DeathNews)
  /// Something is wrong that an operator should know.
  case raise(Alarm)
}

/// How long the kernel keeps an address that nobody renews (`IFA_CACHEINFO`, rtnetlink(7)).
public enum KernelLifetime: Equatable, Sendable {
  /// Whole seconds, at least 2: the kernel's check does not rerun within a second.
  case seconds(Int)
  /// For ever; only with `blind hold`.
  case infinite
}

/// A change of state, or of the grounds for it, with its reason.
public struct Transition: Equatable, Sendable {
  /// The state before.
  public var from: StateName
  /// The state after.
  public var to: StateName
  /// Why.
  public var reason: Reason
  /// What the holding rests on afterwards.
  public var basis: LeaseBasis

  /// Makes a transition.
  public init(from: StateName, to: StateName, reason: Reason, basis: LeaseBasis) {
    self.from = from
    self.to = to
    self.reason = reason
    self.basis = basis
  }
}

/// The states by name, as `status` shows them.
public enum StateName: String, Equatable, Sendable, CaseIterable {
  /// Does not hold the address.
  case standby
  /// Selected for promotion; everything is ready for the flip.
  case prepared
  /// Holds the address.
  case holding
  /// Holds the address although too few Sentinels confirm it.
  case blind
  /// Let go for another node that a failover selected.
  case yielding
  /// In maintenance.
  case paused
}

/// What the right to hold rests on.
public enum LeaseBasis: String, Equatable, Sendable, CaseIterable {
  /// Confirmations of Sentinels.
  case sentinels
  /// So many Sentinels refuse connections that the rest is no majority.
  case refusals
  /// Every replica acknowledges this master (`blind replicas`).
  case replicas
  /// The fast path: selected, prepared, flipped, and not yet named.
  case provisional
  /// The node that Sentinels name, in a lower epoch, is a replica of this one.
  case follower
  /// The operator's word (`blind hold`).
  case policy
  /// Nothing: the address is not held.
  case none
}

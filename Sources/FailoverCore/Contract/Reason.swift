public import Addresses

/// Why a transition happened or a decision was refused.
///
/// One value becomes the log line, the label of the metric, the entry of the history and the
/// text of `status`, so that the four never differ.
public enum Reason: Equatable, Sendable {
  // Taking.
  /// Promoted after a selection that was prepared for; the old holder is known to be gone.
  case promotedWhilePrepared(epoch: UInt64)
  /// A majority names this node, and the old holder is known to be gone.
  case namedByMajority(epoch: UInt64, by: Int, of: Int)
  /// A majority has named and confirmed this node without a break for long enough.
  case settled(Duration)
  /// All Sentinels are in contact and confirm this node, the last holder, and none runs a failover.
  case unanimous(of: Int)
  /// This node held the address so recently that nobody can have been elected since.
  case provenRecently(age: Duration)
  /// A failover selected this node.
  case selected(epoch: UInt64)

  // Changing the grounds.
  /// Enough Sentinels confirm the provisional or blind holder.
  case confirmed(by: Int, of: Int)
  /// Sentinels refuse connections: their hosts answer, the processes are gone.
  case sentinelsRefuse(Int)
  /// Every replica acknowledges this master.
  case replicasAcknowledge(Int)
  /// The policy says to keep the address.
  case keptByPolicy
  /// The node that a majority names in a lower epoch says that it follows this one.
  case followedByNamed(Endpoint)
  /// The wall clock of this host was stepped ahead by so much.
  case clockStepped(Duration)
  /// Sentinels are in contact and hold the named master down; nobody else is selected.
  case namedMasterDown

  // Letting go.
  /// A failover selected another node.
  case anotherSelected(Endpoint, epoch: UInt64)
  /// Another node asks for the address because a failover selected it.
  case askedToYield(Endpoint)
  /// A majority names another node.
  case anotherNamed(Endpoint, epoch: UInt64, by: Int, of: Int)
  /// One Sentinel names another node in a newer epoch.
  case newerEpoch(Endpoint, epoch: UInt64)
  /// A vote in a newer epoch than the one of the provisional holding.
  case newerVote(epoch: UInt64)
  /// A vote for a Sentinel that is not in contact.
  case voteForUnknownLeader(epoch: UInt64)
  /// The local Redis is no longer a master.
  case roleChanged
  /// The lease ended and nothing else carries the holding.
  case leaseEnded
  /// Two seconds passed since the flip and no majority names this node.
  case neverNamed
  /// The kernel removed the address at the end of its lifetime.
  case kernelExpired
  /// Not all replicas acknowledge this master any more.
  case replicaMissing
  /// Found at the start without a right to it.
  case noRight

  // Other.
  /// The selection came to nothing.
  case selectionExpired
  /// Another node was selected instead.
  case selectionReplaced
  /// The operator paused the group.
  case paused
  /// The operator, or the end of its time, ended the pause.
  case resumed
  /// The operator let go of the address.
  case releasedByOperator
  /// The daemon stops.
  case stopping
  /// The daemon started.
  case started
}

/// Something that is wrong and that an operator should know.
public enum Alarm: Equatable, Sendable {
  /// Two addresses are named at one config epoch.
  case equalEpochs(Endpoint, Endpoint, epoch: UInt64)
  /// Another machine claims a held address.
  case conflict(IPAddress, by: MACAddress)
  /// Another machine answers for the address, so it can't be taken.
  case addressInUse(by: MACAddress)
  /// The address was removed behind the daemon's back; it was put back so many times in a row.
  case addressRemoved(VirtualAddress, repairs: Int)
  /// The kernel refused an order.
  case addressFailed(VirtualAddress, AddressFailure)
  /// The interface of the address, and of others perhaps, can't carry traffic.
  case carrierLost(VirtualAddress)
  /// A Sentinel contradicts a settled majority.
  case sentinelContradicts(SentinelID, Endpoint, epoch: UInt64)
  /// A Sentinel does not monitor this master name.
  case masterUnknown(SentinelID)
  /// The local fence can't be set or persisted.
  case fenceFailed(FenceProblem)
  /// The local fence was changed by another hand; it was put back.
  case fenceChangedByHand(FenceSetting)
  /// The named node does not say of itself that it is a master, so this one is not demoted.
  case successorIsNoMaster(Endpoint)
  /// The local master was restarted and came back with less than a replica had; nothing was ordered.
  case masterEmptied(DataLoss)
  /// A move left the local `replica-priority` lowered, and it can't be restored.
  case priorityNotRestored(PriorityMemory, FenceProblem)
}

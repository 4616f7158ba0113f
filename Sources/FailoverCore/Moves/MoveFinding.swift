public import Addresses

/// Something that forbids a move; a refused move lists all of them, and has changed nothing.
public enum MoveFinding: Equatable, Sendable {
  // Here.
  /// This node does not hold the address by confirmations of Sentinels; who is named instead.
  case notHolder(StateName, LeaseBasis, named: Endpoint?)
  /// The group is paused here.
  case paused
  /// Another move is under way.
  case moveUnderWay(MoveID)
  /// The fence is off, so that writes would be lost.
  case fenceOff
  /// The fence is not as it should be, so that it may not hold.
  case fenceHalf(FenceProblem?)
  /// The local Redis did not answer INFO.
  case replicationUnknown
  /// Another machine answers for the address, so that no other node would take it.
  case addressClaimed(IPAddress, by: MACAddress)

  // The Sentinels.
  /// This Sentinel is not in contact.
  case sentinelSilent(SentinelID)
  /// Fewer Sentinels are followed than count.
  case sentinelsMissing(following: Int, of: Int)
  /// This Sentinel names another master.
  case sentinelNames(SentinelID, Endpoint)
  /// This Sentinel runs a failover, or was told to.
  case failoverInProgress(SentinelID)
  /// This Sentinel marks the master down.
  case masterDown(SentinelID)
  /// This Sentinel does not answer INFO or CKQUORUM.
  case sentinelUninspected(SentinelID)
  /// This Sentinel is in TILT: an order would be carried out half a minute later.
  case sentinelInTilt(SentinelID)
  /// This Sentinel's CKQUORUM fails, in its own words.
  case quorumUnreachable(SentinelID, String)
  /// The daemon's user may not order a failover at this Sentinel, in its own words.
  case orderForbidden(SentinelID, String)
  /// A failover may be under way out of sight.
  case electionUnseen(epoch: UInt64)

  // The target.
  /// No replica can become the master.
  case noTarget
  /// The target is the master already.
  case targetIsMaster
  /// A Sentinel does not list the target.
  case targetUnlisted(Endpoint, by: SentinelID)
  /// A Sentinel marks the target down, or has no connection to it.
  case targetDown(Endpoint, by: SentinelID)
  /// The target's priority is 0: Sentinel never promotes it.
  case targetExcluded(Endpoint)
  /// The target does not answer this daemon.
  case targetUnanswering(Endpoint)
  /// The target is not a replica by its own word.
  case targetNotReplica(Endpoint)
  /// The target's link to this master is down.
  case targetLinkDown(Endpoint)
  /// The target is not attached, not online, or lags.
  case targetBehind(Endpoint)

  // Any replica.
  /// This replica is about to be stopped by its own word, and a Sentinel may still choose it.
  case replicaStopping(Endpoint)

  // The other replicas.
  /// Sentinel could promote this replica instead, and it may lack writes.
  case replicaBehind(Endpoint)
  /// This replica has the best priority there is too, so that the target can't be preferred.
  case replicaPreferred(Endpoint, priority: Int)
}

extension MoveFinding {
  /// Whether all of these pass by themselves within seconds, as after a failover: Sentinels have not heard of
  /// it yet, or a replica has not attached itself again.
  ///
  /// A replica that does not answer at all is not waited for.
  static func arePassing(_ findings: [MoveFinding]) -> Bool {
    findings.contains { $0 != .noTarget } && findings.allSatisfy { $0 == .noTarget || $0.isPassing }
  }

  private var isPassing: Bool {
    switch self {
    case .notHolder(_, let basis, _): basis == .provisional
    // A Sentinel that has just come to name a node has no connection to it yet, which it shows as no better
    // than down.
    case .masterDown, .targetDown: true
    case .replicationUnknown, .sentinelNames, .failoverInProgress, .sentinelUninspected,
      .electionUnseen, .targetUnlisted, .targetNotReplica, .targetLinkDown, .targetBehind,
      .replicaBehind, .replicaStopping:
      true
    case .paused, .moveUnderWay, .fenceOff, .fenceHalf, .addressClaimed, .sentinelSilent,
      .sentinelsMissing, .sentinelInTilt, .quorumUnreachable, .orderForbidden, .noTarget,
      .targetIsMaster, .targetExcluded, .targetUnanswering, .replicaPreferred:
      false
    }
  }
}

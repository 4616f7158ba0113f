import FailoverCore

extension MoveFinding {
  /// What speaks against a move, as a sentence without its full stop.
  package var sentence: String {
    switch self {
    case .notHolder(let state, let basis, let named):
      "this node does not hold the address by Sentinel's word (it is \(state.rawValue), on "
        + "\(basis.phrase))" + (named.map { "; \($0) is named" } ?? "")
    case .paused: "the group is paused on the host of the master"
    case .moveUnderWay: "another move is under way"
    case .fenceOff: "the fence is off, so acknowledged writes would be lost"
    case .fenceHalf(let problem):
      "the fence may not hold" + (problem.map { ": \($0.sentence)" } ?? "")
    case .replicationUnknown: "the master does not answer INFO replication"
    case .addressClaimed(let address, let mac):
      "\(mac) answers for \(address), so no other host would take it"
    case .sentinelSilent(let id): "Sentinel \(id) is not in contact"
    case .sentinelsMissing(let following, let count):
      "only \(following) of \(count) Sentinels are followed"
    case .sentinelNames(let id, let node): "Sentinel \(id) names \(node) as the master"
    case .failoverInProgress(let id): "a failover is under way at Sentinel \(id)"
    case .masterDown(let id): "Sentinel \(id) marks the master down"
    case .sentinelUninspected(let id): "Sentinel \(id) does not answer INFO and CKQUORUM"
    case .sentinelInTilt(let id):
      "Sentinel \(id) is in TILT: it would carry the order out half a minute later"
    case .quorumUnreachable(let id, let text): "Sentinel \(id) can't reach a quorum: \(text)"
    case .orderForbidden(let id, let text):
      "Sentinel \(id) does not let vipd's user order a failover: \(text)"
    case .electionUnseen(let epoch):
      "a failover may be under way out of sight: there were votes in epoch \(epoch)"
    case .noTarget: "no replica can become the master"
    case .targetIsMaster: "the target is the master already"
    case .targetUnlisted(let node, let id): "Sentinel \(id) knows no replica \(node) of this group"
    case .targetDown(let node, let id):
      "Sentinel \(id) marks \(node) down, or has no connection to it"
    case .targetExcluded(let node): "\(node) has the priority 0: Sentinel never promotes it"
    case .targetUnanswering(let node): "\(node) does not answer the vipd of the master"
    case .targetNotReplica(let node): "\(node) does not report itself as a replica"
    case .targetLinkDown(let node): "\(node) has lost its link to the master"
    case .targetBehind(let node): "\(node) is not attached to the master, not synchronised, or lags"
    case .replicaBehind(let node):
      "\(node) is not attached to the master, not synchronised, or lags, and Sentinel might "
        + "promote it instead"
    case .replicaStopping(let node):
      "\(node) is about to be stopped, and a Sentinel may still choose it"
    case .replicaPreferred(let node, let priority):
      "\(node) has the priority \(priority), so Sentinel can't be made to prefer the target"
    }
  }

  /// What the operator can do about it.
  package var remedy: String {
    switch self {
    case .notHolder, .paused, .moveUnderWay, .fenceOff, .fenceHalf, .replicationUnknown,
      .addressClaimed:
      remedyHere
    case .sentinelSilent, .sentinelsMissing, .sentinelNames, .failoverInProgress, .masterDown,
      .sentinelUninspected, .sentinelInTilt, .quorumUnreachable, .orderForbidden, .electionUnseen:
      remedyAtSentinel
    case .noTarget, .targetIsMaster, .targetUnlisted, .targetDown, .targetExcluded,
      .targetUnanswering, .targetNotReplica, .targetLinkDown, .targetBehind, .replicaBehind,
      .replicaStopping, .replicaPreferred:
      remedyAtReplica
    }
  }

  private var remedyHere: String {
    switch self {
    case .paused: "vipctl resume on that host"
    case .moveUnderWay: "wait for its end (vipctl status), or Ctrl-C where it was started"
    case .fenceOff:
      "add 'fence MASTER min-replicas all max-lag 1' to vipd.conf on every node; or accept the "
        + "loss: --accept-loss"
    case .fenceHalf:
      "vipctl status on the master's host says more; or accept the loss: --accept-loss"
    case .replicationUnknown: "does Redis run there, and may vipd's user call INFO?"
    case .addressClaimed(let address, let mac):
      "find it (ip neigh, the switch's table) and remove \(address) there; where it is "
        + "meant to answer: probe MASTER ignore \(mac)"
    default: "vipctl why says what is missing; move once the address is held"
    }
  }

  private var remedyAtSentinel: String {
    switch self {
    case .sentinelSilent(let id):
      "start it, or fix the network from the master's host to \(id); too few are in contact there"
    case .sentinelsMissing:
      "start the missing ones; if there are fewer now, see 'Fewer Sentinels than before' in the "
        + "documentation"
    case .sentinelNames(let id, _):
      "wait until it agrees; if it does not, SENTINEL REMOVE and MONITOR on \(id)"
    case .failoverInProgress(let id): "wait for its end: SENTINEL MASTER on \(id) shows it"
    case .masterDown(let id): "fix the network from \(id) to the master"
    case .sentinelUninspected: "may vipd's user call INFO and SENTINEL CKQUORUM there?"
    case .sentinelInTilt: "wait 30 s; if it comes back, its host is starved or its clock jumps"
    case .orderForbidden(let id, _): "grant +sentinel|failover to that user on \(id) (ACL SETUSER)"
    case .quorumUnreachable: "start the Sentinels that it misses, or fix the network to them"
    default: "try again in a few seconds"
    }
  }

  private var remedyAtReplica: String {
    switch self {
    case .noTarget: "start a replica, or fix what is said above"
    case .targetIsMaster: "nothing needs to be done"
    case .targetUnlisted(_, let id): "check host and port against SENTINEL REPLICAS on \(id)"
    case .targetDown(let node, let id): "start it, or fix the network from \(id) to \(node)"
    case .targetExcluded(let node):
      "CONFIG SET replica-priority 100 on \(node); Sentinel sees it within 10 s"
    case .targetUnanswering(let node): "does it run, and does it let vipd's user in? See \(node)"
    case .targetNotReplica(let node): "REPLICAOF on \(node), or wait until Sentinel has done it"
    case .targetLinkDown(let node): "INFO replication on \(node), and its log, say why"
    case .targetBehind(let node): "wait until INFO replication on the master shows \(node) online"
    case .replicaBehind(let node):
      "wait for it, or CONFIG SET replica-priority 0 on \(node) for the time of the move"
    case .replicaStopping(let node):
      "try again once \(node) is stopped, or 10 s after it was kept from stopping"
    default: "give it a greater number: CONFIG SET replica-priority 100; Sentinel sees it in 10 s"
    }
  }
}

import FailoverCore

extension Reason {
  /// A clause for people, as in *promoted in epoch 7, and the old holder is gone*.
  package var sentence: String {
    switch self {
    case .promotedWhilePrepared(let epoch):
      "promoted in epoch \(epoch), and the old holder is known to be gone"
    case .namedByMajority(let epoch, let by, let of):
      "\(by) of \(of) Sentinels name this node in epoch \(epoch), and the old holder is gone"
    case .settled(let time):
      "a majority has named and confirmed this node for \(time.shortText) without a break"
    case .unanimous(let count):
      "all \(count) Sentinels confirm this node, the last holder, and none runs a failover"
    case .provenRecently(let age):
      "this node held it \(age.shortText) ago, and nobody can have been elected in that time"
    case .selected(let epoch): "a failover selected this node in epoch \(epoch)"
    case .confirmed(let by, let of): "\(by) of \(of) Sentinels confirm this node"
    case .sentinelsRefuse(let count):
      "\(count) Sentinels refuse connections: their processes are gone, so nobody can be elected"
    case .replicasAcknowledge(let count):
      "too few Sentinels are in contact, and all \(count) replicas acknowledge this master"
    case .keptByPolicy: "too few Sentinels are in contact, and the policy is to hold"
    case .followedByNamed(let node):
      "\(node), which the Sentinels name in an older epoch, is a replica of this node"
    case .clockStepped(let by):
      "the clock of this host was stepped ahead by \(by.shortText), and no newer confirmation came"
    case .namedMasterDown:
      "every Sentinel in contact marks the named master down, and nobody else is selected"
    case .anotherSelected(let node, let epoch): "a failover selected \(node) in epoch \(epoch)"
    case .askedToYield(let node): "\(node) asks for it, selected by a failover"
    case .anotherNamed(let node, let epoch, let by, let of):
      "\(by) of \(of) Sentinels name \(node) in epoch \(epoch)"
    case .newerEpoch(let node, let epoch): "a Sentinel names \(node) in the newer epoch \(epoch)"
    case .newerVote(let epoch): "Sentinels vote in the newer epoch \(epoch)"
    case .voteForUnknownLeader(let epoch):
      "a Sentinel that is not in contact may lead a failover in epoch \(epoch)"
    case .roleChanged: "the local Redis is no longer a master"
    case .leaseEnded: "the lease ended: too few Sentinels confirm this node"
    case .neverNamed: "no majority named this node in the time after its promotion"
    case .kernelExpired: "the kernel removed it at the end of its lifetime"
    case .replicaMissing: "not every replica acknowledges this master any more"
    case .noRight: "it was found on this host without a basis for holding it"
    case .selectionExpired: "the time of the selection ran out before this node took the address"
    case .selectionReplaced: "another node was selected instead"
    case .paused: "the operator paused the group"
    case .resumed: "the pause ended"
    case .releasedByOperator: "the operator let go of it"
    case .stopping: "vipd ends its work for this group"
    case .started: "the daemon started"
    }
  }
}

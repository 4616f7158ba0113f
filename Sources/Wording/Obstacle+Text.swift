package import FailoverCore

extension Obstacle {
  /// What is missing, for people.
  package func sentence(at now: Instant) -> String {
    switch self {
    case .notInGroup: "no Sentinel names an instance of this host"
    case .notNamed(let by, let needed): "\(by) Sentinels name this node; \(needed) are needed"
    case .notConfirmed(let by, let needed):
      "\(by) Sentinels confirm this node; \(needed) are needed"
    case .notMaster(nil): "the local Redis does not answer"
    case .notMaster(.master): "the local Redis is not a master"
    case .notMaster(.replica(let master)):
      "the local Redis is a replica" + (master.map { " of \($0)" } ?? "")
    case .settling(let until):
      "the naming must last \((until - now).shortText) more, since nothing shows that the old "
        + "holder is gone"
    case .failoverInProgress(let sentinel): "a failover is under way at Sentinel \(sentinel)"
    case .heldDown(let by, let quorum):
      "\(by) Sentinels mark this node down; at \(quorum) they may elect another"
    case .addressInUse(let mac): "\(mac) answers for the address"
    case .probing: "the duplicate probe is not over"
    case .newerEpoch(let node, let epoch): "\(node) is named in the newer epoch \(epoch)"
    case .paused: "the group is paused"
    }
  }
}

extension GuaranteeLoss {
  /// Which guarantee is lost, and why, for people.
  package var sentence: String {
    switch self {
    case .shortDownAfter(let time):
      "down-after-milliseconds is \(time.wholeMilliseconds); below 3000 two holders are possible "
        + "for a moment"
    case .differingDownAfter(let least, let greatest):
      "the Sentinels differ in down-after-milliseconds, from \(least.wholeMilliseconds) to "
        + "\(greatest.wholeMilliseconds)"
    case .quorumBelowMajority(let quorum, let majority):
      "the quorum is \(quorum), below the majority of \(majority): a minority can declare the "
        + "master down"
    case .tooFewSentinels(let inContact, let needed):
      "\(inContact) Sentinels are in contact; \(needed) are needed"
    case .blindPolicy(let policy): "the policy for blindness is '\(policy.rawValue)'"
    case .probesOff:
      "duplicate probes are off: an address is taken also where another host has it and Sentinel "
        + "does not know of that"
    case .forgottenMayElect(let count, let quorum):
      "\(count) forgotten Sentinel\(count == 1 ? "" : "s") can reach the quorum of \(quorum): if "
        + "\(count == 1 ? "it lives, it" : "they live, they") may elect another master"
    }
  }
}

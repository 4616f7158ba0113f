import FailoverCore

extension Alarm {
  /// A sentence for people.
  package var sentence: String {
    switch self {
    case .equalEpochs(let one, let other, let epoch):
      "Sentinels name both \(one) and \(other) in epoch \(epoch): two failovers were forced at once"
    case .conflict(let address, let mac):
      "\(mac) claims \(address), which this node holds"
    case .addressInUse(let mac): "the address can't be taken: \(mac) answers for it"
    case .addressRemoved(let address, let repairs):
      "\(address) was removed behind the daemon's back, and put back (\(repairs) in a row)"
    case .addressFailed(let address, let failure): "\(address): \(failure.sentence)"
    case .carrierLost(let address):
      "\(address): the interface can't carry traffic, so clients can't reach the address here"
    case .sentinelContradicts(let sentinel, let node, let epoch):
      "Sentinel \(sentinel) names \(node) in epoch \(epoch), against a settled majority"
    case .masterUnknown(let sentinel): "Sentinel \(sentinel) does not monitor this master"
    case .fenceFailed(let problem): "fence: \(problem.sentence)"
    case .fenceChangedByHand(let setting):
      "fence: \(setting.sentence) was set by hand; vipd puts its own value back, and restores that one when "
        + "'fence' is switched off"
    case .successorIsNoMaster(let node):
      "fence: \(node) is named by a majority and does not answer as a master, so this node stays "
        + "closed and is not made its replica; look at ROLE there"
    case .masterEmptied(let loss):
      "the local master was restarted \(loss.comparison): the replica will lose it when it synchronizes. If "
        + "it matters, stop Redis here at once, and let Sentinel promote the replica"
    case .priorityNotRestored(let memory, let problem):
      "a move left replica-priority of the local Redis at \(memory.lowered) instead of "
        + "\(memory.original): \(problem.sentence)"
    }
  }
}

extension DataLoss {
  /// What the master has and what its replica had, as the end of "the master was restarted …".
  package var comparison: String {
    guard let missingBytes else {
      return "with \(keys) keys, while its replica \(replica) had \(replicaKeys)"
    }
    return "from a file that lacks the last \(missingBytes) bytes of the replication stream, which "
      + "its replica \(replica) had"
  }
}

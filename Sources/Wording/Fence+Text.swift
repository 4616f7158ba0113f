import Addresses
import FailoverCore

extension FenceSetting {
  /// The two directives, as they stand in redis.conf.
  package var sentence: String {
    isClosed
      ? "every write is refused"
      : "min-replicas-to-write \(minReplicas), min-replicas-max-lag \(maxLagSeconds)"
  }
}

extension FenceChange {
  /// What was ordered and why, in a line.
  package var sentence: String {
    switch order {
    case .set(let setting):
      "fence \(to.rawValue), \(setting.sentence): \(reason.sentence)"
    case .persist: "fence \(to.rawValue), written to the file: \(reason.sentence)"
    case .demote(let master, let setting):
      "fence \(to.rawValue), \(setting.sentence), and the local Redis made a replica of "
        + "\(master): \(reason.sentence)"
    }
  }
}

extension FenceReason {
  /// A clause for people.
  var sentence: String {
    switch self {
    case .replicasGood(let count):
      count == 1 ? "the one replica acknowledges" : "all \(count) replicas acknowledge"
    case .replicasMissing(let missing):
      "a majority confirms this master without "
        + (missing.isEmpty ? "any replica" : missing.map(\.description).joined(separator: ", "))
    case .selectedHere: "a failover selected this node, whose first write must not wait"
    case .letGo(let reason): "the address was let go: \(reason.sentence)"
    case .anotherNamed(let node): "a majority names \(node)"
    case .compared: "the local master was restarted, and may have less than its replicas"
    case .isolated: "no Sentinel and no replica beyond this host was heard for half a second"
    case .holds: "this node holds the address"
    case .reconciled: "an earlier decision left it, and it no longer applies"
    case .move: "a planned move waits until every replica has every write"
    case .switchedOff: "'fence' is off: what was set by hand is back"
    case .stopping: "vipd ends its work for this group"
    }
  }
}

extension FenceProblem {
  /// What is wrong, where, and what to do about it.
  package var sentence: String {
    switch self {
    case .unreachable: "the local Redis does not answer, so its fence is not known"
    case .refused(let text):
      "the local Redis refuses CONFIG (\(text)), so the fence can't be set: grant the rights that "
        + "docs/operations.md lists, and let CONFIG keep its name"
    case .notPersisted(let text):
      "the setting is in force, and lost when the local Redis restarts, for it can't be written "
        + "(\(text)): start Redis with a configuration file that it may write, in a directory that "
        + "it may write, with space left on its disk"
    case .notDemoted(let text, _):
      "the local Redis refuses REPLICAOF (\(text)), so this old master can't be made a replica: "
        + "grant the rights that docs/operations.md lists, or make it one by hand"
    }
  }
}

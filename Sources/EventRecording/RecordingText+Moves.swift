import FailoverCore
import LineCoding

extension RecordingText {
  /// An order of a move as one line; it is compared and never read back.
  static func orderOfMove(_ effect: Effect) -> LineText {
    switch effect {
    case .inspectSentinels: "inspect-sentinels"
    case .commandFailover(let id): "command-failover \(id)"
    case .readReplication: "read-replication"
    case .readIdentity: "read-identity"
    case .readPriority: "read-priority"
    case .setPriority(let value, let isLasting):
      "set-priority \(value) lasting=\(isLasting)"
    case .relieve(let endpoint, let setting):
      "relieve \(endpoint) to=\(setting)"
    case .keepPriority(let memory): "keep-priority \(memory)"
    case .reportMove(let report):
      "report-move id=\(report.id) elapsed=\(report.elapsed) news=\(text(report.news))"
    default: ""
    }
  }

  private static func text(_ news: MoveNews) -> LineText {
    switch news {
    case .entered(let phase): "entered;\(phase)"
    case .planned(let plan):
      "planned;\(plan.from);\(plan.target);\(plan.through);\(plan.prefers)"
        + ";\(plan.closesFence);\(plan.replicas)" + (plan.acceptsAnyTarget ? ";any" : "")
    case .waiting(let findings):
      "waiting;" + LineText(verbatim: findings.map { text($0).text }.joined(separator: ","))
    case .undoing(let failure): "undoing;\(text(failure))"
    case .ended(let end): "ended;\(text(end))"
    }
  }

  static func text(_ end: MoveEnd) -> LineText {
    switch end {
    case .checked: "checked"
    case .refused(let findings):
      "refused;" + LineText(verbatim: findings.map { text($0).text }.joined(separator: ","))
    case .undone(let failure): "undone;\(text(failure))"
    case .failed(let failure): "failed;\(text(failure))"
    case .done(let outcome):
      "done;\(outcome.promoted);\(outcome.target);\(outcome.writeGap)"
        + ";\(outcome.keptEveryWrite)"
    }
  }

  private static func text(_ failure: MoveFailure) -> LineText {
    switch failure {
    case .cancelled: "cancelled"
    case .deadlinePassed(let phase): "deadline-passed;\(phase)"
    case .found(let finding): "found;\(text(finding))"
    case .targetSilent(let target): "target-silent;\(target)"
    case .targetRefused(let target, let refusal): "target-refused;\(target);\(refusal)"
    case .preferenceUnseen(let id): "preference-unseen;\(id)"
    case .targetSeenAsMaster(let target, let id): "target-seen-as-master;\(target);\(id)"
    case .fenceNotClosed(let problem): "fence-not-closed;\(problem)"
    case .drainTooSlow(let behind): "drain-too-slow;\(behind)"
    case .sentinelRefused(let id, let words): "sentinel-refused;\(id);\(words)"
    case .sentinelLost(let id): "sentinel-lost;\(id)"
    case .nobodySelected(let id): "nobody-selected;\(id)"
    case .notPromoted: "not-promoted"
    case .groundsLost(let reason): "grounds-lost;\(text(reason))"
    case .notDemoted(let master): "not-demoted;\(master)"
    case .paused: "paused"
    case .stopping: "stopping"
    case .masterDied: "master-died"
    }
  }

  static func text(_ finding: MoveFinding) -> LineText {
    switch finding {
    case .notHolder(let state, let basis, let named):
      "not-holder;\(state);\(basis);\(named)"
    case .paused: "paused"
    case .moveUnderWay(let id): "move-under-way;\(id)"
    case .fenceOff: "fence-off"
    case .fenceHalf(let problem): "fence-half;\(problem)"
    case .replicationUnknown: "replication-unknown"
    case .addressClaimed(let address, let mac): "address-claimed;\(address);\(mac)"
    case .sentinelSilent(let id): "sentinel-silent;\(id)"
    case .sentinelsMissing(let following, let of): "sentinels-missing;\(following);\(of)"
    case .sentinelNames(let id, let master): "sentinel-names;\(id);\(master)"
    case .failoverInProgress(let id): "failover-in-progress;\(id)"
    case .masterDown(let id): "master-down;\(id)"
    case .sentinelUninspected(let id): "sentinel-uninspected;\(id)"
    case .sentinelInTilt(let id): "sentinel-in-tilt;\(id)"
    case .quorumUnreachable(let id, let words): "quorum-unreachable;\(id);\(words)"
    case .orderForbidden(let id, let words): "order-forbidden;\(id);\(words)"
    case .electionUnseen(let epoch): "election-unseen;\(epoch)"
    case .noTarget: "no-target"
    case .targetIsMaster: "target-is-master"
    case .targetUnlisted(let target, let id): "target-unlisted;\(target);\(id)"
    case .targetDown(let target, let id): "target-down;\(target);\(id)"
    case .targetExcluded(let target): "target-excluded;\(target)"
    case .targetUnanswering(let target): "target-unanswering;\(target)"
    case .targetNotReplica(let target): "target-not-replica;\(target)"
    case .targetLinkDown(let target): "target-link-down;\(target)"
    case .targetBehind(let target): "target-behind;\(target)"
    case .replicaBehind(let replica): "replica-behind;\(replica)"
    case .replicaStopping(let replica): "replica-stopping;\(replica)"
    case .replicaPreferred(let replica, let priority): "replica-preferred;\(replica);\(priority)"
    }
  }
}

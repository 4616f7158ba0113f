import FailoverCore
import LineCoding

extension RecordingText {
  /// An order as one line; it is compared and never read back.
  static func order(_ effect: Effect) -> String { text(effect).text }

  private static func text(_ effect: Effect) -> LineText {
    switch effect {
    case .pollSentinels: "poll-sentinels"
    case .readLocalRole: "read-local-role"
    case .watchReplicas(let isOn): "watch-replicas \(isOn)"
    case .watchFence(let isOn): "watch-fence \(isOn)"
    case .fence(let order): "fence \(order)"
    case .inspect(let endpoint): "inspect \(endpoint)"
    case .inspectSentinels, .commandFailover, .readReplication, .readIdentity, .readPriority,
      .setPriority,
      .relieve, .keepPriority, .reportMove:
      orderOfMove(effect)
    case .probe(let id, let addresses): "probe id=\(id) vips=\(addresses)"
    case .installAddresses(let addresses, let lifetime):
      "install vips=\(addresses) lifetime=\(text(lifetime))"
    case .removeAddresses(let addresses): "remove vips=\(addresses)"
    case .endSessions(let addresses): "end-sessions vips=\(addresses)"
    case .handOverSessions(let addresses, let target):
      "hand-over-sessions vips=\(addresses) to=\(target)"
    case .announce(let addresses, let plan):
      "announce vips=\(addresses) rounds=\(plan.rounds)"
        + " interval=\(plan.interval) refresh=\(plan.refresh)"
    case .stopAnnouncing: "stop-announcing"
    case .publish(let notice, let also):
      "publish notice=\(notice) also=\(also)"
    case .keepProof(let proof): "keep-proof \(proof)"
    case .rememberSentinels(let count): "remember-sentinels \(count)"
    case .keepSentinels(let known): "keep-sentinels \(known)"
    case .keepPause(let pause): "keep-pause \(pause)"
    case .keepFence(let memory): "keep-fence \(memory)"
    case .wake(let instant): "wake at=\(instant)"
    case .report(let transition):
      "report from=\(transition.from) to=\(transition.to)"
        + " basis=\(transition.basis) reason=\(text(transition.reason))"
    case .reportFence(let change):
      "report-fence order=\(change.order) to=\(change.to)"
        + " reason=\(text(change.reason))"
    case .reportDeath(let news): "report-death \(text(news))"
    case .raise(let alarm): "raise \(text(alarm))"
    }
  }

  private static func text(_ lifetime: KernelLifetime) -> LineText {
    switch lifetime {
    case .seconds(let seconds): "\(seconds)s"
    case .infinite: "infinite"
    }
  }

  static func text(_ reason: FenceReason) -> LineText {
    switch reason {
    case .replicasGood(let count): "replicas-good;\(count)"
    case .replicasMissing(let missing): "replicas-missing;\(missing)"
    case .selectedHere: "selected-here"
    case .letGo(let reason): "let-go;\(text(reason))"
    case .anotherNamed(let master): "another-named;\(master)"
    case .holds: "holds"
    case .reconciled: "reconciled"
    case .move: "move"
    case .isolated: "isolated"
    case .compared: "compared"
    case .switchedOff: "switched-off"
    case .stopping: "stopping"
    }
  }

  static func text(_ reason: Reason) -> LineText {
    switch reason {
    case .promotedWhilePrepared(let epoch): "promoted-while-prepared;\(epoch)"
    case .namedByMajority(let epoch, let by, let of): "named-by-majority;\(epoch);\(by);\(of)"
    case .settled(let time): "settled;\(time)"
    case .unanimous(let of): "unanimous;\(of)"
    case .provenRecently(let age): "proven-recently;\(age)"
    case .selected(let epoch): "selected;\(epoch)"
    case .confirmed(let by, let of): "confirmed;\(by);\(of)"
    case .sentinelsRefuse(let count): "sentinels-refuse;\(count)"
    case .replicasAcknowledge(let count): "replicas-acknowledge;\(count)"
    case .keptByPolicy: "kept-by-policy"
    case .namedMasterDown: "named-master-down"
    case .followedByNamed(let node): "followed-by-named;\(node)"
    case .clockStepped(let by): "clock-stepped;\(by)"
    case .anotherSelected(let target, let epoch): "another-selected;\(target);\(epoch)"
    case .askedToYield(let asker): "asked-to-yield;\(asker)"
    case .anotherNamed(let master, let epoch, let by, let of):
      "another-named;\(master);\(epoch);\(by);\(of)"
    case .newerEpoch(let master, let epoch): "newer-epoch;\(master);\(epoch)"
    case .newerVote(let epoch): "newer-vote;\(epoch)"
    case .voteForUnknownLeader(let epoch): "vote-for-unknown-leader;\(epoch)"
    case .roleChanged: "role-changed"
    case .leaseEnded: "lease-ended"
    case .neverNamed: "never-named"
    case .kernelExpired: "kernel-expired"
    case .replicaMissing: "replica-missing"
    case .noRight: "no-right"
    case .selectionExpired: "selection-expired"
    case .selectionReplaced: "selection-replaced"
    case .paused: "paused"
    case .resumed: "resumed"
    case .releasedByOperator: "released-by-operator"
    case .stopping: "stopping"
    case .started: "started"
    }
  }

  static func text(_ alarm: Alarm) -> LineText {
    switch alarm {
    case .equalEpochs(let one, let other, let epoch): "equal-epochs;\(one);\(other);\(epoch)"
    case .conflict(let address, let mac): "conflict;\(address);\(mac)"
    case .addressInUse(let mac): "address-in-use;\(mac)"
    case .addressRemoved(let address, let repairs):
      "address-removed;\(address);\(repairs)"
    case .addressFailed(let address, let failure):
      "address-failed;\(address);\(failure)"
    case .carrierLost(let address): "carrier-lost;\(address)"
    case .sentinelContradicts(let id, let master, let epoch):
      "sentinel-contradicts;\(id);\(master);\(epoch)"
    case .masterUnknown(let id): "master-unknown;\(id)"
    case .fenceFailed(let problem): "fence-failed;\(problem)"
    case .fenceChangedByHand(let setting): "fence-changed-by-hand;\(setting)"
    case .successorIsNoMaster(let endpoint): "successor-is-no-master;\(endpoint)"
    case .masterEmptied(let loss):
      "master-emptied;\(loss.keys);\(loss.replica);\(loss.replicaKeys)"
        + (loss.missingBytes.map { ";\($0)" } ?? "")
    case .priorityNotRestored(let memory, let problem):
      "priority-not-restored;\(memory);\(problem)"
    }
  }
}

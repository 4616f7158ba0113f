import FailoverCore

extension RecordingText {
  /// An order as one line; it is compared and never read back.
  static func order(_ effect: Effect) -> String {
    switch effect {
    case .pollSentinels: "poll-sentinels"
    case .readLocalRole: "read-local-role"
    case .watchReplicas(let isOn): "watch-replicas \(isOn ? "yes" : "no")"
    case .watchFence(let isOn): "watch-fence \(isOn ? "yes" : "no")"
    case .fence(let order): "fence \(order.recorded)"
    case .inspect(let endpoint): "inspect \(endpoint.recorded)"
    case .inspectSentinels, .commandFailover, .readReplication, .readPriority, .setPriority,
      .relieve, .keepPriority, .reportMove:
      orderOfMove(effect)
    case .probe(let id, let addresses): "probe id=\(id) vips=\(addresses.recorded)"
    case .installAddresses(let addresses, let lifetime):
      "install vips=\(addresses.recorded) lifetime=\(text(lifetime))"
    case .removeAddresses(let addresses): "remove vips=\(addresses.recorded)"
    case .endSessions(let addresses): "end-sessions vips=\(addresses.recorded)"
    case .handOverSessions(let addresses, let target):
      "hand-over-sessions vips=\(addresses.recorded) to=\(target.recorded)"
    case .announce(let addresses, let plan):
      "announce vips=\(addresses.recorded) rounds=\(plan.rounds)"
        + " interval=\(plan.interval.recorded) refresh=\(plan.refresh.recorded)"
    case .stopAnnouncing: "stop-announcing"
    case .publish(let notice, let also):
      "publish notice=\(notice.recorded) also=\(also.recorded)"
    case .keepProof(let proof): "keep-proof \(proof.recorded)"
    case .rememberSentinels(let count): "remember-sentinels \(count)"
    case .keepSentinels(let known): "keep-sentinels \(known.recorded)"
    case .keepPause(let pause): "keep-pause \(pause.recorded)"
    case .keepFence(let memory): "keep-fence \(memory.recorded)"
    case .wake(let instant): "wake at=\(instant.recorded)"
    case .report(let transition):
      "report from=\(transition.from.recorded) to=\(transition.to.recorded)"
        + " basis=\(transition.basis.recorded) reason=\(text(transition.reason))"
    case .reportFence(let change):
      "report-fence order=\(change.order.recorded) to=\(change.to.recorded)"
        + " reason=\(text(change.reason))"
    case .raise(let alarm): "raise \(text(alarm))"
    }
  }

  private static func text(_ lifetime: KernelLifetime) -> String {
    switch lifetime {
    case .seconds(let seconds): "\(seconds)s"
    case .infinite: "infinite"
    }
  }

  private static func text(_ reason: FenceReason) -> String {
    switch reason {
    case .replicasGood(let count): "replicas-good;\(count)"
    case .replicasMissing(let missing): "replicas-missing;\(missing.recorded)"
    case .selectedHere: "selected-here"
    case .letGo(let reason): "let-go;\(text(reason))"
    case .anotherNamed(let master): "another-named;\(master)"
    case .holds: "holds"
    case .reconciled: "reconciled"
    case .move: "move"
    case .switchedOff: "switched-off"
    case .stopping: "stopping"
    }
  }

  static func text(_ reason: Reason) -> String {
    switch reason {
    case .promotedWhilePrepared(let epoch): "promoted-while-prepared;\(epoch)"
    case .namedByMajority(let epoch, let by, let of): "named-by-majority;\(epoch);\(by);\(of)"
    case .settled(let time): "settled;\(time.recorded)"
    case .unanimous(let of): "unanimous;\(of)"
    case .provenRecently(let age): "proven-recently;\(age.recorded)"
    case .selected(let epoch): "selected;\(epoch)"
    case .confirmed(let by, let of): "confirmed;\(by);\(of)"
    case .sentinelsRefuse(let count): "sentinels-refuse;\(count)"
    case .replicasAcknowledge(let count): "replicas-acknowledge;\(count)"
    case .keptByPolicy: "kept-by-policy"
    case .namedMasterDown: "named-master-down"
    case .followedByNamed(let node): "followed-by-named;\(node)"
    case .clockStepped(let by): "clock-stepped;\(by.recorded)"
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

  private static func text(_ alarm: Alarm) -> String {
    switch alarm {
    case .equalEpochs(let one, let other, let epoch): "equal-epochs;\(one);\(other);\(epoch)"
    case .conflict(let address, let mac): "conflict;\(address);\(mac)"
    case .addressInUse(let mac): "address-in-use;\(mac)"
    case .addressRemoved(let address, let repairs):
      "address-removed;\(address.recorded);\(repairs)"
    case .addressFailed(let address, let failure):
      "address-failed;\(address.recorded);\(failure.recorded)"
    case .carrierLost(let address): "carrier-lost;\(address.recorded)"
    case .sentinelContradicts(let id, let master, let epoch):
      "sentinel-contradicts;\(id);\(master);\(epoch)"
    case .masterUnknown(let id): "master-unknown;\(id)"
    case .fenceFailed(let problem): "fence-failed;\(problem.recorded)"
    case .fenceChangedByHand(let setting): "fence-changed-by-hand;\(setting.recorded)"
    case .successorIsNoMaster(let endpoint): "successor-is-no-master;\(endpoint)"
    case .priorityNotRestored(let memory, let problem):
      "priority-not-restored;\(memory.recorded);\(problem.recorded)"
    }
  }
}

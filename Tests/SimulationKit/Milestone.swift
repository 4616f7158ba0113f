import FailoverCore

/// Something worth a line in a trace.
enum Milestone: Equatable {
  case faultBegan(Int)
  case faultEnded(Int)
  case forced(Int)
  case sentinel(Int, SentinelEvent, node: Int, epoch: Int)
  case role(Int, replicaOf: Int?)
  case majorityNames(Int?)
  case addressAdded(node: Int, address: Int)
  case addressRemoved(node: Int, address: Int, RemovalCause)
  case overlapBegan(Overlap)
  case overlapEnded(milliseconds: Int64)
  case transition(Int, Transition)
  case fenceChange(Int, FenceChange)
  case death(Int, DeathNews)
  case setting(Int, FenceSetting, isSaved: Bool)
  case writable(Int, own: Bool, virtual: Bool)
  case lost(LostWrites)
  case moveRequested(Int, target: Int?)
  case move(Int, MoveReport)
  case priority(Int, Int)
  case alarm(Int, Alarm)
  case notice(Int, Notice)
  case crashed(Int)
  case violation(String)
  case event(Int, Event)
  case effect(Int, Effect)

  /// A milestone and when it was passed.
  struct Entry: Equatable {
    var time: Int64
    var milestone: Milestone
  }
}

extension World {
  func note(_ milestone: Milestone) {
    milestones.append(Milestone.Entry(time: now, milestone: milestone))
  }

  func violate(_ text: String, node: Int) {
    note(.violation("node\(node) \(text)"))
    statistics.violations.append("node\(node) \(text)")
  }

  /// The trace in the form of a readable page; small talk of Sentinels only when verbose.
  func trace() -> String {
    let head = "seed \(configuration.seed): \(configuration.description)\n"
    return milestones.reduce(into: head) { text, entry in
      guard let line = line(for: entry.milestone) else { return }
      let tenths = entry.time / (millisecond / 10)
      let number = "\(tenths / 10).\(tenths % 10)"
      text += String(repeating: " ", count: max(0, 9 - number.count)) + number + "  " + line + "\n"
    }
  }

  private func line(for milestone: Milestone) -> String? {
    switch milestone {
    case .faultBegan(let index): "### fault \(text(of: configuration.faults[index])) begins"
    case .faultEnded(let index): "### fault \(text(of: configuration.faults[index])) ends"
    case .forced(let sentinel): "operator: SENTINEL FAILOVER on S\(sentinel)"
    case .sentinel(let index, let event, let node, let epoch):
      line(for: event, of: index, node: node, epoch: epoch)
    case .role(let node, nil): "node\(node) ROLE=master"
    case .role(let node, let master?): "node\(node) ROLE=replica of node\(master)"
    case .majorityNames(let node):
      node.map { "-- majority of Sentinels now names node\($0)" } ?? "-- no majority"
    case .addressAdded(let node, let address): "VIP\(address) ADDED on node\(node)"
    case .addressRemoved(let node, let address, let cause):
      "VIP\(address) removed from node\(node): \(cause)"
    case .overlapBegan(let overlap): "*** OVERLAP begins: \(overlap.description)"
    case .overlapEnded(let milliseconds): "*** OVERLAP ends after \(milliseconds) ms"
    case .transition(let node, let transition):
      "node\(node): \(transition.from) -> \(transition.to) (\(transition.basis)): "
        + "\(transition.reason)"
    case .fenceChange(let node, let change):
      "node\(node) fence: \(change.to.rawValue), \(change.reason)"
    case .death(let node, let news): "node\(node) death: \(news)"
    case .setting(let node, let setting, let isSaved):
      "node\(node) Redis \(isSaved ? "saves" : "asks for") \(setting.minReplicas) replicas"
    case .moveRequested(let node, let target):
      "operator: move from node\(node) to \(target.map { "node\($0)" } ?? "any")"
    case .move(let node, let report): "node\(node) move: \(report.news)"
    case .priority(let node, let priority): "node\(node) Redis has priority \(priority)"
    case .lost(let lost): "*** LOST: \(lost.description)"
    case .writable(let node, let own, let virtual):
      "node\(node) writes: own address \(own ? "yes" : "no"), VIP \(virtual ? "yes" : "no")"
    case .alarm(let node, let alarm): isVerbose ? "node\(node) alarm \(alarm)" : nil
    case .notice(let node, let notice): "agent\(node) gets notice \(brief(notice))"
    case .crashed(let node): "agent\(node) crashes"
    case .violation(let text): "!!! \(text)"
    case .event(let node, let event): "  agent\(node) < \(event)"
    case .effect(let node, let effect): "  agent\(node) > \(effect)"
    }
  }

  private func line(
    for event: SentinelEvent, of sentinel: Int, node: Int, epoch: Int
  ) -> String? {
    switch event {
    case .newEpoch, .roleChange, .electedLeader, .failoverEnd, .reboot:
      isVerbose ? "S\(sentinel) \(event.name) \(node) epoch \(epoch)" : nil
    case .votedFor: "S\(sentinel) \(event.name) S\(node) epoch \(epoch)"
    case .tilt, .tiltEnded, .reset, .abortNotElected, .abortNoGoodReplica,
      .abortReplicaTimeout, .failoverEndForTimeout:
      "S\(sentinel) \(event.name)"
    case .subjectivelyDown, .notSubjectivelyDown, .objectivelyDown, .notObjectivelyDown,
      .convertToReplica, .fixReplicaConfiguration, .monitor:
      "S\(sentinel) \(event.name) node\(node)"
    case .tryFailover, .selectedReplica, .sendReplicaOfNoOne, .waitPromotion, .promotedReplica,
      .switchMaster:
      "S\(sentinel) \(event.name) node\(node) epoch \(epoch)"
    }
  }

  private func brief(_ notice: Notice) -> String {
    switch notice {
    case .yielded(let from, let target, let epoch, let nonce):
      "yielded from \(from) to \(target) epoch \(epoch) nonce \(nonce)"
    case .selected(let from, let epoch, let nonce):
      "selected \(from) epoch \(epoch) nonce \(nonce)"
    case .moveOffered(let offer):
      "move offered from \(offer.from) to \(offer.target) round \(offer.round)"
    case .moveAnswered(let from, _, let round, let refusal):
      "move answered by \(from) round \(round) \(refusal?.rawValue ?? "ready")"
    case .moveEnded(let from, _): "move ended by \(from)"
    case .replicaStops(let replica): "\(replica) stops"
    case .replicaDismissed(let replica, let from): "\(from) dismisses \(replica)"
    case .replicaAwaited(let replica, let from): "\(from) keeps \(replica)"
    case .moveArrived(let from, _): "move arrived at \(from)"
    }
  }

  private func text(of fault: Fault) -> String {
    let target = fault.target == Fault.currentMaster ? "master" : String(fault.target)
    return "\(fault.kind.rawValue) a=\(target) b=\(fault.other) "
      + "mask=\(String(fault.mask, radix: 16)) (\(fault.duration / millisecond) ms)"
      + (fault.step == 0 ? "" : " step=\(fault.step) ms")
  }
}

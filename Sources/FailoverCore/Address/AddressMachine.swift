import Addresses

/// Who holds the virtual address on this node, and when.
struct AddressMachine: Equatable, Sendable {
  private let configuration: GroupConfiguration
  /// What the kernel has, and what was asked of it.
  private(set) var kernel: KernelLease
  /// The duplicate probe in progress or last finished.
  private(set) var probe: DuplicateProbe
  private(set) var announcer: Announcer
  private var state = AddressState.standby
  private var pause: Pause?
  /// When the state was entered, and why.
  private var since = Instant(nanoseconds: 0)
  private var reason = Reason.started
  private var conduct = Conduct()
  private var doubts = Doubts()
  private var entitledSince: Instant?

  /// Makes a machine that holds nothing.
  init(_ configuration: GroupConfiguration) {
    self.configuration = configuration
    kernel = KernelLease(configuration.virtualAddresses)
    probe = DuplicateProbe(configuration)
    announcer = Announcer(configuration)
  }

  /// What the other rooms are told.
  var view: AddressView {
    AddressView(
      state: state, since: since, reason: reason, pause: pause, entitledSince: entitledSince,
      isLooking: probe.isUnderWay, lastClaim: announcer.lastClaim)
  }

  private func entitlement(_ evidence: Evidence, at now: Instant) -> Entitlement {
    Entitlement(
      evidence: evidence, conduct: conduct, kernel: kernel, configuration: configuration, now: now)
  }

  private func rules(
    _ evidence: Evidence, keptFrom: Endpoint? = nil, at now: Instant
  ) -> HoldingRules {
    HoldingRules(evidence, configuration, doubts, keptFrom: keptFrom, at: now)
  }

  /// Enters a state and reports it.
  private mutating func enter(_ next: AddressState, _ reason: Reason, _ turn: inout Turn) {
    let from = view.stateName
    state = next
    report(reason, from: from, &turn)
  }

  private mutating func report(_ reason: Reason, from: StateName, _ turn: inout Turn) {
    since = turn.now
    self.reason = reason
    let view = view
    turn.order(
      .report(Transition(from: from, to: view.stateName, reason: reason, basis: view.basis)))
  }
}

// MARK: - Deciding

extension AddressMachine {
  /// Lets each state look at the evidence, until none moves: at most let go, then be selected.
  ///
  /// A planned move may keep the address from its target although that is selected.
  mutating func decide(
    _ evidence: inout Evidence, _ fence: inout FenceMachine, keptFrom: Endpoint?,
    _ turn: inout Turn
  ) {
    for _ in 0..<4 {
      let before = state
      switch state {
      case .standby: decideStandby(&evidence, &fence, &turn)
      case .prepared(let preparation): decidePrepared(preparation, &evidence, &fence, &turn)
      case .held(let holding):
        decideHeld(holding, &evidence, &fence, keptFrom: keptFrom, &turn)
      case .yielding(let yield): decideYielding(yield, &evidence, &turn)
      case .stopped: return
      }
      if state == before { return }
    }
  }

  /// Decides while the address is not held and nothing is under way here.
  private mutating func decideStandby(
    _ evidence: inout Evidence, _ fence: inout FenceMachine, _ turn: inout Turn
  ) {
    if prepareIfSelected(&evidence, &turn) { return }
    takeIfEntitled(&evidence, &fence, &turn)
    if case .standby = state { sweep(evidence, &turn) }
  }

  /// Decides while this node is selected for promotion.
  private mutating func decidePrepared(
    _ selected: Preparation, _ evidence: inout Evidence, _ fence: inout FenceMachine,
    _ turn: inout Turn
  ) {
    var preparation = selected
    if preparation.epoch == nil {
      preparation.epoch = evidence.panel.failoverEpoch(of: preparation.leader)
      state = .prepared(preparation)
    }
    if evidence.panel.isAborted(preparation) { return enter(.standby, .selectionExpired, &turn) }
    if takeFastPath(preparation, &evidence, &fence, &turn) { return }
    takeIfEntitled(&evidence, &fence, &turn)
    guard case .prepared = state else { return }
    let entitlement = entitlement(evidence, at: turn.now)
    if let other = entitlement.selectionOfAnother(after: preparation) {
      enter(.standby, .selectionReplaced, &turn)
      evidence.panel.raiseEpoch(to: other)
    } else if turn.now >= preparation.ends {
      enter(.standby, .selectionExpired, &turn)
    } else if turn.now >= preparation.nextQuestion, !entitlement.isOldHolderGone(preparation) {
      // The promotion kills every connection of this node's Redis, and with them a notice that was
      // on its way.
      ask(preparation, evidence.panel, &turn)
    }
  }

  /// Decides while another node has the right of way.
  private mutating func decideYielding(
    _ yield: Yield, _ evidence: inout Evidence, _ turn: inout Turn
  ) {
    if prepareIfSelected(&evidence, &turn) { return }
    let (panel, now) = (evidence.panel, turn.now)
    if let named = panel.foreignMajorityNamed(at: now) {
      let epoch = panel.newestForeignClaim(at: now)?.epoch ?? yield.epoch
      let reason = Reason.anotherNamed(
        named, epoch: epoch, by: panel.namings(of: named, at: now), of: panel.counts.sentinels)
      enter(.standby, reason, &turn)
    } else if now >= yield.ends {
      enter(.standby, .selectionExpired, &turn)
    } else {
      sweep(evidence, &turn)
    }
  }

  /// Decides while the address is held.
  private mutating func decideHeld(
    _ held: Holding, _ evidence: inout Evidence, _ fence: inout FenceMachine, keptFrom: Endpoint?,
    _ turn: inout Turn
  ) {
    var holding = held
    var rules = rules(evidence, keptFrom: keptFrom, at: turn.now)
    doubts.refresh(holding, rules, &turn)
    rules.doubts = doubts
    if let end = rules.reasonToLetGo(holding) {
      return letGo(end.reason, next: end.next, &evidence, &fence, &turn)
    }
    guard let found = rules.basis(of: holding) else {
      letGo(rules.reasonWithoutBasis(holding), next: .standby, &evidence, &fence, &turn)
      return
    }
    if found.basis == .sentinels, kernel.isExpired(holding, rules) {
      kernel.spend(rules.leaseEnds)
      letGo(.kernelExpired, next: .standby, &evidence, &fence, &turn)
      return
    }
    if let epoch = evidence.panel.localEpoch(at: turn.now), found.basis == .sentinels {
      holding.epoch = max(holding.epoch, epoch)
    }
    let isOther = found.basis.name != holding.basis.name
    holding.basis = found.basis
    if kernel.renewIfDue(&holding, rules, isPaused: pause != nil, &turn) {
      announcer.resume(&turn)
    }
    if pause == nil, kernel.repairIfDue(&holding, rules, &turn) { announcer.announce(&turn) }
    announcer.defendIfDue(evidence.panel, &turn)
    evidence.local.watchReplicas(rules.needsReplicas, &turn)
    if isOther {
      enter(.held(holding), found.reason, &turn)
    } else {
      state = .held(holding)
    }
  }
}

// MARK: - Taking

extension AddressMachine {
  /// Prepares for the flip if a Sentinel's own answer shows this node as selected.
  private mutating func prepareIfSelected(
    _ evidence: inout Evidence, _ turn: inout Turn
  ) -> Bool {
    guard pause == nil, !evidence.panel.localInstances.isEmpty,
      let selection = entitlement(evidence, at: turn.now).selectionToPrepare(),
      let leader = selection.leader
    else { return false }
    evidence.panel.use(selection)
    let preparation = Preparation(
      leader: leader, epoch: selection.epoch, oldMaster: selection.oldMaster,
      since: selection.seenAt, nonce: UInt64(bitPattern: turn.now.nanoseconds) | 1,
      askedAt: turn.now)
    enter(.prepared(preparation), .selected(epoch: selection.epoch ?? 0), &turn)
    probe.start(&turn)
    ask(preparation, evidence.panel, &turn)
    turn.order([.pollSentinels, .readLocalRole])
    return true
  }

  /// Asks the old holder for its yield notice.
  private mutating func ask(_ asked: Preparation, _ panel: SentinelPanel, _ turn: inout Turn) {
    guard let local = panel.localInstances.first else { return }
    var preparation = asked
    preparation.askedAt = turn.now
    state = .prepared(preparation)
    let question = Notice.selected(
      from: local, epoch: preparation.epoch ?? 0, nonce: preparation.nonce)
    turn.order(.publish(question, also: preparation.oldMaster))
  }

  /// Takes the address at the flip, before any Sentinel knows of it, if all conditions hold.
  ///
  /// - Returns: Whether it was taken.
  private mutating func takeFastPath(
    _ preparation: Preparation, _ evidence: inout Evidence, _ fence: inout FenceMachine,
    _ turn: inout Turn
  ) -> Bool {
    guard pause == nil,
      let epoch = entitlement(evidence, at: turn.now).fastPathEpoch(preparation),
      probe.requireClean(isAwaited: isPrepared, &turn)
    else { return false }
    evidence.local.useFlip()
    let holding = Holding(
      basis: .provisional(until: turn.now + Timing.provisionalLifetime), preparation: preparation,
      epoch: epoch, renewedAt: turn.now)
    take(holding, .promotedWhilePrepared(epoch: epoch), evidence, &fence, &turn)
    return true
  }

  /// Takes the address if a majority names and enough Sentinels confirm this node.
  private mutating func takeIfEntitled(
    _ evidence: inout Evidence, _ fence: inout FenceMachine, _ turn: inout Turn
  ) {
    let entitlement = entitlement(evidence, at: turn.now)
    guard pause == nil || kernel.isAdopted, let named = entitlement.leasedEpoch() else { return }
    guard let reason = entitlement.reason(epoch: named) else {
      entitledSince = nil
      return
    }
    entitledSince = entitledSince ?? turn.now
    if !isCertain(reason), !probe.requireClean(isAwaited: isPrepared, &turn) { return }
    var epoch = named
    if case .settled = reason, let claim = evidence.panel.newestForeignClaim(at: turn.now) {
      // A lone contradiction that lasted through the settling is accounted for.
      epoch = max(epoch, claim.epoch)
      turn.raise(.sentinelContradicts(claim.by, claim.named, epoch: claim.epoch))
    }
    evidence.panel.settleUnseenElection()
    let holding = Holding(
      basis: .sentinels, preparation: nil, epoch: epoch, renewedAt: turn.now)
    take(holding, reason, evidence, &fence, &turn)
  }

  /// Whether no other node can have the address, so that none need be probed.
  ///
  /// It was here so recently that nobody can have been elected, or it is here still; what another
  /// program left here may be elsewhere as well.
  private func isCertain(_ reason: Reason) -> Bool {
    if case .provenRecently = reason { return true }
    return kernel.isOwn
  }

  /// Takes the address: the kernel first, then the announcement.
  private mutating func take(
    _ taken: Holding, _ reason: Reason, _ evidence: Evidence, _ fence: inout FenceMachine,
    _ turn: inout Turn
  ) {
    var holding = taken
    conduct.recordHolding()
    entitledSince = nil
    fence.endClosure()
    kernel.begin(&holding, rules(evidence, at: turn.now), isPaused: pause != nil, &turn)
    announcer.begin(&turn)
    enter(.held(holding), reason, &turn)
  }

  /// Whether the flip is awaited.
  private var isPrepared: Bool { if case .prepared = state { true } else { false } }
}

// MARK: - Letting go

extension AddressMachine {
  /// Removes addresses that are here without a right, and repeats a removal that failed.
  private mutating func sweep(_ evidence: Evidence, _ turn: inout Turn) {
    let entitlement = entitlement(evidence, at: turn.now)
    let isClaimed = probe.claimedBy != nil
    switch kernel.sweep(entitlement, isPaused: pause != nil, isClaimed: isClaimed, &turn) {
    case .nothing: return
    case .keepFound:
      // Whether it is elsewhere as well is looked at once this node is the named master.
      if pause == nil, !probe.isStarted, entitlement.isNamedMaster { probe.start(&turn) }
    case .removed:
      if case .standby = state { (reason, since) = (.noRight, turn.now) }
    }
  }

  /// Lets go of the address and of the sessions on it; then tells the others.
  ///
  /// Nothing is waited for: a Redis that hangs must not keep the address here.
  private mutating func letGo(
    _ reason: Reason, next: AddressState, _ evidence: inout Evidence,
    _ fence: inout FenceMachine, _ turn: inout Turn
  ) {
    if reason != .releasedByOperator, reason != .stopping {
      fence.close(.letGo(reason), evidence, isPaused: pause != nil, &turn)
    }
    kernel.end(reason, &turn)
    probe.reset()
    turn.order(.stopAnnouncing)
    evidence.local.watchReplicas(false, &turn)
    announcer.end()
    doubts = Doubts()
    evidence.panel.restartSettling()
    if conduct.tellSuccessor(reason, evidence.panel, &turn) { kernel.forgetProof() }
    enter(next, reason, &turn)
  }
}

// MARK: - What is told

extension AddressMachine {
  /// Begins with what an earlier daemon left.
  mutating func start(_ facts: StartupFacts, at now: Instant) {
    since = now
    pause = facts.pause ?? pause
    kernel.recordStart(facts, policy: configuration.blindPolicy, at: now)
  }

  /// Voids what was concluded before; a lease that ends with a step of the clock is doubted first.
  mutating func recordDisturbance(
    _ disturbance: Disturbance, _ evidence: inout Evidence, _ turn: inout Turn
  ) {
    let before = rules(evidence, at: turn.now).leaseEnds
    var ahead: Duration?
    if case .clockJump(let jump) = disturbance, jump > .zero { ahead = jump }
    evidence.panel.recordDisturbance(ahead: ahead)
    if let ahead { kernel.age(by: ahead) }
    if state.isHeldByConfirmations, case .clockJump(let jump) = disturbance, let before,
      before > turn.now, !rules(evidence, at: turn.now).isLeased
    {
      doubts.recordStep(by: jump, lease: before, at: turn.now)
    }
    probe.reset()
    turn.order([.pollSentinels, .readLocalRole])
    if state.holding != nil { announcer.suspend(&turn) }
  }

  /// Records a change of what the kernel has.
  mutating func recordPresence(
    of address: VirtualAddress, _ isPresent: Bool, _ turn: inout Turn
  ) {
    kernel.record(address, isPresent: isPresent, isHeld: state.holding != nil, &turn)
  }

  /// Records that the kernel refused an order.
  mutating func recordFailure(
    of address: VirtualAddress, _ failure: AddressFailure, _ turn: inout Turn
  ) {
    kernel.recordFailure(of: address, failure, isHeld: state.holding != nil, &turn)
  }

  /// Announces again when the interface of addresses can carry traffic again.
  mutating func recordLink(of restored: [VirtualAddress], _ turn: inout Turn) {
    kernel.recordLink(of: restored, isHeld: state.holding != nil, &turn)
    if state.holding != nil { announcer.announce(again: restored, &turn) }
  }

  /// Asks the link whether another machine answers for what is held here: nobody else could take it.
  mutating func look(_ turn: inout Turn) { if state.holding != nil { probe.start(&turn) } }

  /// Records the result of a probe; what a holder finds are claims.
  mutating func recordProbe(_ id: ProbeID, claimedBy: MACAddress?, _ turn: inout Turn) {
    let isAwaited = isPrepared || state.holding != nil
    probe.complete(id, claimedBy: claimedBy, isAwaited: isAwaited, &turn)
  }

  /// Records that another machine claims an address: look again before defending it, or taking it.
  mutating func recordClaim(_ address: IPAddress, by mac: MACAddress, _ turn: inout Turn) {
    guard configuration.virtualAddresses.contains(where: { $0.address == address }) else { return }
    guard state.holding != nil else { return probe.recordClaim(by: mac) }
    announcer.recordClaim(address, by: mac, &turn)
  }

  /// Forgets that this node held: a majority names another since.
  mutating func forgetHolding() { if state.holding == nil { conduct.forgetHolding() } }

  /// Records what a node says of itself: the naming of it may be in dispute.
  mutating func recordNode(
    _ node: Endpoint, _ said: NodeObservation?, _ panel: SentinelPanel, sentAt: Instant
  ) {
    // A replica may follow this one through the virtual address.
    let own = configuration.virtualAddresses.map(\.address)
    doubts.recordNode(node, said, sentAt: sentAt) { master in
      panel.isLocal(master) || own.contains(master.address)
    }
  }

  mutating func recordLocalLoss() { entitledSince = nil }
}

// MARK: - What other nodes say

extension AddressMachine {
  /// Records that another node does not hold.
  mutating func recordYield(
    from node: Endpoint, to target: Endpoint, epoch: UInt64, nonce: UInt64, _ evidence: Evidence,
    _ turn: inout Turn
  ) {
    guard evidence.panel.isLocal(target), !evidence.panel.isLocal(node) else { return }
    let wasGone = isOldHolderGone(evidence, at: turn.now)
    conduct.record(
      Conduct.YieldNotice(from: node, epoch: epoch, nonce: nonce, heardAt: turn.now))
    // A probe that is under way, or was answered, may have met the old holder.
    if !wasGone, isOldHolderGone(evidence, at: turn.now), !probe.isClean { probe.start(&turn) }
  }

  private func isOldHolderGone(_ evidence: Evidence, at now: Instant) -> Bool {
    guard case .prepared(let preparation) = state else { return false }
    return entitlement(evidence, at: now).isOldHolderGone(preparation)
  }

  /// Answers a node that says that it is selected.
  mutating func answer(
    selected node: Endpoint, epoch: UInt64, nonce: UInt64, _ evidence: inout Evidence,
    _ turn: inout Turn
  ) {
    let question = Conduct.Question(from: node, epoch: epoch, nonce: nonce)
    conduct.answer(question, in: state, hasAddress: kernel.hasAny, &evidence, &turn)
  }
}

// MARK: - What the operator says

extension AddressMachine {
  mutating func changePause(_ next: Pause?, _ reason: Reason, _ turn: inout Turn) {
    guard next != pause else { return }
    let from = view.stateName
    pause = next
    turn.order(.keepPause(next))
    report(reason, from: from, &turn)
  }

  /// Ends a pause whose time is over.
  mutating func endPauseIfDue(_ turn: inout Turn) {
    if let until = pause?.until, turn.now >= until { changePause(nil, .resumed, &turn) }
  }

  /// Lets go of the address here, and pauses.
  mutating func release(
    until: Instant?, _ evidence: inout Evidence, _ fence: inout FenceMachine, _ turn: inout Turn
  ) {
    if state.holding != nil {
      letGo(.releasedByOperator, next: .standby, &evidence, &fence, &turn)
    }
    changePause(Pause(until: until), .releasedByOperator, &turn)
  }

  /// Ends as the policy says; the proof stays, so that a daemon that comes back may hold at once.
  mutating func stop(
    _ policy: StopPolicy, _ evidence: inout Evidence, _ fence: inout FenceMachine,
    _ turn: inout Turn
  ) {
    if state.holding != nil, policy != .keep {
      letGo(.stopping, next: .stopped, &evidence, &fence, &turn)
    } else {
      turn.order(.stopAnnouncing)
      if policy != .keep { kernel.remove(&turn) }
      enter(.stopped, .stopping, &turn)
    }
    evidence.local.watchReplicas(false, &turn)
  }
}

// MARK: - The next deadline

extension AddressMachine {
  /// The instants at which something about the address changes by itself.
  func deadlines(_ evidence: Evidence, at now: Instant) -> [Instant] {
    var deadlines = [pause?.until, kernel.removalDeadline].compactMap { $0 }
    switch state {
    case .standby, .prepared:
      if case .prepared(let mine) = state { deadlines += [mine.ends, mine.nextQuestion] }
      deadlines += entitlement(evidence, at: now).deadlines + kernel.deadlinesUnheld
      deadlines += [probe.deadline].compactMap { $0 }
    case .held(let holding):
      deadlines += rules(evidence, at: now).deadlines(holding)
      deadlines += [kernel.repairDeadline, announcer.deadline].compactMap { $0 }
    case .yielding(let yield):
      deadlines.append(yield.ends)
    case .stopped:
      return []
    }
    return deadlines
  }
}

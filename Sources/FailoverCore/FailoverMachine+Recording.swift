import Addresses

// MARK: - Facts become evidence

extension FailoverMachine {
  /// Records a fact; decides nothing but what is to be asked next.
  mutating func record(_ event: Event, at now: Instant, _ orders: inout [Effect]) {
    switch event {
    case .started(let facts):
      recordStart(facts, at: now, &orders)
    case .sentinelConnected, .sentinelListed, .forgetRequested:
      recordRoster(event, at: now, &orders)
    case .sentinelsConfigured(let count):
      evidence.configuredSentinels = count
    case .sentinelDisconnected(let id, let loss):
      evidence.recordLoss(id, loss, at: now)
    case .sentinelForgotten(let id):
      evidence.sentinels.removeAll { $0.id == id }
    case .sentinelReplied(let id, let view, let sentAt):
      recordReply(view, from: id, sentAt: sentAt, at: now, &orders)
    case .sentinelLacksMaster(let id, let sentAt):
      guard sentAt >= evidence.barrier else { return }
      if evidence.recordLackOfMaster(id) { orders.append(.raise(.masterUnknown(id))) }
    case .sentinelHinted(_, let hint):
      recordHint(hint, at: now)
      orders.append(.pollSentinels)
    case .hookCalled:
      orders += [.pollSentinels, .readLocalRole]

    case .localInstancesChanged(let endpoints):
      recordLocalInstances(endpoints)
    case .localRoleObserved(let role, let sentAt):
      recordRole(role, sentAt: sentAt, at: now, &orders)
    case .localRedisLost:
      evidence.localIsLost = true
      fence.disconnect()
      priority.disconnect()
    case .localReplicasObserved(let acknowledging, let sentAt):
      guard sentAt >= evidence.barrier else { return }
      evidence.acknowledging = acknowledging
      evidence.acknowledgedAt = sentAt
    case .localReplicationObserved, .localFenceObserved, .localFenceUnreadable, .fenceAnswered,
      .nodeObserved:
      recordFence(event, at: now, &orders)
      recordMove(event, at: now, &orders)
      if case .nodeObserved(let node, let observation, let sentAt) = event {
        recordDispute(node, observation, sentAt: sentAt)
      }
    case .sentinelInspected, .failoverAnswered, .localPriorityObserved, .priorityAnswered,
      .moveRequested, .moveCancelled:
      recordMove(event, at: now, &orders)

    case .probeCompleted(let id, let claimedBy):
      recordProbe(id, claimedBy: claimedBy, at: now, &orders)
    case .noticeReceived(let notice):
      recordNotice(notice, at: now, &orders)
    case .claimSeen(let address, let mac):
      recordClaim(address, by: mac, at: now, &orders)

    case .addressAppeared(let address):
      recordPresence(of: address, true, at: now, &orders)
    case .addressVanished(let address):
      recordPresence(of: address, false, at: now, &orders)
    case .addressFailed(let address, let failure):
      recordFailure(of: address, failure, at: now, &orders)
    case .linkLost(let addresses):
      if let address = addresses.first { raise(.carrierLost(address), &orders) }
    case .linkRestored(let addresses):
      recordLink(of: addresses, at: now, &orders)

    case .clockDisturbed(let disturbance):
      recordDisturbance(disturbance, at: now)
      probe = DuplicateProbe(lastID: probe.id)
      orders += [.pollSentinels, .readLocalRole]
      suspendAnnouncing(&orders)
    case .woke:
      if let armed = armedWake, armed <= now { armedWake = nil }

    case .pauseRequested(let until):
      changePause(Pause(until: until), .paused, at: now, &orders)
    case .resumeRequested:
      changePause(nil, .resumed, at: now, &orders)
    case .releaseRequested(let until):
      if case .held = state { letGo(.releasedByOperator, next: .standby, at: now, &orders) }
      changePause(Pause(until: until), .releasedByOperator, at: now, &orders)
    case .stopRequested(let policy):
      stop(policy, at: now, &orders)
    }
  }

  private mutating func recordStart(
    _ facts: StartupFacts, at now: Instant, _ orders: inout [Effect]
  ) {
    since = now
    evidence.proof = facts.proof
    evidence.roster.restore(count: facts.rememberedSentinels, known: facts.knownSentinels)
    pause = facts.pause ?? pause
    fence.memory = facts.fence
    priority.memory = facts.priority
    if configuration.fence != .off || facts.fence != nil { orders.append(.watchFence(true)) }
    for found in facts.present {
      guard let place = configuration.virtualAddresses.firstIndex(of: found.virtualAddress)
      else { continue }
      kernel.isPresent[place] = true
      if let remaining = found.remaining {
        let ends = now + remaining
        kernel.adoptedUntil = max(ends, kernel.adoptedUntil ?? ends)
      } else if configuration.blindPolicy == .hold {
        kernel.adoptedUntil = now + Timing.leastSettling + Timing.longestLease
      } else {
        kernel.strangersSince = now
      }
    }
  }

  private mutating func recordReply(
    _ view: SentinelView, from id: SentinelID, sentAt: Instant, at now: Instant,
    _ orders: inout [Effect]
  ) {
    let remembered = evidence.roster.highWater
    guard evidence.recordView(view, from: id, sentAt: sentAt, at: now) else { return }
    if evidence.roster.highWater > remembered {
      orders.append(.rememberSentinels(evidence.roster.highWater))
    }
  }

  /// Records what concerns who counts, and keeps it.
  private mutating func recordRoster(_ event: Event, at now: Instant, _ orders: inout [Effect]) {
    let before = evidence.roster
    switch event {
    case .sentinelConnected(let id, let runID):
      evidence.recordConnection(id, runID: runID, at: now)
    case .sentinelListed(let id, let entries, let sentAt):
      evidence.recordList(entries, from: id, sentAt: sentAt, at: now)
    case .forgetRequested(let runID):
      _ = evidence.roster.forget(runID, among: evidence.sentinels)
    default: return
    }
    keepRoster(after: before, &orders)
  }

  /// Keeps who counts, where that changed.
  private func keepRoster(after before: SentinelRoster, _ orders: inout [Effect]) {
    let roster = evidence.roster
    if roster.known != before.known { orders.append(.keepSentinels(roster.known)) }
    if roster.highWater != before.highWater {
      orders.append(.rememberSentinels(roster.highWater))
    }
  }

  /// Leaves out Sentinels that are gone by the word of all others.
  private mutating func settleRoster(at now: Instant, _ orders: inout [Effect]) {
    let before = evidence.roster
    let configured = configuredSentinels
    guard evidence.roster.settle(evidence.sentinels, configured: configured, at: now) else {
      return
    }
    keepRoster(after: before, &orders)
  }

  /// Voids what was asked before; a lease that ends with a step of the clock is looked at again first.
  private mutating func recordDisturbance(_ disturbance: Disturbance, at now: Instant) {
    let before = leaseEnds
    evidence.recordDisturbance(disturbance, at: now)
    guard case .held(let holding) = state, holding.basis == .sentinels,
      case .clockJump(let jump) = disturbance, let before, before > now,
      (leaseEnds ?? now) <= now
    else { return }
    evidence.doubtedLease = Evidence.DoubtedLease(
      ends: before, until: now + Timing.clockDoubtLimit, jump: jump)
  }

  private mutating func recordHint(_ hint: SentinelHint, at now: Instant) {
    switch hint {
    case .voted(let leader, let epoch):
      let vote = Evidence.Vote(leader: leader, epoch: epoch, heardAt: now)
      evidence.recordVote(vote, at: now)
    case .newEpoch, .changed:
      return
    }
  }

  /// Changes which endpoints are the local instance; what was concluded from others is void.
  ///
  /// The first is the one whose role is told. The role of another is no ground to take the address;
  /// a held one stays until the new one says that it is a replica.
  private mutating func recordLocalInstances(_ endpoints: [Endpoint]) {
    guard endpoints != evidence.localInstances else { return }
    if let before = evidence.localInstances.first, before != endpoints.first {
      evidence.localRole = nil
      evidence.localProvenAt = nil
      evidence.localIsLost = true
      evidence.flip = nil
    }
    evidence.localInstances = endpoints
    evidence.unsettle()
    for place in evidence.sentinels.indices {
      let record = evidence.sentinels[place]
      evidence.sentinels[place].pongAt = record.provenAt.flatMap { sentAt in
        record.view.flatMap { evidence.confirmedPong(of: $0, sentAt: sentAt) }
      }
    }
  }

  private mutating func recordNotice(
    _ notice: Notice, at now: Instant, _ orders: inout [Effect]
  ) {
    switch notice {
    case .yielded(let from, let target, let epoch, let nonce):
      guard evidence.isLocal(target), !evidence.isLocal(from) else { return }
      let wasGone = isOldHolderGone(at: now)
      evidence.recordNotice(
        Evidence.YieldNotice(
          from: from, target: target, epoch: epoch, nonce: nonce, heardAt: now))
      // A probe that is under way, or was answered, may have met the old holder.
      if !wasGone, isOldHolderGone(at: now), !probe.isClean { startProbe(at: now, &orders) }
    case .selected(let from, let epoch, let nonce):
      guard !evidence.isLocal(from) else { return }
      answer(selected: from, epoch: epoch, nonce: nonce, at: now, &orders)
    case .moveOffered, .moveAnswered, .moveEnded, .moveArrived:
      recordMoveNotice(notice, at: now, &orders)
    }
  }

  private mutating func changePause(
    _ next: Pause?, _ reason: Reason, at now: Instant, _ orders: inout [Effect]
  ) {
    guard next != pause else { return }
    let from = stateName
    pause = next
    orders.append(.keepPause(next))
    self.reason = reason
    since = now
    orders.append(
      .report(Transition(from: from, to: stateName, reason: reason, basis: basis)))
  }

  /// Brings what follows from the evidence and the time up to date.
  mutating func refreshEvidence(at now: Instant, _ orders: inout [Effect]) {
    evidence.accountForElections(at: now)
    settleRoster(at: now, &orders)
    let counts = counts
    let named = evidence.namedByMajority
    evidence.updateNaming(counts, at: now)
    if evidence.namedByMajority != named, basis == .none { evidence.vouches = false }
    evidence.updateSettling(counts, at: now)
    if let until = pause?.until, now >= until { changePause(nil, .resumed, at: now, &orders) }
    raiseEqualEpochs(at: now, &orders)
  }

  /// Raises an alarm if two Sentinels name two masters at one config epoch.
  private mutating func raiseEqualEpochs(at now: Instant, _ orders: inout [Effect]) {
    let views = evidence.sentinels.compactMap { $0.view(within: Timing.viewLifetime, at: now) }
    for (place, view) in views.enumerated() where view.configEpoch > 0 {
      let other = views[..<place].first {
        $0.configEpoch == view.configEpoch && $0.named != view.named
      }
      guard let other else { continue }
      let pair = [other.named, view.named].sorted()
      raise(.equalEpochs(pair[0], pair[1], epoch: view.configEpoch), &orders)
      return
    }
  }
}

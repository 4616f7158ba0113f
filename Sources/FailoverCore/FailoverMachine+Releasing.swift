import Addresses

// MARK: - Letting go

extension FailoverMachine {
  /// Lets go of the address and of the sessions on it; then tells the others.
  ///
  /// Nothing is waited for: a Redis that hangs must not keep the address here.
  mutating func letGo(
    _ reason: Reason, next: FailoverState, at now: Instant, _ orders: inout [Effect]
  ) {
    if reason != .releasedByOperator, reason != .stopping { closeFence(.letGo(reason), &orders) }
    orders += parting(reason) + [.stopAnnouncing]
    setWatchingReplicas(false, &orders)
    kernel.removalOrderedAt = now
    kernel.repairs = []
    conflict = nil
    evidence.dispute = nil
    evidence.doubtedLease = nil
    evidence.unsettle()
    tellSuccessor(reason, at: now, &orders)
    enter(next, reason, at: now, &orders)
  }

  /// How the address and the sessions on it go.
  ///
  /// As a rule the sessions end first, so that their clients learn of it while the address can still
  /// speak, and after it what came in between. A node that is only selected answers for nobody yet: a
  /// client that is reset now connects to an address that nobody has, and tries again after a second
  /// (RFC 6298 §2). It is left to that node, which wakes it when the address is there.
  private func parting(_ reason: Reason) -> [Effect] {
    let addresses = configuration.virtualAddresses
    switch reason {
    case .anotherSelected(let target, _), .askedToYield(let target):
      return [.handOverSessions(addresses, to: target), .removeAddresses(addresses)]
    default:
      return [.endSessions(addresses), .removeAddresses(addresses), .endSessions(addresses)]
    }
  }

  /// Tells the node that comes next, and forgets the proof that would bring the address back.
  private mutating func tellSuccessor(
    _ reason: Reason, at now: Instant, _ orders: inout [Effect]
  ) {
    let successor: (target: Endpoint, epoch: UInt64)
    switch reason {
    case .anotherSelected(let target, let epoch), .newerEpoch(let target, let epoch),
      .anotherNamed(let target, let epoch, _, _):
      successor = (target, epoch)
    case .askedToYield(let target):
      successor = (target, evidence.selections.last { $0.target == target }?.epoch ?? 0)
    default:
      return
    }
    evidence.proof = nil
    orders.append(.keepProof(nil))
    publishYield(to: successor.target, epoch: successor.epoch, at: now, &orders)
  }

  /// Publishes that this node does not hold, to one node at a time.
  ///
  /// Two that are told so may both take at their flips. Another is told when the first one's
  /// provisional holding is surely over; a newer epoch is no excuse, for the first may not have
  /// heard its vote.
  private mutating func publishYield(
    to target: Endpoint, epoch: UInt64, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let local = evidence.localInstances.first else { return }
    if let grant = evidence.grant, grant.target != target,
      now - grant.at < Timing.preparedLifetime + Timing.leastSettling
    {
      return
    }
    evidence.grant = Evidence.Grant(target: target, at: now)
    let nonce = evidence.questions.last { $0.from == target }?.nonce ?? 0
    let notice = Notice.yielded(from: local, target: target, epoch: epoch, nonce: nonce)
    orders.append(.publish(notice, also: target))
  }

  /// Answers a node that says that it is selected: a holder yields, another says it has nothing.
  ///
  /// Only an instance that some Sentinel lists is heard, and each selection ends a holding once.
  mutating func answer(
    selected from: Endpoint, epoch: UInt64, nonce: UInt64, at now: Instant,
    _ orders: inout [Effect]
  ) {
    let isKnown = evidence.sentinels.contains { record in
      record.view?.replicas.contains { $0.endpoint == from } ?? false
        || record.view?.named == from
    }
    guard isKnown else { return }
    orders.append(.pollSentinels)
    switch state {
    case .held(let tenure):
      guard epoch == 0 || epoch > tenure.epoch else { return }
      evidence.recordQuestion(from: from, nonce: nonce)
      evidence.recordClaimedSelection(from, epoch: epoch == 0 ? nil : epoch, at: now)
    case .standby, .yielding:
      evidence.recordQuestion(from: from, nonce: nonce)
      evidence.recordClaimedSelection(from, epoch: epoch == 0 ? nil : epoch, at: now)
      // A held address that could not be removed yet is not given up.
      guard evidence.localRole == .master, evidence.vouches, !kernel.isPresent.contains(true)
      else { return }
      publishYield(to: from, epoch: epoch, at: now, &orders)
    case .prepared:
      evidence.recordClaimedSelection(from, epoch: epoch == 0 ? nil : epoch, at: now)
    case .stopped:
      return
    }
  }

  /// Ends the machine as the policy says.
  ///
  /// The proof stays: a daemon that comes back at once may hold again at once.
  mutating func stop(_ policy: StopPolicy, at now: Instant, _ orders: inout [Effect]) {
    leaveFence(&orders)
    stopMove(at: now, &orders)
    if case .held = state, policy == .release {
      letGo(.stopping, next: .stopped, at: now, &orders)
    } else {
      orders.append(.stopAnnouncing)
      if policy == .release, kernel.isPresent.contains(true) {
        orders.append(.removeAddresses(configuration.virtualAddresses))
      }
      enter(.stopped, .stopping, at: now, &orders)
    }
    setWatchingReplicas(false, &orders)
    armedWake = nil
    orders.append(.wake(at: nil))
  }
}

// MARK: - A second claimant

extension FailoverMachine {
  /// Records that somebody else claims an address: look again before defending it, or taking it.
  mutating func recordClaim(
    _ address: IPAddress, by mac: MACAddress, at now: Instant, _ orders: inout [Effect]
  ) {
    guard configuration.virtualAddresses.contains(where: { $0.address == address }) else { return }
    guard case .held = state else {
      // Whoever has it since the probe ended could not answer it.
      if probe.isClean { probe.claimedBy = mac }
      return
    }
    conflict = Conflict(lastClaimAt: now, defendedAt: conflict?.defendedAt)
    raise(.conflict(address, by: mac), &orders)
    orders.append(.pollSentinels)
  }

  /// Defends the address once answers newer than the claim still confirm this node, and
  /// announces it anew when the conflict is over.
  mutating func defendIfDue(at now: Instant, _ orders: inout [Effect]) {
    // After a stall the address may be gone; the renewal that brings it back announces it.
    guard var present = conflict, !isAnnouncementSuspended else { return }
    if now - present.lastClaimAt >= Timing.conflictSilence {
      conflict = nil
      settleAlarms { if case .conflict = $0 { true } else { false } }
      orders.append(.announce(configuration.virtualAddresses, configuration.announcement))
      return
    }
    if let last = present.defendedAt, now - last < Timing.defendInterval { return }
    let confirming = evidence.sentinels.count { record in
      record.pongAt != nil && record.isConnected
        && record.provenAt.map { $0 >= present.lastClaimAt } ?? false
    }
    guard confirming >= counts.majority else { return }
    present.defendedAt = now
    conflict = present
    orders.append(
      .announce(configuration.virtualAddresses, AnnouncementPlan(rounds: 1)))
  }
}

// MARK: - Duplicate probes

extension FailoverMachine {
  /// Starts a probe of every address.
  mutating func startProbe(at now: Instant, _ orders: inout [Effect]) {
    guard configuration.probesForDuplicates else { return }
    probe = DuplicateProbe(lastID: probe.id + 1)
    probe.startedAt = now
    orders.append(.probe(probe.id, configuration.virtualAddresses))
  }

  /// Whether a probe that is still valid went unanswered; starts one where there is none.
  mutating func isUnclaimed(at now: Instant, _ orders: inout [Effect]) -> Bool {
    guard configuration.probesForDuplicates else { return true }
    if let completed = probe.completedAt {
      if probe.claimedBy == nil, now - completed <= Timing.probeLifetime { return true }
      if probe.claimedBy != nil, now - completed < probeRetry { return false }
    } else if let started = probe.startedAt, now - started < Timing.probeTimeout {
      return false
    }
    startProbe(at: now, &orders)
    return false
  }

  /// How soon an answered probe is repeated: at once while the flip is awaited.
  private var probeRetry: Duration {
    if case .prepared = state { return .zero }
    return Timing.probeRetry
  }

  /// Records the result of a probe.
  mutating func recordProbe(
    _ id: ProbeID, claimedBy: MACAddress?, at now: Instant, _ orders: inout [Effect]
  ) {
    guard id == probe.id, probe.startedAt != nil, probe.completedAt == nil else { return }
    probe.completedAt = now
    probe.claimedBy = claimedBy
    guard let claimedBy else {
      settleAlarms { if case .addressInUse = $0 { true } else { false } }
      return
    }
    // A holder that is about to yield still answers; that is no alarm.
    if case .prepared = state { return }
    raise(.addressInUse(by: claimedBy), &orders)
  }
}

import Addresses

// MARK: - Holding

extension FailoverMachine {
  /// Takes the address: the kernel first, then the announcement.
  mutating func take(
    _ basis: Tenure.Basis, after preparation: Preparation? = nil, epoch: UInt64,
    _ reason: Reason, at now: Instant, _ orders: inout [Effect]
  ) {
    var tenure = Tenure(
      basis: basis, preparation: preparation, epoch: epoch, renewedAt: now, renewedLease: nil,
      kernelEnds: nil)
    evidence.vouches = true
    kernel.adoptedUntil = nil
    kernel.strangersSince = nil
    kernel.removalOrderedAt = nil
    kernel.repairs = []
    conflict = nil
    fence.closure = nil
    fence.entitledSince = nil
    isAnnouncementSuspended = false
    install(&tenure, at: now, &orders)
    orders.append(.announce(configuration.virtualAddresses, configuration.announcement))
    enter(.held(tenure), reason, at: now, &orders)
  }

  /// Decides while the address is held.
  mutating func decideHeld(_ tenure: Tenure, at now: Instant, _ orders: inout [Effect]) {
    var tenure = tenure
    followDispute(tenure, at: now, &orders)
    if leaseEnds.map({ $0 > now }) ?? false { evidence.doubtedLease = nil }
    if let end = reasonToLetGo(tenure, at: now) {
      letGo(end.reason, next: end.next, at: now, &orders)
      return
    }
    guard let grounds = grounds(for: tenure, at: now) else {
      letGo(reasonWithoutGrounds(tenure), next: .standby, at: now, &orders)
      return
    }
    if isExpired(tenure, at: now), grounds.basis == .sentinels {
      evidence.spentLease = leaseEnds
      letGo(.kernelExpired, next: .standby, at: now, &orders)
      return
    }
    if let epoch = evidence.localEpoch(at: now), grounds.basis == .sentinels {
      tenure.epoch = max(tenure.epoch, epoch)
    }
    let changed = grounds.basis.name != tenure.basis.name
    tenure.basis = grounds.basis
    renewIfDue(&tenure, at: now, &orders)
    repairIfDue(&tenure, at: now, &orders)
    defendIfDue(at: now, &orders)
    watchReplicasIfNeeded(at: now, &orders)
    if changed {
      enter(.held(tenure), grounds.reason, at: now, &orders)
    } else {
      state = .held(tenure)
    }
  }

  /// Why the address must go although the grounds may still stand.
  private func reasonToLetGo(
    _ tenure: Tenure, at now: Instant
  ) -> (reason: Reason, next: FailoverState)? {
    if case .replica = evidence.localRole { return (.roleChanged, .standby) }
    if let selection = liveSelectionOfAnother(than: tenure, at: now),
      !isKeptByMove(from: selection.target, at: now)
    {
      let epoch = selection.epoch ?? tenure.epoch
      let concession = Concession(target: selection.target, epoch: epoch, since: now)
      let reason =
        selection.leader == nil
        ? Reason.askedToYield(selection.target)
        : .anotherSelected(selection.target, epoch: epoch)
      return (reason, .yielding(concession))
    }
    if case .provisional = tenure.basis, let vote = evidence.newestVote,
      vote.epoch > tenure.epoch, !evidence.isPending(vote, at: now)
    {
      return (.newerVote(epoch: vote.epoch), .standby)
    }
    if case .provisional = tenure.basis, let preparation = tenure.preparation,
      evidence.isAborted(preparation)
    {
      return (.selectionExpired, .standby)
    }
    if let reason = reasonOfNaming(tenure, at: now) { return (reason, .standby) }
    return nil
  }

  /// Whether a majority, or one Sentinel in a newer epoch, names another node.
  private func reasonOfNaming(_ tenure: Tenure, at now: Instant) -> Reason? {
    guard let claim = evidence.newestForeignClaim(at: now) else { return nil }
    if claim.epoch > tenure.epoch { return .newerEpoch(claim.named, epoch: claim.epoch) }
    // Until the promotion is known, everybody names the old master, in an older epoch.
    if case .provisional = tenure.basis, claim.epoch < tenure.epoch { return nil }
    let counts = counts
    guard let named = evidence.majorityNamed(counts, at: now), !evidence.isLocal(named.endpoint),
      !isOutweighed(tenure, at: now)
    else { return nil }
    return .anotherNamed(
      named.endpoint, epoch: claim.epoch, by: named.by, of: counts.sentinels)
  }

  /// A selection of another node to which this holder yields.
  ///
  /// One of an older epoch than the right is ignored, and so is one whose target had its time:
  /// from then on only a naming moves the address.
  private func liveSelectionOfAnother(
    than tenure: Tenure, at now: Instant
  ) -> Evidence.Selection? {
    evidence.selections.last { selection in
      guard selection.isCurrent, !evidence.isLocal(selection.target),
        now - selection.seenAt < Timing.yieldLifetime
      else { return false }
      let epoch = selection.epoch ?? .max
      // Two forced failovers can share an epoch: then neither holds before it is named.
      if case .provisional = tenure.basis { return epoch >= tenure.epoch }
      // Sentinels that came back with an old configuration also count their epochs anew.
      if evidence.dispute != nil { return true }
      return epoch > tenure.epoch
    }
  }

  /// What a holding rests on now, if on anything.
  private func grounds(
    for tenure: Tenure, at now: Instant
  ) -> (basis: Tenure.Basis, reason: Reason)? {
    let counts = counts
    if evidence.unseenElection == nil {
      if let ends = leaseEnds, ends > now {
        let by = evidence.presentConfirmations(at: now)
        return (.sentinels, .confirmed(by: by, of: counts.sentinels))
      }
      if case .provisional(let until) = tenure.basis {
        return provisionalGrounds(until: until, counts, at: now)
      }
      if let disputed = disputedGrounds(tenure, at: now) { return disputed }
      if let doubted = evidence.doubtedLease, now < min(doubted.until, doubted.ends) {
        return (tenure.basis, .clockStepped(doubted.jump))
      }
      if let blind = blindGrounds(counts, at: now) { return blind }
    } else if case .provisional(let until) = tenure.basis {
      return provisionalGrounds(until: until, counts, at: now)
    }
    if case .provisional = tenure.basis { return nil }
    return configuration.blindPolicy == .hold ? (.policy, .keptByPolicy) : nil
  }

  /// Whether a provisional holding goes on: for its time, or while a majority in contact holds
  /// the named master to be down and no other node is selected.
  func provisionalGrounds(
    until: Instant, _ counts: Evidence.Counts, at now: Instant
  ) -> (basis: Tenure.Basis, reason: Reason)? {
    if now < until { return (.provisional(until: until), .namedMasterDown) }
    let views = evidence.sentinels.compactMap {
      $0.view(within: Timing.contactWindow, at: now)
    }
    let supporting = views.allSatisfy { view in
      evidence.isLocal(view.named) || !view.flags.isDisjoint(with: .down)
    }
    guard supporting, views.count >= counts.majority else { return nil }
    return (.provisional(until: until), .namedMasterDown)
  }

  /// What carries a holder that too few Sentinels confirm while none names another.
  func blindGrounds(
    _ counts: Evidence.Counts, at now: Instant
  ) -> (basis: Tenure.Basis, reason: Reason)? {
    let refusing = evidence.sentinels.count { $0.refuses(at: now) }
    let answers =
      !evidence.localIsLost
      && evidence.localProvenAt.map { now - $0 <= Timing.localProofLifetime } == true
    if refusing >= counts.blocking, answers { return (.refusals, .sentinelsRefuse(refusing)) }
    guard configuration.blindPolicy == .replicas else { return nil }
    let replicas = knownReplicas
    guard !replicas.isEmpty, let at = evidence.acknowledgedAt,
      now - at <= Timing.acknowledgementLifetime,
      replicas.allSatisfy(evidence.acknowledging.contains)
    else { return nil }
    return (.replicas, .replicasAcknowledge(replicas.count))
  }

  /// Every replica that any Sentinel listed when last heard.
  private var knownReplicas: [Endpoint] {
    evidence.sentinels.reduce(into: []) { known, record in
      for replica in record.view?.replicas ?? []
      where !evidence.isLocal(replica.endpoint) && !known.contains(replica.endpoint) {
        known.append(replica.endpoint)
      }
    }
  }

  /// The sentence for a holding that lost its grounds.
  private func reasonWithoutGrounds(_ tenure: Tenure) -> Reason {
    if case .provisional = tenure.basis { return .neverNamed }
    if let doubted = evidence.doubtedLease { return .clockStepped(doubted.jump) }
    if let vote = evidence.unseenElection { return .voteForUnknownLeader(epoch: vote.epoch) }
    return tenure.basis == .replicas ? .replicaMissing : .leaseEnded
  }

  /// Starts or stops watching the replicas, as the policy needs it.
  private mutating func watchReplicasIfNeeded(at now: Instant, _ orders: inout [Effect]) {
    let isNeeded =
      configuration.blindPolicy == .replicas
      && evidence.contacts(at: now) < counts.confirmations
    setWatchingReplicas(isNeeded, &orders)
  }

  /// Starts or stops watching the replicas.
  mutating func setWatchingReplicas(_ isNeeded: Bool, _ orders: inout [Effect]) {
    guard isNeeded != isWatchingReplicas else { return }
    isWatchingReplicas = isNeeded
    orders.append(.watchReplicas(isNeeded))
  }
}

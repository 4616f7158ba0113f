import Addresses

// MARK: - Not holding

extension FailoverMachine {
  /// Decides while the address is not held and nothing is under way here.
  mutating func decideStandby(at now: Instant, _ orders: inout [Effect]) {
    if prepareIfSelected(at: now, &orders) { return }
    takeIfEntitled(at: now, &orders)
    if case .standby = state { sweep(at: now, &orders) }
  }

  /// Decides while this node is selected for promotion.
  mutating func decidePrepared(
    _ preparation: Preparation, at now: Instant, _ orders: inout [Effect]
  ) {
    var preparation = preparation
    if preparation.epoch == nil {
      preparation.epoch = evidence.failoverEpoch(of: preparation.leader)
      state = .prepared(preparation)
    }
    if evidence.isAborted(preparation) {
      enter(.standby, .selectionExpired, at: now, &orders)
      return
    }
    if takeFastPath(preparation, at: now, &orders) { return }
    takeIfEntitled(at: now, &orders)
    guard case .prepared = state else { return }
    if let other = selectionOfAnother(after: preparation, at: now) {
      enter(.standby, .selectionReplaced, at: now, &orders)
      raiseSelectionEpoch(other)
    } else if now - preparation.since >= Timing.preparedLifetime {
      enter(.standby, .selectionExpired, at: now, &orders)
    } else {
      askAgain(preparation, at: now, &orders)
    }
  }

  /// Decides while another node has the right of way.
  mutating func decideYielding(
    _ concession: Concession, at now: Instant, _ orders: inout [Effect]
  ) {
    if prepareIfSelected(at: now, &orders) { return }
    if let named = evidence.majorityNamed(counts, at: now)?.endpoint, !evidence.isLocal(named) {
      let epoch = evidence.newestForeignClaim(at: now)?.epoch ?? concession.epoch
      let by = evidence.namings(of: named, within: Timing.viewLifetime, at: now)
      let reason = Reason.anotherNamed(named, epoch: epoch, by: by, of: counts.sentinels)
      enter(.standby, reason, at: now, &orders)
    } else if now - concession.since >= Timing.yieldLifetime {
      enter(.standby, .selectionExpired, at: now, &orders)
    } else {
      sweep(at: now, &orders)
    }
  }

  /// A selection of another node that came after the preparation.
  private func selectionOfAnother(
    after preparation: Preparation, at now: Instant
  ) -> Evidence.Selection? {
    evidence.selections.last { selection in
      selection.isCurrent && !evidence.isLocal(selection.target)
        && selection.seenAt > preparation.since
        && (selection.epoch ?? .max) > (preparation.epoch ?? 0)
    }
  }

  /// Makes the epoch of a newer selection known, so that the fast path stays closed for older.
  private mutating func raiseSelectionEpoch(_ selection: Evidence.Selection) {
    guard let epoch = selection.epoch, (evidence.newestVote?.epoch ?? 0) < epoch else { return }
    evidence.keep(Evidence.Vote(leader: "", epoch: epoch, heardAt: selection.seenAt))
  }
}

// MARK: - The fast path

extension FailoverMachine {
  /// Prepares for the flip if a Sentinel's own answer shows this node as selected.
  private mutating func prepareIfSelected(at now: Instant, _ orders: inout [Effect]) -> Bool {
    guard pause == nil, let local = evidence.localInstances.first,
      let place = evidence.selections.lastIndex(where: {
        $0.isCurrent && !$0.isUsed && evidence.isLocal($0.target)
          && now - $0.seenAt < Timing.preparedLifetime
      }),
      let leader = evidence.selections[place].leader
    else { return false }
    let selection = evidence.selections[place]
    if let vote = evidence.newestVote, let epoch = selection.epoch, vote.epoch > epoch {
      return false
    }
    evidence.selections[place].isUsed = true
    let preparation = Preparation(
      leader: leader, epoch: selection.epoch, oldMaster: selection.oldMaster,
      since: selection.seenAt, nonce: UInt64(bitPattern: now.nanoseconds) | 1, askedAt: now)
    enter(.prepared(preparation), .selected(epoch: selection.epoch ?? 0), at: now, &orders)
    startProbe(at: now, &orders)
    ask(preparation, from: local, &orders)
    orders += [.pollSentinels, .readLocalRole]
    return true
  }

  /// Asks for the yield notice of the old holder.
  private func ask(_ preparation: Preparation, from local: Endpoint, _ orders: inout [Effect]) {
    let question = Notice.selected(
      from: local, epoch: preparation.epoch ?? 0, nonce: preparation.nonce)
    orders.append(.publish(question, also: preparation.oldMaster))
  }

  /// Asks again while there is no answer: the promotion kills every connection of this node's
  /// Redis, and with them a notice that was on its way.
  private mutating func askAgain(
    _ preparation: Preparation, at now: Instant, _ orders: inout [Effect]
  ) {
    guard now - preparation.askedAt >= Timing.questionInterval, !isGone(preparation, at: now),
      let local = evidence.localInstances.first
    else { return }
    var preparation = preparation
    preparation.askedAt = now
    state = .prepared(preparation)
    ask(preparation, from: local, &orders)
  }

  /// Takes the address at the flip, before any Sentinel knows of it, if all conditions hold.
  ///
  /// - Returns: Whether it was taken.
  private mutating func takeFastPath(
    _ preparation: Preparation, at now: Instant, _ orders: inout [Effect]
  ) -> Bool {
    guard pause == nil, evidence.localRole == .master, let flip = evidence.flip, !flip.isUsed,
      flip.at >= preparation.since, now - flip.at <= Timing.flipLifetime,
      now - preparation.since < Timing.preparedLifetime,
      let epoch = preparation.epoch, (evidence.newestVote?.epoch ?? 0) <= epoch
    else { return false }
    let counts = counts
    // Asked since the selection: an older answer may be from before a cut.
    guard evidence.contacts(since: preparation.since, at: now) >= counts.majority,
      !evidence.isAnotherSelected(from: epoch), isGone(preparation, at: now),
      isUnclaimed(at: now, &orders)
    else { return false }
    evidence.flip?.isUsed = true
    let until = now + Timing.provisionalLifetime
    take(
      .provisional(until: until), after: preparation, epoch: epoch,
      .promotedWhilePrepared(epoch: epoch),
      at: now, &orders)
    return true
  }

  /// Whether the holder before is known to be gone, while this node is selected.
  func isOldHolderGone(at now: Instant) -> Bool {
    if case .prepared(let preparation) = state { isGone(preparation, at: now) } else { false }
  }

  /// Whether the old holder is known to be gone: by its own notice, or because so many Sentinels
  /// hold it down that no majority is left to confirm it.
  private func isGone(_ preparation: Preparation, at now: Instant) -> Bool {
    guard let old = preparation.oldMaster else { return false }
    let yielded = evidence.notices.contains { notice in
      notice.from == old && notice.heardAt >= preparation.since
        && (notice.nonce == preparation.nonce || notice.epoch == preparation.epoch)
    }
    if yielded { return true }
    return evidence.sentinels.count { $0.holdsDown(old, at: now) } >= counts.blocking
  }
}

// MARK: - The normal path, the retake and the cold start

extension FailoverMachine {
  /// Takes the address if a majority names and enough Sentinels confirm this node.
  private mutating func takeIfEntitled(at now: Instant, _ orders: inout [Effect]) {
    guard pause == nil, evidence.localRole == .master, let ends = leaseEnds, ends > now,
      evidence.spentLease.map({ ends > $0 }) ?? true,
      let epoch = evidence.localEpoch(at: now)
    else { return }
    let counts = counts
    let by = evidence.localNamings(within: Timing.viewLifetime, at: now)
    guard by >= counts.majority, let title = title(epoch: epoch, by: by, counts, at: now)
    else {
      fence.entitledSince = nil
      return
    }
    fence.entitledSince = fence.entitledSince ?? now
    if !isCertain(title), !isUnclaimed(at: now, &orders) { return }
    var right = epoch
    if case .settled = title, let claim = evidence.newestForeignClaim(at: now) {
      // A lone contradiction that lasted through the settling is accounted for.
      right = max(right, claim.epoch)
      raise(.sentinelContradicts(claim.by, claim.named, epoch: claim.epoch), &orders)
    }
    evidence.unseenElection = nil
    take(.sentinels, epoch: right, title, at: now, &orders)
  }

  /// Why this node may take now, if it may.
  private func title(
    epoch: UInt64, by: Int, _ counts: Evidence.Counts, at now: Instant
  ) -> Reason? {
    guard let lease = evidence.longestLease else { return nil }
    if let since = evidence.settlingSince, now - since >= settlingTime(lease) {
      return .settled(now - since)
    }
    if evidence.unseenElection != nil { return nil }
    if let claim = evidence.newestForeignClaim(at: now), claim.epoch > epoch { return nil }
    // The target of a newer selection may hold on it, also if its leader gave up since.
    if evidence.wasAnotherSelected(above: epoch, at: now) { return nil }
    // Whoever holds without a lease holds until he is told; waiting would not make him let go.
    if !configuration.waitsForLeases {
      return .namedByMajority(epoch: epoch, by: by, of: counts.sentinels)
    }
    if let since = evidence.unanimousSince, now - since >= Timing.unanimousSettling,
      evidence.proof?.configEpoch == epoch
    {
      return .unanimous(of: counts.sentinels)
    }
    if let age = proofAge(epoch: epoch, at: now) { return .provenRecently(age: age) }
    guard let before = evidence.previouslyNamed, !evidence.isLocal(before),
      let since = evidence.namedSince, evidence.namedByMajority.map(evidence.isLocal) == true
    else { return nil }
    if now - since >= lease || hasLeft(before, at: now) {
      return .namedByMajority(epoch: epoch, by: by, of: counts.sentinels)
    }
    return nil
  }

  /// For how long a naming must last before a retake or a cold start.
  func settlingTime(_ lease: Duration) -> Duration { max(lease, Timing.leastSettling) }

  /// The age of the last proof, if it is so young that nobody can have been elected since.
  private func proofAge(epoch: UInt64, at now: Instant) -> Duration? {
    guard let proof = evidence.proof, let downAfter = evidence.leastDownAfter,
      proof.configEpoch == epoch
    else { return nil }
    let age = now - proof.provenAt
    guard age < downAfter - Timing.proofMargin,
      evidence.newestVote.map({ $0.heardAt < proof.provenAt }) ?? true,
      evidence.selections.allSatisfy({ $0.seenAt < proof.provenAt }),
      evidence.failoverUnderWay(at: now) == nil
    else { return nil }
    return age
  }

  /// Whether the node that was named before is known not to hold any more.
  private func hasLeft(_ before: Endpoint, at now: Instant) -> Bool {
    if let down = evidence.provenDown, down.endpoint == before,
      now - down.at <= Timing.evidenceLifetime
    {
      return true
    }
    return evidence.notices.contains {
      $0.from == before && now - $0.heardAt <= Timing.yieldLifetime
    }
  }

  /// Whether nobody else can have the address, so that none need be probed.
  ///
  /// It was here so recently that nobody can have been elected, or it is here still.
  private func isCertain(_ title: Reason) -> Bool {
    if case .provenRecently = title { return true }
    // What another program left here may be elsewhere as well.
    return kernel.isPresent.allSatisfy { $0 } && kernel.removalOrderedAt == nil
      && kernel.strangersSince == nil
  }
}

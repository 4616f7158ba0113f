import Addresses

// MARK: - Sentinels

extension Evidence {
  /// The place of a Sentinel's record, which is made if there is none.
  ///
  /// Nothing if there are as many as the machine follows.
  mutating func place(of id: SentinelID) -> Int? {
    if let place = sentinels.firstIndex(where: { $0.id == id }) { return place }
    guard sentinels.count < Timing.mostSentinels else { return nil }
    let place = sentinels.firstIndex { $0.id > id } ?? sentinels.count
    sentinels.insert(SentinelRecord(id: id), at: place)
    return place
  }

  /// Records that a connection stands.
  ///
  /// What was asked before counts no more: the process behind it may be another.
  mutating func recordConnection(_ id: SentinelID, runID: String, at now: Instant) {
    guard let place = place(of: id) else { return }
    let refusedAt = sentinels[place].refusedAt
    sentinels[place] = SentinelRecord(id: id)
    sentinels[place].refusedAt = refusedAt
    sentinels[place].runID = runID
    sentinels[place].isConnected = true
    sentinels[place].connectedAt = now
  }

  /// Records that a connection was lost or refused.
  ///
  /// What the Sentinel confirmed stays confirmed until its time: a proof does not age faster
  /// because its witness left.
  mutating func recordLoss(_ id: SentinelID, _ loss: ConnectionLoss, at now: Instant) {
    guard let place = place(of: id) else { return }
    sentinels[place].isConnected = false
    sentinels[place].loss = loss
    if loss == .refused { sentinels[place].refusedAt = now }
    endSelections(by: id)
  }

  /// Records an answer, unless it is older than what is known or its question is void.
  ///
  /// - Returns: Whether it was taken.
  mutating func recordView(
    _ view: SentinelView, from id: SentinelID, sentAt: Instant, at now: Instant
  ) -> Bool {
    guard let place = place(of: id), sentinels[place].isConnected, sentAt >= barrier,
      sentAt <= now, sentinels[place].connectedAt.map({ $0 <= sentAt }) ?? false,
      sentinels[place].provenAt.map({ $0 <= sentAt }) ?? true
    else { return false }
    sentinels[place].view = view
    sentinels[place].provenAt = sentAt
    sentinels[place].lacksMaster = false
    let pong = confirmedPong(of: view, sentAt: sentAt)
    // The answer proves the pong to be at least so young; an earlier answer may have shown more.
    sentinels[place].pongAt = pong.map { max($0, sentinels[place].pongAt ?? $0) }
    if view.otherSentinels < Timing.mostSentinels {
      mostSentinels = max(mostSentinels, view.otherSentinels + 1)
    }
    recordSelection(of: view, leader: id, at: now)
    return true
  }

  /// Records that a Sentinel does not know the master name.
  ///
  /// - Returns: Whether that is news.
  mutating func recordLackOfMaster(_ id: SentinelID) -> Bool {
    guard let place = place(of: id), sentinels[place].isConnected else { return false }
    let isNews = !sentinels[place].lacksMaster
    sentinels[place].lacksMaster = true
    sentinels[place].view = nil
    sentinels[place].pongAt = nil
    endSelections(by: id)
    return isNews
  }

  /// Voids every question that was asked before now.
  ///
  /// If time passed that the boot clock did not count, as in a virtual machine that was stopped
  /// and then told the time, what was proven is older by as much.
  mutating func recordDisturbance(_ disturbance: Disturbance, at now: Instant) {
    barrier = now
    unsettle()
    guard case .clockJump(let jump) = disturbance, jump > .zero else { return }
    for place in sentinels.indices {
      sentinels[place].pongAt = sentinels[place].pongAt.map { $0 - jump }
    }
    proof = proof.map { LeaseProof(provenAt: $0.provenAt - jump, configEpoch: $0.configEpoch) }
  }
}

// MARK: - Votes and selections

extension Evidence {
  /// Records a vote, and whether its leader is out of contact.
  mutating func recordVote(
    _ vote: Vote, by id: SentinelID, counts: Counts, at now: Instant
  ) {
    recordEpoch(vote.epoch, by: id)
    if newestVote.map({ $0.epoch < vote.epoch }) ?? true { newestVote = vote }
    let leader = sentinels.first { $0.runID == vote.leader }
    // The leader's own events and answers show what it does, as long as it answers.
    if leader?.view(within: Timing.viewLifetime, at: now) == nil, !isAccounted(vote, at: now) {
      unseenElection = vote
    }
  }

  /// Records the newest epoch heard from a Sentinel.
  mutating func recordEpoch(_ epoch: UInt64, by id: SentinelID) {
    guard let place = place(of: id) else { return }
    sentinels[place].newestEpoch = max(epoch, sentinels[place].newestEpoch ?? epoch)
  }

  /// Whether the outcome of an election is known.
  ///
  /// Its epoch, or a newer one, is some Sentinel's config epoch; or its leader is in contact and
  /// shows no failover before the promotion.
  func isAccounted(_ vote: Vote, at now: Instant) -> Bool {
    sentinels.contains { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now) else { return false }
      if view.configEpoch >= vote.epoch { return true }
      guard record.runID == vote.leader, let provenAt = record.provenAt else { return false }
      return provenAt > vote.heardAt && view.failoverState?.isBeforePromotion != true
    }
  }

  /// Forgets an election out of sight once its outcome is known.
  mutating func accountForElections(at now: Instant) {
    if let vote = unseenElection, isAccounted(vote, at: now) { unseenElection = nil }
    for place in selections.indices where selections[place].leader == nil {
      if now - selections[place].seenAt >= Timing.yieldLifetime {
        selections[place].isCurrent = false
      }
    }
  }

  /// The epoch of the failover that a Sentinel leads, if it was heard.
  func failoverEpoch(of leader: SentinelID) -> UInt64? {
    guard let record = sentinels.first(where: { $0.id == leader }) else { return nil }
    var epoch = record.newestEpoch
    if let vote = newestVote, vote.leader == record.runID { epoch = max(vote.epoch, epoch ?? 0) }
    guard let epoch, let view = record.view, epoch > view.configEpoch else { return nil }
    return epoch
  }

  /// Records the replica that a leader's answer shows as selected, or that none is any more.
  private mutating func recordSelection(
    of view: SentinelView, leader: SentinelID, at now: Instant
  ) {
    guard view.failoverState?.hasSelection == true,
      let target = view.replicas.first(where: { $0.flags.contains(.promoted) })?.endpoint
    else {
      endSelections(by: leader)
      return
    }
    let epoch = failoverEpoch(of: leader)
    if let known = selections.lastIndex(where: {
      $0.leader == leader && $0.target == target && $0.isCurrent
        && ($0.epoch == nil || epoch == nil || $0.epoch == epoch)
    }) {
      selections[known].epoch = selections[known].epoch ?? epoch
      return
    }
    endSelections(by: leader)
    keep(
      Selection(
        leader: leader, target: target, oldMaster: view.master, epoch: epoch, seenAt: now))
  }

  /// Records that a node says of itself that it is selected.
  mutating func recordClaimedSelection(_ target: Endpoint, epoch: UInt64?, at now: Instant) {
    let known = selections.contains {
      $0.target == target && ($0.epoch == epoch || epoch == nil && $0.isCurrent)
    }
    if !known {
      keep(Selection(leader: nil, target: target, oldMaster: nil, epoch: epoch, seenAt: now))
    }
  }

  private mutating func keep(_ selection: Selection) {
    selections.append(selection)
    if selections.count > Self.mostSelections { selections.removeFirst() }
  }

  /// Whether the leader of a failover gave it up: it was asked after the selection, runs none,
  /// and does not name this node.
  func isAborted(_ preparation: Preparation) -> Bool {
    guard let leader = sentinels.first(where: { $0.id == preparation.leader }),
      let view = leader.view, let provenAt = leader.provenAt, provenAt > preparation.since
    else { return false }
    let isIdle = view.failoverState == nil || view.failoverState == SentinelView.FailoverState.none
    return isIdle && !isLocal(view.named)
  }

  /// Marks a leader's selection as over.
  private mutating func endSelections(by leader: SentinelID) {
    for place in selections.indices where selections[place].leader == leader {
      selections[place].isCurrent = false
    }
  }

  /// Records a question for a yield notice; a node's newer one replaces its older.
  mutating func recordQuestion(from: Endpoint, nonce: UInt64) {
    questions.removeAll { $0.from == from }
    questions.append(Question(from: from, nonce: nonce))
    if questions.count > Self.mostNotices { questions.removeFirst() }
  }

  /// Records a yield notice.
  mutating func recordNotice(_ notice: YieldNotice) {
    notices.append(notice)
    if notices.count > Self.mostNotices { notices.removeFirst() }
  }
}

// MARK: - The local instance

extension Evidence {
  /// Records the local role.
  ///
  /// - Returns: Whether a replica was just seen to have become master.
  mutating func recordRole(_ role: LocalRole, sentAt: Instant, at now: Instant) -> Bool {
    guard sentAt >= barrier, localProvenAt.map({ $0 <= sentAt }) ?? true else { return false }
    var isFlip = false
    if case .replica = localRole, role == .master {
      flip = Flip(at: now)
      isFlip = true
    }
    localRole = role
    localProvenAt = sentAt
    localIsLost = false
    return isFlip
  }

  /// Brings up to date whom a majority names, and who is proven to be down.
  mutating func updateNaming(_ counts: Counts, at now: Instant) {
    if let named = majorityNamed(counts, at: now)?.endpoint, named != namedByMajority {
      if let before = namedByMajority, !(isLocal(before) && isLocal(named)) {
        previouslyNamed = before
      }
      namedByMajority = named
      namedSince = now
    }
    let suspects = [namedByMajority, previouslyNamed, selections.last?.oldMaster]
    for case let suspect? in suspects where !isLocal(suspect) {
      if sentinels.count(where: { $0.holdsDown(suspect, at: now) }) >= counts.blocking {
        provenDown = ProvenDown(endpoint: suspect, at: now)
        return
      }
    }
  }

  /// Brings up to date since when the conditions of a retake hold.
  ///
  /// A majority confirms this node, fewer than a quorum hold it down, and no failover is under
  /// way before the promotion, unless it hangs for longer than its target stays prepared.
  mutating func updateSettling(_ counts: Counts, at now: Instant) {
    let holds =
      presentConfirmations(at: now) >= counts.majority
      && localDownCount(at: now) < counts.quorum && failoverUnderWay(at: now) == nil
      && !isAnotherSelected(at: now)
    if let asOf = settledAsOf, now - asOf > Timing.viewLifetime { unsettle() }
    guard holds else {
      unsettle()
      return
    }
    settlingSince = settlingSince ?? now
    settledAsOf = now
    unanimousSince = isUnanimous(counts, at: now) ? unanimousSince ?? now : nil
  }

  /// Lets a retake wait anew from now.
  mutating func unsettle() {
    settlingSince = nil
    settledAsOf = nil
    unanimousSince = nil
  }

  /// Whether every Sentinel is in contact, confirms this node, and runs no failover.
  ///
  /// No leader can then be between a selection and a naming: it would be one of them.
  private func isUnanimous(_ counts: Counts, at now: Instant) -> Bool {
    let agreeing = sentinels.count { record in
      guard record.pongAt != nil, let view = record.view(within: Timing.contactWindow, at: now)
      else { return false }
      return isLocal(view.master) && view.failoverState == nil
        && !view.replicas.contains { $0.flags.contains(.promoted) }
    }
    return agreeing == counts.sentinels
  }

  /// Whether another node has the right of way by a selection that still stands.
  func isAnotherSelected(above epoch: UInt64 = 0, at now: Instant) -> Bool {
    selections.contains {
      $0.isCurrent && !isLocal($0.target) && now - $0.seenAt < Timing.yieldLifetime
        && ($0.epoch ?? .max) > epoch
    }
  }

  /// Whether another node was selected in a newer epoch so recently that it may hold on that.
  func wasAnotherSelected(above epoch: UInt64, at now: Instant) -> Bool {
    selections.contains {
      !isLocal($0.target) && ($0.epoch ?? .max) > epoch
        && now - $0.seenAt < Timing.preparedLifetime + Timing.leastSettling
    }
  }

  /// Whether another node is selected in an epoch or a newer one.
  func isAnotherSelected(from epoch: UInt64) -> Bool {
    selections.contains {
      $0.isCurrent && !isLocal($0.target) && ($0.epoch ?? .max) >= epoch
    }
  }

  /// How many Sentinels hold the local instance to be down.
  func localDownCount(at now: Instant) -> Int {
    sentinels.count { record in localInstances.contains { record.holdsDown($0, at: now) } }
  }

  /// A Sentinel in contact that runs a failover whose promotion may still come.
  func failoverUnderWay(at now: Instant) -> SentinelID? {
    sentinels.first { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        view.failoverState?.isBeforePromotion == true
      else { return false }
      let hanging = selections.last { $0.leader == record.id && $0.isCurrent }
      return hanging.map { now - $0.seenAt < Timing.yieldLifetime } ?? true
    }?.id
  }
}

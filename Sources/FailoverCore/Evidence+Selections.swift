import Addresses

// MARK: - Votes and selections

extension Evidence {
  /// Records a vote, and whether its leader is out of contact.
  mutating func recordVote(
    _ vote: Vote, at now: Instant
  ) {
    keep(vote)
    if let place = sentinels.firstIndex(where: { $0.runID == vote.leader }) {
      sentinels[place].ledEpoch = max(vote.epoch, sentinels[place].ledEpoch ?? vote.epoch)
    }
    let leader = sentinels.first { $0.runID == vote.leader }
    // The leader's own events and answers show what it does, as long as it answers.
    if leader?.view(within: Timing.viewLifetime, at: now) == nil, !isAccounted(vote, at: now) {
      unseenElection = vote
    }
  }

  /// The vote in the newest epoch; nothing if none may be of this group.
  var newestVote: Vote? { votes.last }

  /// Keeps a vote; of two in one epoch the first, which is the one that its Sentinel stands by.
  mutating func keep(_ vote: Vote) {
    guard !votes.contains(where: { $0.epoch == vote.epoch && $0.leader == vote.leader }) else {
      return
    }
    let place = votes.firstIndex { $0.epoch > vote.epoch } ?? votes.count
    votes.insert(vote, at: place)
    if votes.count > Self.mostVotes { votes.removeFirst() }
  }

  /// Forgets the votes for a leader that was asked after them and runs no failover of this group.
  ///
  /// A vote names no master: it was for another group's failover, or for one that its leader gave
  /// up. A leader shows its failover from before the first vote until its end
  /// (`sentinel.c sentinelStartFailover`).
  mutating func forgetVotes(for leader: SentinelRecord, sentAt: Instant) {
    guard let runID = leader.runID, let view = leader.view, view.failoverState == nil,
      view.flags.isDisjoint(with: [.failoverInProgress, .forceFailover])
    else { return }
    votes.removeAll { $0.leader == runID && $0.heardAt < sentAt }
  }

  /// Whether it is about to be known if a vote is of this group: its leader is in contact and was
  /// not asked since.
  func isPending(_ vote: Vote, at now: Instant) -> Bool {
    guard now - vote.heardAt < Timing.voteGrace,
      let leader = sentinels.first(where: { $0.runID == vote.leader }),
      leader.view(within: Timing.contactWindow, at: now) != nil, let provenAt = leader.provenAt
    else { return false }
    return provenAt <= vote.heardAt
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
  ///
  /// It is the one in which somebody voted for it: the newest epoch that it speaks of may be that
  /// of a vote for another, cast while its own failover goes on.
  func failoverEpoch(of leader: SentinelID) -> UInt64? {
    guard let record = sentinels.first(where: { $0.id == leader }) else { return nil }
    guard let epoch = record.ledEpoch, let view = record.view, epoch > view.configEpoch else {
      return nil
    }
    return epoch
  }

  /// Records the replica that a leader's answer shows as selected, or that none is any more.
  mutating func recordSelection(
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
  mutating func endSelections(by leader: SentinelID) {
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

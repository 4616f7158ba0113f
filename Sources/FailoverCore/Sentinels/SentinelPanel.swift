import Addresses

/// The Sentinels of a group: who they are, whom they name, and how long they confirm this node.
struct SentinelPanel: Equatable, Sendable {
  /// What is known of each, in the order of their endpoints.
  private(set) var records: [SentinelRecord] = []
  /// Which of them count, beyond those in contact.
  private(set) var roster = SentinelRoster()
  /// What was voted and selected.
  private(set) var elections = Elections()
  /// Whom a majority names, and named.
  private(set) var naming = NamingHistory()
  /// Since when the conditions of a retake hold.
  private(set) var settling = Settling()
  /// The endpoints under which they may name the local instance; the first is the one whose role
  /// is told.
  private(set) var localInstances: [Endpoint] = []
  /// How many different Sentinels the configuration names, as far as is known.
  private(set) var configured: Int

  /// Makes a panel of which nothing is known but how many Sentinels the file lists.
  init(configured: Int) { self.configured = configured }
}

// MARK: - Counting as Sentinel counts

extension SentinelPanel {
  /// N, m, q and k.
  ///
  /// N is the greatest number of Sentinels configured, reported or remembered: one after RESET
  /// reports itself alone, and must never be a majority of itself. What makes it smaller stands in
  /// `SentinelRoster`.
  var counts: SentinelCounts {
    SentinelCounts(
      sentinels: max(1, configured, roster.highWater, records.count { roster.counts($0) }),
      quorum: records.compactMap { $0.view?.quorum }.min())
  }

  /// The views of Sentinels in contact that were asked for at most `age` ago.
  func views(
    within age: Duration = Timing.viewLifetime, at now: Instant
  ) -> some Collection<SentinelView> {
    records.lazy.compactMap { $0.view(within: age, at: now) }
  }

  /// The record of a Sentinel, if it is followed.
  func record(of id: SentinelID) -> SentinelRecord? { records.first { $0.id == id } }

  /// How many Sentinels answered a poll that was sent within the contact window, and not before
  /// an instant.
  func contacts(since start: Instant = Instant(nanoseconds: .min), at now: Instant) -> Int {
    records.count { record in
      record.view(within: Timing.contactWindow, at: now) != nil
        && record.provenAt.map { $0 >= start } ?? false
    }
  }
}

// MARK: - Naming

extension SentinelPanel {
  /// Whether an endpoint is the local instance.
  func isLocal(_ endpoint: Endpoint) -> Bool { localInstances.contains(endpoint) }

  /// Whether an endpoint is known and the local instance.
  func isLocal(_ endpoint: Endpoint?) -> Bool { endpoint.map { isLocal($0) } ?? false }

  /// How many Sentinels name an endpoint.
  func namings(of endpoint: Endpoint, at now: Instant) -> Int {
    views(at: now).count { $0.named == endpoint }
  }

  /// How many Sentinels name the local instance.
  func localNamings(at now: Instant) -> Int { views(at: now).count { isLocal($0.named) } }

  /// The greatest config epoch at which the local instance is named; nil if it is not.
  func localEpoch(at now: Instant) -> UInt64? {
    records.lazy.compactMap { record in
      let view = record.view(within: Timing.viewLifetime, at: now)
      return isLocal(view?.named) ? view.map(record.epoch) : nil
    }.max()
  }

  /// The claim with the greatest config epoch for another node than the local instance.
  func newestForeignClaim(at now: Instant) -> (by: SentinelID, named: Endpoint, epoch: UInt64)? {
    var newest: (by: SentinelID, named: Endpoint, epoch: UInt64)?
    for record in records {
      guard let view = record.view(within: Timing.viewLifetime, at: now), !isLocal(view.named)
      else { continue }
      if newest.map({ $0.epoch < view.configEpoch }) ?? true {
        newest = (record.id, view.named, view.configEpoch)
      }
    }
    return newest
  }

  /// The node that a majority names now, if one does.
  func majorityNamed(at now: Instant) -> (endpoint: Endpoint, by: Int)? {
    let majority = counts.majority
    for view in views(at: now) {
      let by = namings(of: view.named, at: now)
      if by >= majority { return (view.named, by) }
    }
    return nil
  }

  /// Another node that a majority names now, if one does.
  func foreignMajorityNamed(at now: Instant) -> Endpoint? {
    guard let named = majorityNamed(at: now)?.endpoint, !isLocal(named) else { return nil }
    return named
  }

  /// Every replica that any Sentinel listed when last heard, but the local instance; in the order
  /// of the Sentinels.
  var listedReplicas: [Endpoint] {
    records.reduce(into: []) { listed, record in
      for replica in record.view?.replicas ?? []
      where !isLocal(replica.endpoint) && !listed.contains(replica.endpoint) {
        listed.append(replica.endpoint)
      }
    }
  }

  /// Whether any Sentinel names a node or lists it as a replica.
  func knows(_ node: Endpoint) -> Bool {
    records.contains { record in
      guard let view = record.view else { return false }
      return view.named == node || view.replicas.contains { $0.endpoint == node }
    }
  }
}

// MARK: - The lease

extension SentinelPanel {
  /// L: the longest lease that another node may have had by what the Sentinels report.
  ///
  /// Nil if none reported.
  var maxLease: Duration? {
    records.compactMap { $0.view?.downAfter }
      .map { Timing.lease(downAfter: $0, limit: nil) }.max()
  }

  /// The least `down-after-milliseconds` that any Sentinel reports.
  var minDownAfter: Duration? { records.compactMap { $0.view?.downAfter }.min() }

  /// When the lease by confirmations ends: the k-th latest end that one Sentinel confirms; nil if
  /// too few confirm.
  func leaseEnd(limit: Duration?) -> Instant? {
    let ends = records.compactMap { $0.confirmsUntil(limit: limit) }.sorted(by: >)
    let needed = counts.confirmations
    return ends.count >= needed ? ends[needed - 1] : nil
  }

  /// How many Sentinels in contact confirm the local instance in their present view.
  func presentConfirmations(at now: Instant) -> Int {
    records.count { $0.pongAt != nil && $0.view(within: Timing.viewLifetime, at: now) != nil }
  }

  /// How many Sentinels mark the local instance down.
  func localDownCount(at now: Instant) -> Int {
    records.count { record in localInstances.contains { record.holdsDown($0, at: now) } }
  }

  /// Whether so many Sentinels hold a node down that no majority is left to confirm it.
  func isBlocked(_ node: Endpoint, at now: Instant) -> Bool {
    records.count { $0.holdsDown(node, at: now) } >= counts.blocking
  }

  /// How many Sentinels refuse connections: their hosts answer, their processes are gone.
  func refusals(at now: Instant) -> Int { records.count { $0.refuses(at: now) } }
}

// MARK: - Elections and failovers

extension SentinelPanel {
  /// Whether it is about to be known if a vote is of this group: its leader is in contact and was
  /// not asked since.
  func isPending(_ vote: Elections.Vote, at now: Instant) -> Bool {
    guard now - vote.heardAt < Timing.voteGrace,
      let leader = records.first(where: { $0.runID == vote.leader }),
      leader.view(within: Timing.contactWindow, at: now) != nil, let provenAt = leader.provenAt
    else { return false }
    return provenAt <= vote.heardAt
  }

  /// Whether the outcome of an election is known.
  ///
  /// Its epoch, or a newer one, is some Sentinel's config epoch; or its leader is in contact and
  /// shows no failover before the promotion.
  func isAccounted(_ vote: Elections.Vote, at now: Instant) -> Bool {
    records.contains { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now) else { return false }
      if view.configEpoch >= vote.epoch { return true }
      guard record.runID == vote.leader, let provenAt = record.provenAt else { return false }
      return provenAt > vote.heardAt && view.failoverState?.isBeforePromotion != true
    }
  }

  /// The epoch of the failover that a Sentinel leads, if it was heard.
  ///
  /// It is the one in which a Sentinel voted for it: the newest epoch that it speaks of may be that
  /// of a vote for another, cast while its own failover goes on.
  func failoverEpoch(of leader: SentinelID) -> UInt64? {
    guard let record = record(of: leader), let epoch = record.ledEpoch, let view = record.view,
      epoch > view.configEpoch
    else { return nil }
    return epoch
  }

  /// Whether the leader of a failover gave it up: it was asked after the selection, runs none,
  /// and does not name this node.
  func isAborted(_ preparation: Preparation) -> Bool {
    guard let leader = record(of: preparation.leader), let view = leader.view,
      let provenAt = leader.provenAt, provenAt > preparation.since
    else { return false }
    let isIdle = view.failoverState == nil || view.failoverState == SentinelView.FailoverState.none
    return isIdle && !isLocal(view.named)
  }

  /// Whether another node has the right of way by a selection that still stands.
  func isAnotherSelected(at now: Instant) -> Bool {
    elections.selections.contains {
      $0.isCurrent && !isLocal($0.target) && now - $0.seenAt < Timing.yieldLifetime
    }
  }

  /// Whether another node was selected in a newer epoch so recently that it may hold on that.
  func wasAnotherSelected(above epoch: UInt64, at now: Instant) -> Bool {
    elections.selections.contains {
      !isLocal($0.target) && ($0.epoch ?? .max) > epoch
        && now - $0.seenAt < Timing.preparedLifetime + Timing.minSettling
    }
  }

  /// Whether another node is selected in an epoch or a newer one.
  func isAnotherSelected(from epoch: UInt64) -> Bool {
    elections.selections.contains {
      $0.isCurrent && !isLocal($0.target) && ($0.epoch ?? .max) >= epoch
    }
  }

  /// A Sentinel in contact that runs a failover whose promotion may still come.
  func failoverUnderWay(at now: Instant) -> SentinelID? {
    records.first { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        view.failoverState?.isBeforePromotion == true
      else { return false }
      let hanging = elections.selections.last { $0.leader == record.id && $0.isCurrent }
      return hanging.map { now - $0.seenAt < Timing.yieldLifetime } ?? true
    }?.id
  }

  /// Whether a Sentinel in contact runs a failover or was told to, also one in TILT.
  func isFailoverPending(at now: Instant) -> Bool {
    views(at: now).contains { $0.isFailoverPending }
  }

  /// Whether every Sentinel, asked since this node became a master, names another and runs no
  /// failover: then it was not Sentinel that promoted it, but a restart without its file, or a hand.
  ///
  /// One that is not in contact may be the leader. A leader shows its failover until it names the
  /// promoted node (`sentinel.c sentinelFailoverSwitchToPromotedSlave`).
  func isPromotionDenied(since start: Instant, at now: Instant) -> Bool {
    let denying = records.count { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        let provenAt = record.provenAt, provenAt > start
      else { return false }
      return !isLocal(view.named) && view.failoverState == nil
        && view.flags.isDisjoint(with: [.failoverInProgress, .forceFailover])
    }
    return denying >= counts.sentinels
  }

  /// Two masters that are named at one config epoch, if there are.
  func equalEpochs(at now: Instant) -> (masters: [Endpoint], epoch: UInt64)? {
    let views = Array(views(at: now))
    for (index, view) in views.enumerated() where view.configEpoch > 0 {
      let other = views[..<index].first {
        $0.configEpoch == view.configEpoch && $0.named != view.named
      }
      if let other { return ([other.named, view.named].sorted(), view.configEpoch) }
    }
    return nil
  }
}

// MARK: - Who is followed

extension SentinelPanel {
  /// The index of a Sentinel's record, which is made if there is none.
  ///
  /// Nil if there are as many as the machine follows.
  private mutating func index(of id: SentinelID) -> Int? {
    if let index = records.firstIndex(where: { $0.id == id }) { return index }
    guard records.count < Timing.maxSentinels else { return nil }
    let index = records.firstIndex { $0.id > id } ?? records.count
    records.insert(SentinelRecord(id: id), at: index)
    return index
  }

  /// Takes in what an earlier daemon kept.
  mutating func restore(count: Int, known: [KnownSentinel]) {
    roster.restore(count: count, known: known)
  }

  /// Takes in how many different Sentinels the configuration names: two lines may be one process.
  mutating func recordConfigured(_ count: Int) { configured = count }

  /// Records that a connection stands.
  ///
  /// What was asked before counts no more, and whom it named must be asked anew. What it confirmed
  /// stays confirmed: even a process that was started anew waits for `down-after` first.
  mutating func recordConnection(_ id: SentinelID, runID: String, at now: Instant) {
    guard let index = index(of: id) else { return }
    records[index].connect(runID: runID, at: now)
    roster.met(records[index])
    elections.endSelections(by: id)
  }

  /// Records that a connection was lost or refused.
  ///
  /// What the Sentinel confirmed stays confirmed until its time: a proof does not age faster
  /// because its witness left.
  mutating func recordLoss(_ id: SentinelID, _ loss: ConnectionLoss, at now: Instant) {
    guard let index = index(of: id) else { return }
    if records[index].isConnected { roster.unsettle() }
    records[index].disconnect(loss, at: now)
    elections.endSelections(by: id)
  }

  /// Follows a Sentinel no longer.
  mutating func remove(_ id: SentinelID) { records.removeAll { $0.id == id } }

  /// Takes the operator's word that a Sentinel is gone.
  mutating func forget(runID: String) { _ = roster.forget(runID, among: records) }

  /// Leaves out Sentinels that are gone by the word of all others.
  mutating func settleRoster(at now: Instant) {
    _ = roster.settle(records, configured: configured, at: now)
  }

  /// Changes which endpoints are the local instance; what was concluded from others is void.
  mutating func follow(local endpoints: [Endpoint]) {
    localInstances = endpoints
    settling.restart()
    for index in records.indices {
      let record = records[index]
      records[index].pongAt = record.provenAt.flatMap { sentAt in
        record.view.flatMap { $0.confirmedPong(of: endpoints, sentAt: sentAt) }
      }
    }
  }
}

// MARK: - What they say

extension SentinelPanel {
  /// Records an answer, unless it is older than what is known.
  mutating func recordView(
    _ view: SentinelView, from id: SentinelID, sentAt: Instant, at now: Instant
  ) {
    guard let index = index(of: id), records[index].accepts(sentAt: sentAt, at: now) else { return }
    let pong = view.confirmedPong(of: localInstances, sentAt: sentAt)
    let leavesOpen = view.leavesOpen(localInstances)
    records[index].take(view, pong: pong, leavesOpen: leavesOpen, sentAt: sentAt)
    roster.heard(view, by: records[index], at: now)
    elections.forgetVotes(for: records[index], sentAt: sentAt)
    recordSelection(of: view, leader: id, at: now)
  }

  /// Records the replica that a leader's answer shows as selected, or that none is any more.
  private mutating func recordSelection(
    of view: SentinelView, leader: SentinelID, at now: Instant
  ) {
    guard view.failoverState?.hasSelection == true,
      let target = view.replicas.first(where: { $0.flags.contains(.promoted) })?.endpoint
    else {
      elections.endSelections(by: leader)
      return
    }
    let epoch = failoverEpoch(of: leader)
    elections.record(target, by: leader, instead: view.master, epoch: epoch, at: now)
  }

  /// Records which other Sentinels one knows.
  mutating func recordList(
    _ entries: [ListedSentinel], from id: SentinelID, sentAt: Instant, at now: Instant
  ) {
    guard let index = index(of: id), records[index].isConnected,
      records[index].connectedAt.map({ $0 <= sentAt }) ?? false
    else { return }
    if records[index].take(entries, sentAt: sentAt) { roster.unsettle() }
    roster.heard(records[index].heardSinceConnection)
    // What it reported with the last poll may not have been counted for want of this list.
    if let view = records[index].view { roster.heard(view, by: records[index], at: now) }
  }

  /// Records that a Sentinel does not know the master name.
  ///
  /// - Returns: Whether that is news.
  mutating func recordLackOfMaster(_ id: SentinelID) -> Bool {
    guard let index = index(of: id), records[index].isConnected else { return false }
    elections.endSelections(by: id)
    return records[index].loseMaster()
  }

  /// Records a vote, and whether its leader is out of contact.
  mutating func recordVote(leader runID: String, epoch: UInt64, at now: Instant) {
    let vote = Elections.Vote(leader: runID, epoch: epoch, heardAt: now)
    elections.keep(vote)
    let leader = records.firstIndex { $0.runID == runID }
    if let leader {
      records[leader].ledEpoch = max(epoch, records[leader].ledEpoch ?? epoch)
    }
    // The leader's own events and answers show what it does, as long as it answers.
    let isHeard = leader.map { records[$0].view(within: Timing.viewLifetime, at: now) != nil }
    if isHeard != true, !isAccounted(vote, at: now) { elections.recordUnseen(vote) }
  }

  /// Records that a node says of itself that it is selected.
  mutating func recordClaim(of target: Endpoint, epoch: UInt64?, at now: Instant) {
    elections.recordClaim(of: target, epoch: epoch, at: now)
  }

  /// Ages what was proven by time that passed and the boot clock did not count, as in a virtual
  /// machine that was stopped and then told the time.
  mutating func recordDisturbance(ahead jump: Duration?) {
    settling.restart()
    guard let jump else { return }
    for index in records.indices {
      records[index].pongAt = records[index].pongAt.map { $0 - jump }
    }
  }
}

// MARK: - What follows with the time

extension SentinelPanel {
  /// Brings up to date what follows from the answers and the time.
  mutating func refresh(at now: Instant) {
    let counts = counts
    updateNaming(counts, at: now)
    let holds =
      presentConfirmations(at: now) >= counts.majority
      && localDownCount(at: now) < counts.quorum && failoverUnderWay(at: now) == nil
      && !isAnotherSelected(at: now)
    let isUnanimous = holds && isUnanimous(counts, at: now)
    settling.record(holds: holds, isUnanimous: isUnanimous, at: now)
  }

  /// Forgets elections and claims that are over.
  mutating func accountForElections(at now: Instant) {
    if let vote = elections.unseen, isAccounted(vote, at: now) { elections.settleUnseen() }
    elections.expireClaims(at: now)
  }

  private mutating func updateNaming(_ counts: SentinelCounts, at now: Instant) {
    if let named = majorityNamed(at: now)?.endpoint {
      naming.record(named, local: localInstances, at: now)
    }
    let suspects = [naming.current, naming.previous, elections.selections.last?.oldMaster]
    for case let suspect? in suspects where !isLocal(suspect) && isBlocked(suspect, at: now) {
      naming.recordDown(suspect, at: now)
      return
    }
  }

  /// Whether every Sentinel is in contact, confirms this node, and runs no failover.
  ///
  /// No leader can then be between a selection and a naming: it would be one of them.
  private func isUnanimous(_ counts: SentinelCounts, at now: Instant) -> Bool {
    let agreeing = records.count { record in
      guard record.pongAt != nil, let view = record.view(within: Timing.contactWindow, at: now)
      else { return false }
      return isLocal(view.master) && view.failoverState == nil
        && !view.replicas.contains { $0.flags.contains(.promoted) }
    }
    return agreeing == counts.sentinels
  }

  /// Lets a retake wait anew.
  mutating func restartSettling() { settling.restart() }

  /// Takes an election out of sight for accounted: a naming that lasted says how it ended.
  mutating func settleUnseenElection() { elections.settleUnseen() }

  /// Makes the epoch of a selection known, so that the fast path stays closed for older ones.
  mutating func raiseEpoch(to selection: Elections.Selection) {
    guard let epoch = selection.epoch, (elections.newestVote?.epoch ?? 0) < epoch else { return }
    elections.keep(Elections.Vote(leader: "", epoch: epoch, heardAt: selection.seenAt))
  }

  /// Notes that this node prepared for a selection: each is prepared for once.
  mutating func use(_ selection: Elections.Selection) { elections.use(selection) }
}

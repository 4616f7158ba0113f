import Addresses

/// What is true of a move at an instant.
///
/// Pure: it looks at what is known and changes nothing.
struct MoveRules {
  let move: MoveProgress
  let evidence: Evidence
  let address: AddressView
  let fence: FenceView
  let policy: FencePolicy
  let now: Instant

  var panel: SentinelPanel { evidence.panel }

  /// The lag up to which a replica may take part, a second more than the fence allows.
  ///
  /// With acknowledgements each second the whole seconds are two apart now and then. What it has
  /// is looked at when nothing can be written any more.
  private var minLag: Int { max(policy.maxLagSeconds, 1) + 1 }

  /// The replicas that may take part.
  var goodReplicas: [Endpoint] { fence.ledger.good(maxLagSeconds: minLag) }

  /// Whether a replica is about to stop, or just did, by its own word: it does not count as good then.
  func isStopping(_ replica: Endpoint) -> Bool { fence.ledger.isStopping(replica) }

  /// Every replica that a Sentinel lists, in the order of their endpoints.
  var listedReplicas: [Endpoint] { panel.listedReplicas.sorted() }
}

// MARK: - Up to the order

extension MoveRules {
  /// Why the move can't go on towards the order, if it can't: this node no longer holds, or a
  /// Sentinel speaks against it.
  var obstacle: MoveFailure? {
    if address.pause != nil { return .paused }
    guard address.state.isHeldByConfirmations else { return .groundsLost(address.reason) }
    let findings = findingsOfClaims + findingsOfSentinels(since: Instant(nanoseconds: .min))
    return findings.first.map { .found($0) }
  }

  /// Another machine that answers for the address: the target would meet it, and take nothing.
  ///
  /// A host that stops can't keep the address either, so there it forbids nothing.
  var findingsOfClaims: [MoveFinding] {
    guard !move.request.acceptsAnyTarget, let claim = address.lastClaim,
      claim.at >= move.startedAt
    else { return [] }
    return [.addressClaimed(claim.address, by: claim.mac)]
  }

  /// Whether the fence was closed in every observation since it closed.
  var isStillClosed: Bool { move.isUnbroken && fence.isClosed }

  /// Whether the target is ready, and heard of this node so recently that it does not take it for
  /// dead before the next thing happens.
  var isAnswered: Bool {
    guard let answer = move.answer, answer.refusal == nil else { return false }
    return now - answer.offeredAt < Timing.moveAnswerLifetime
  }

  /// Whether the target had its time to answer.
  var isAnswerOverdue: Bool {
    now - max(move.phaseSince, move.answer?.offeredAt ?? move.phaseSince)
      >= Timing.moveAnswerLimit
  }

  /// Whether the phase lasted that long.
  func hasLasted(_ limit: Duration) -> Bool { now - move.phaseSince >= limit }

  /// When all are asked anew after a refusal; nil if it stands.
  ///
  /// A move that comes before a stop waits, as long as it may, for what passes by itself, as in the seconds
  /// after a failover.
  func nextRound(after findings: [MoveFinding]) -> Instant? {
    let next = now + Timing.preflightRetry
    let waits = move.request.acceptsAnyTarget && MoveFinding.arePassing(findings)
    return waits && next < move.request.deadline ? next : nil
  }

  /// How long the phase may last.
  var limit: Duration {
    switch move.phase {
    case .preflight: Timing.preflightLimit
    case .preparing: move.answer == nil ? Timing.moveAnswerLimit : Timing.preferenceLimit
    case .closing: Timing.closingLimit
    case .draining: Timing.drainLimit
    case .commanding: move.commandedAt == nil ? Timing.commandLimit : Timing.selectionLimit
    case .yielding, .promoting: Timing.promotionLimit
    case .demoting: Timing.demotionLimit
    }
  }

  /// A Sentinel in contact whose last INFO of the target is from when that was a master.
  ///
  /// Promoted again, it would be made a replica at that Sentinel's next INFO: the eight seconds for
  /// which it must have said so count from the older one (`sentinel.c sentinelRefreshInstanceInfo`).
  ///
  /// Where any target is good, it is none that the Sentinel that is told may select.
  func sentinelThatSeesMaster(_ plan: MovePlan) -> SentinelID? {
    var targets = [plan.target]
    if plan.acceptsAnyTarget,
      let view = panel.record(of: plan.through)?.view(within: Timing.viewLifetime, at: now)
    {
      targets += view.preferred.map(\.endpoint)
    }
    return panel.records.first { record in
      record.view(within: Timing.viewLifetime, at: now)?.replicas.contains {
        targets.contains($0.endpoint) && !$0.isReportedReplica
      } ?? false
    }?.id
  }

  /// Whether the Sentinel that is going to be commanded prefers the target to all others.
  func isPreferred(_ plan: MovePlan) -> Bool {
    guard let view = panel.record(of: plan.through)?.view(within: Timing.viewLifetime, at: now),
      let own = view.replicas.first(where: { $0.endpoint == plan.target })?.priority, own > 0
    else { return false }
    return view.replicas.allSatisfy {
      $0.endpoint == plan.target || $0.priority == 0 || $0.priority > own
    }
  }
}

// MARK: - From the order on

extension MoveRules {
  /// Whether a failover has got to the point from which it goes its own way.
  var isOvertaken: Bool {
    if case .yielding = address.state { return true }
    return panel.isAnotherSelected(at: now) || successor != nil
  }

  /// Another node that a majority names.
  var successor: Endpoint? { panel.foreignMajorityNamed(at: now) }

  /// The node for which the address is kept although that is selected.
  var keepsFrom: Endpoint? {
    guard let plan = move.plan, plan.closesFence, move.failure == nil, move.commandedAt != nil,
      isStillClosed
    else { return nil }
    switch move.phase {
    case .commanding: return plan.target
    case .yielding: return hasLasted(Timing.handOverDelay) ? nil : plan.target
    default: return nil
    }
  }

  /// What came of it, with a node promoted.
  func outcome(_ plan: MovePlan, promoted: Endpoint) -> MoveOutcome {
    let gap = move.arrivedAt.flatMap { arrived in move.closeOrderedAt.map { arrived - $0 } }
    return MoveOutcome(
      promoted: promoted, target: plan.target, writeGap: gap,
      keptEveryWrite: plan.closesFence && move.isUnbroken && plan.replicas.contains(promoted))
  }

  /// Whether it is certain that no node is promoted any more, by answers asked after an instant.
  ///
  /// A majority names this node, no Sentinel in contact names another or has a failover pending,
  /// and the Sentinel that was commanded is one of them, or its process is gone.
  func isFailoverOver(since start: Instant) -> Bool {
    let naming = panel.records.count { record in
      record.view(within: Timing.viewLifetime, at: now).map { panel.isLocal($0.named) } ?? false
        && record.provenAt.map { $0 > start } ?? false
    }
    guard naming >= panel.counts.majority, panel.newestForeignClaim(at: now) == nil,
      !panel.isFailoverPending(at: now)
    else { return false }
    guard let commandedAt = move.commandedAt else { return true }
    return isOrderOver(commandedAt: commandedAt, since: start) && !mayBePromoted(since: start)
  }

  /// Whether the commanded Sentinel does nothing about it any more.
  private func isOrderOver(commandedAt: Instant, since start: Instant) -> Bool {
    guard let plan = move.plan, let record = panel.record(of: plan.through) else { return true }
    // A forced failover lives in the memory of its process.
    if let refusedAt = record.refusedAt, refusedAt > commandedAt, record.refuses(at: now) {
      return true
    }
    let timeout = panel.records.compactMap { $0.view?.failoverTimeout }.max() ?? .zero
    if now - commandedAt >= timeout + Timing.deadCommandGrace { return true }
    // Every order is answered once, if only by the news that the answer is lost.
    guard move.command != nil, record.view(within: Timing.viewLifetime, at: now) != nil,
      let provenAt = record.provenAt, provenAt > max(start, commandedAt)
    else { return false }
    guard move.lostAt != nil else { return true }
    return move.heardAgainAt.map { provenAt - $0 > Timing.lostCommandGrace } ?? false
  }

  /// Whether the target may be a master that is about to be named.
  ///
  /// By its own word, asked for since an instant; one that does not answer has had its time to.
  private func mayBePromoted(since start: Instant) -> Bool {
    guard let plan = move.plan else { return false }
    guard let node = move.inquiry.answer(of: plan.target, since: start), node.askedAt > start
    else { return true }
    return node.said?.role == .master
  }

  /// Whether the Sentinel whose answer was lost is heard again; nil if none was lost.
  var isHeardAfterLoss: Bool? {
    guard let lostAt = move.lostAt, let plan = move.plan,
      let record = panel.record(of: plan.through)
    else { return nil }
    return record.view(within: Timing.viewLifetime, at: now) != nil
      && record.provenAt.map { $0 > lostAt } ?? false
  }
}

// MARK: - Findings at the Sentinels

extension MoveRules {
  /// What speaks against a failover in the views of Sentinels that were asked since an instant.
  func findingsOfSentinels(since start: Instant) -> [MoveFinding] {
    var findings: [MoveFinding] = []
    var silent: [SentinelID] = []
    for record in panel.records {
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        record.provenAt.map({ $0 >= start }) ?? false
      else {
        silent.append(record.id)
        continue
      }
      findings += self.findings(in: view, of: record.id)
    }
    let counts = panel.counts
    if panel.records.count - silent.count < counts.confirmations {
      findings += silent.map { .sentinelSilent($0) }
      if panel.records.count < counts.sentinels {
        findings.append(
          .sentinelsMissing(following: panel.records.count, of: counts.sentinels))
      }
    }
    if let vote = panel.openVote(at: now) { findings.append(.electionUnseen(epoch: vote.epoch)) }
    return findings
  }

  private func findings(in view: SentinelView, of id: SentinelID) -> [MoveFinding] {
    var findings: [MoveFinding] = []
    if !panel.isLocal(view.named) { findings.append(.sentinelNames(id, view.named)) }
    if view.isFailoverPending { findings.append(.failoverInProgress(id)) }
    if !view.flags.isDisjoint(with: .unusable) { findings.append(.masterDown(id)) }
    return findings
  }

  /// What a Sentinel's word about itself says against commanding it.
  func findings(ofInspecting id: SentinelID, since start: Instant) -> [MoveFinding] {
    guard let said = move.inquiry.inspection(of: id, since: start)?.said else {
      return [.sentinelUninspected(id)]
    }
    var findings: [MoveFinding] = []
    if said.isInTilt { findings.append(.sentinelInTilt(id)) }
    if let problem = said.quorumProblem { findings.append(.quorumUnreachable(id, problem)) }
    return findings
  }

  /// Why a Sentinel may not be told to fail over, by its word since an instant.
  func orderProblem(_ id: SentinelID, since start: Instant) -> MoveFinding? {
    move.inquiry.inspection(of: id, since: start)?.said?.orderProblem.map {
      .orderForbidden(id, $0)
    }
  }

  /// What speaks against commanding a Sentinel now: all were asked again, and it would choose the
  /// target.
  func findingsBeforeOrder(_ plan: MovePlan) -> [MoveFinding] {
    let since = move.closeOrderedAt ?? move.phaseSince
    return findingsOfSentinels(since: since)
      + findings(ofInspecting: plan.through, since: since)
      + [orderProblem(plan.through, since: since)].compactMap { $0 } + findingsOfPreference(plan)
  }

  /// What speaks against the Sentinel's choosing the target now, or against what else it may
  /// choose.
  private func findingsOfPreference(_ plan: MovePlan) -> [MoveFinding] {
    guard let view = panel.record(of: plan.through)?.view(within: Timing.viewLifetime, at: now)
    else { return [.sentinelSilent(plan.through)] }
    guard let target = view.replicas.first(where: { $0.endpoint == plan.target }) else {
      return [.targetUnlisted(plan.target, by: plan.through)]
    }
    guard target.flags.isDisjoint(with: .unusable) else {
      return [.targetDown(plan.target, by: plan.through)]
    }
    for other in view.replicas where other.endpoint != plan.target && other.priority != 0 {
      if other.priority <= target.priority, !move.request.acceptsAnyTarget {
        return [.replicaPreferred(other.endpoint, priority: other.priority)]
      }
      if plan.closesFence, other.flags.isDisjoint(with: .unusable),
        !plan.replicas.contains(other.endpoint)
      {
        return [.replicaBehind(other.endpoint)]
      }
    }
    return []
  }
}

extension MoveFinding {
  /// Whether it says only that one was not heard yet.
  var isOfSilence: Bool {
    switch self {
    case .sentinelSilent, .sentinelUninspected, .sentinelsMissing: true
    default: false
    }
  }
}

extension InstanceFlags {
  /// What keeps Sentinel from promoting a replica, or from failing over a master that is well.
  static let unusable: InstanceFlags = [.subjectivelyDown, .objectivelyDown, .disconnected]
}

extension SentinelPanel {
  /// Whether something is at an address of the local instance, as far as is known.
  func isOnThisHost(_ endpoint: Endpoint) -> Bool {
    localInstances.contains { $0.address == endpoint.address }
  }

  /// A vote whose failover may still come.
  func openVote(at now: Instant) -> Elections.Vote? {
    if let vote = elections.unseen { return vote }
    guard let vote = elections.newestVote, now - vote.heardAt < Timing.electionLifetime,
      !isAccounted(vote, at: now)
    else { return nil }
    return vote
  }
}

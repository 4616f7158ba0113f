import Addresses

/// Whether a planned move can be done, and how.
///
/// Pure: it looks at what is known and changes nothing.
struct MovePreflight {
  let rules: MoveRules

  private var move: MoveProgress { rules.move }
  private var panel: SentinelPanel { rules.panel }
  private var now: Instant { rules.now }

  /// What a preflight says.
  enum Verdict {
    /// Some have not answered yet.
    case wait
    /// It can't be done; why.
    case refused([MoveFinding])
    /// It can be done so.
    case possible(MovePlan)
  }

  /// Looks at everything once all have answered, or had their time.
  var verdict: Verdict {
    let here = findingsHere
    guard here.isEmpty else { return .refused(here) }
    guard isEverythingAnswered || rules.hasLasted(Timing.preflightLimit) else { return .wait }
    let choice = chooseTarget()
    let findings =
      rules.findingsOfClaims + findingsOfReplication
      + rules.findingsOfSentinels(since: move.phaseSince) + findingsOfInspections + choice.findings
    guard findings.isEmpty, let target = choice.target, let plan = plan(for: target) else {
      return .refused(findings)
    }
    return .possible(plan)
  }

  private func plan(for target: Endpoint) -> MovePlan? {
    let inContact = panel.records.filter { record in
      record.view(within: Timing.viewLifetime, at: now) != nil && orderProblem(record.id) == nil
    }
    // A host that goes down takes its Sentinel along.
    let elsewhere = inContact.first { !panel.isOnThisHost($0.id) }
    let chosen = move.request.acceptsAnyTarget ? elsewhere ?? inContact.first : inContact.first
    guard let from = panel.localInstances.first, let through = chosen else { return nil }
    let closesFence = findingsOfFence.isEmpty
    // Whatever else copies the stream, a backup for one, is never promoted.
    let listed = rules.listedReplicas
    let good = rules.goodReplicas.filter(listed.contains).sorted()
    return MovePlan(
      from: from, target: target, through: through.id,
      prefers: !move.request.acceptsAnyTarget && needsPreference(target),
      closesFence: closesFence, replicas: closesFence ? good : [],
      acceptsAnyTarget: move.request.acceptsAnyTarget)
  }

  /// Whether all who were asked have answered.
  private var isEverythingAnswered: Bool {
    let start = move.phaseSince
    let sentinels = panel.records.filter(\.isConnected).allSatisfy { record in
      record.provenAt.map { $0 >= start } ?? false
        && move.inquiry.inspection(of: record.id, since: start) != nil
    }
    let replicas = (rules.listedReplicas + [move.request.target].compactMap { $0 })
      .filter { !panel.isLocal($0) }
    return sentinels && !rules.address.isLooking
      && rules.fence.ledger.askedAt.map { $0 >= start } ?? false
      && replicas.allSatisfy { replica in
        move.inquiry.answer(of: replica, since: start) != nil
      }
  }
}

// MARK: - Findings here

extension MovePreflight {
  /// What forbids a move whatever the others say.
  private var findingsHere: [MoveFinding] {
    var findings: [MoveFinding] = []
    let address = rules.address
    if address.pause != nil { findings.append(.paused) }
    if !address.state.isHeldByConfirmations {
      let named = panel.majorityNamed(at: now)?.endpoint
      findings.append(.notHolder(address.stateName, address.basis, named: named))
    }
    if !move.request.acceptsLoss { findings += findingsOfFence }
    return findings
  }

  /// Why the fence can't be relied on.
  private var findingsOfFence: [MoveFinding] {
    let status = rules.fence.status
    switch status.state {
    case .off: return [.fenceOff]
    case .half, .closed: return [.fenceHalf(status.problem)]
    case .armed, .open: return []
    }
  }

  private var findingsOfReplication: [MoveFinding] {
    let isKnown = rules.fence.ledger.askedAt.map { $0 >= move.phaseSince } ?? false
    return isKnown && !rules.evidence.local.isLost ? [] : [.replicationUnknown]
  }

  private var findingsOfInspections: [MoveFinding] {
    let inContact = panel.records.filter { $0.view(within: Timing.viewLifetime, at: now) != nil }
    let findings = inContact.flatMap { record in
      rules.findings(ofInspecting: record.id, since: move.phaseSince)
    }
    // One that may be told is enough.
    let isCommandable = inContact.contains { orderProblem($0.id) == nil }
    return isCommandable ? findings : findings + inContact.compactMap { orderProblem($0.id) }
  }

  /// Why a Sentinel may not be told to fail over.
  private func orderProblem(_ id: SentinelID) -> MoveFinding? {
    rules.orderProblem(id, since: move.phaseSince)
  }
}

// MARK: - Who can become the master

extension MovePreflight {
  /// The node that was asked for, or the best of those that can; and what speaks against it.
  private func chooseTarget() -> (target: Endpoint?, findings: [MoveFinding]) {
    if let wanted = move.request.target { return (wanted, findings(ofTarget: wanted)) }
    let candidates = rules.listedReplicas.map { ($0, findings(ofTarget: $0)) }
    let able = candidates.filter { $0.1.isEmpty }.map(\.0)
    let best = able.min { left, right in
      let (one, other) = (rank(of: left), rank(of: right))
      return one != other ? one < other : left < right
    }
    guard let best else { return (nil, [.noTarget] + findings(of: candidates)) }
    return (best, [])
  }

  /// What speaks against all that were looked at; where it can be waited for, only against those that may
  /// become able: that another replica is gone for good keeps nobody from waiting for them.
  private func findings(of candidates: [(Endpoint, [MoveFinding])]) -> [MoveFinding] {
    let hopeful = candidates.filter { MoveFinding.arePassing($0.1) }
    let isWaitedFor = move.request.acceptsAnyTarget && !hopeful.isEmpty
    return (isWaitedFor ? hopeful : candidates).flatMap(\.1)
  }

  /// The lower, the better, as Sentinel sorts (`sentinel.c compareSlavesForPromotion`).
  private func rank(of replica: Endpoint) -> (Int, UInt64) {
    let offset = move.said(by: replica, since: move.phaseSince)?.offset ?? 0
    return (priorities(of: replica).max() ?? .max, .max - offset)
  }

  /// What speaks against a target.
  private func findings(ofTarget target: Endpoint) -> [MoveFinding] {
    if panel.isLocal(target) { return [.targetIsMaster] }
    var findings: [MoveFinding] = []
    for record in panel.records {
      guard let view = record.view(within: Timing.viewLifetime, at: now) else { continue }
      guard let entry = view.replicas.first(where: { $0.endpoint == target }) else {
        findings.append(.targetUnlisted(target, by: record.id))
        continue
      }
      if !entry.flags.isDisjoint(with: .unusable) {
        findings.append(.targetDown(target, by: record.id))
      }
    }
    if priorities(of: target).contains(0) { findings.append(.targetExcluded(target)) }
    if rules.isStopping(target) {
      findings.append(.replicaStopping(target))
    } else if !rules.goodReplicas.contains(target) {
      findings.append(.targetBehind(target))
    }
    return findings + findingsInWord(of: target) + findingsOfOthers(than: target)
  }

  private func findingsInWord(of target: Endpoint) -> [MoveFinding] {
    guard let said = move.said(by: target, since: move.phaseSince) else {
      return [.targetUnanswering(target)]
    }
    switch said.role {
    case .master: return [.targetNotReplica(target)]
    case .replica(let master):
      if let master, !panel.isLocal(master) { return [.targetNotReplica(target)] }
      return said.isLinkUp ? [] : [.targetLinkDown(target)]
    }
  }

  /// What other replicas make impossible: one that Sentinel could choose instead must not lack
  /// writes, and must not be as good as the best.
  private func findingsOfOthers(than target: Endpoint) -> [MoveFinding] {
    var findings: [MoveFinding] = []
    let good = rules.goodReplicas
    for other in rules.listedReplicas where other != target {
      guard let least = priorities(of: other).filter({ $0 > 0 }).min() else { continue }
      if least <= PriorityMemory.preferred, !move.request.acceptsAnyTarget {
        findings.append(.replicaPreferred(other, priority: least))
      }
      guard panel.isPromotable(other, at: now) else { continue }
      if rules.isStopping(other) {
        let mayBeChosen = move.request.acceptsAnyTarget || !move.request.acceptsLoss
        if mayBeChosen { findings.append(.replicaStopping(other)) }
      } else if keepsEveryWrite, !good.contains(other) {
        findings.append(.replicaBehind(other))
      }
    }
    return findings
  }

  /// Whether no replica that lacks writes may be chosen.
  ///
  /// A stop accepts losses, for it comes in any case; with a fence it closes that first, and then nothing
  /// is ordered while one that lacks writes could be chosen.
  private var keepsEveryWrite: Bool {
    !move.request.acceptsLoss || (move.request.acceptsAnyTarget && findingsOfFence.isEmpty)
  }

  /// Whether another replica is at least as good as the target for any Sentinel, be it down now.
  private func needsPreference(_ target: Endpoint) -> Bool {
    let own = priorities(of: target).max() ?? .max
    return rules.listedReplicas.contains { other in
      other != target && priorities(of: other).contains { $0 > 0 && $0 <= own }
    }
  }

  /// The priorities that Sentinels and the replica itself report.
  private func priorities(of replica: Endpoint) -> [Int] {
    let listed = panel.records.compactMap { record in
      record.view?.replicas.first { $0.endpoint == replica }?.priority
    }
    let own = move.said(by: replica, since: move.phaseSince)?.priority
    return listed + (own.map { [$0] } ?? [])
  }
}

extension SentinelPanel {
  /// Every replica that a Sentinel in contact could promote, in the order of their endpoints.
  func promotableReplicas(at now: Instant) -> [Endpoint] {
    listedReplicas.sorted().filter { isPromotable($0, at: now) }
  }

  /// Whether a Sentinel in contact could promote a replica (`sentinel.c sentinelSelectSlave`).
  func isPromotable(_ replica: Endpoint, at now: Instant) -> Bool {
    views(at: now).contains { view in
      view.replicas.contains {
        $0.endpoint == replica && $0.flags.isDisjoint(with: .unusable) && $0.priority != 0
      }
    }
  }
}

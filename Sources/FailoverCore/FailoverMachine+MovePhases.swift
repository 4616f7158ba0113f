import Addresses

// MARK: - A planned move: up to the order

extension FailoverMachine {
  /// Waits until the target is ready and the Sentinel to be commanded prefers it.
  mutating func decidePreparing(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let plan = driver.plan, isStillPossible(at: now, &orders) else { return }
    if let refusal = driver.answer?.refusal {
      fail(.targetRefused(plan.target, refusal), at: now, &orders)
    } else if !isAnswered(driver, at: now) {
      guard now - phaseOrAnswer(driver) >= Timing.moveAnswerLimit else { return }
      fail(.targetSilent(plan.target), at: now, &orders)
    } else if !driver.request.acceptsAnyTarget, !isPreferred(plan, at: now) {
      guard now - driver.phaseSince >= Timing.preferenceLimit else { return }
      fail(.preferenceUnseen(plan.through), at: now, &orders)
    } else if let unaware = sentinelThatSeesMaster(in: plan.target, at: now) {
      guard now - driver.phaseSince >= Timing.preferenceLimit else { return }
      fail(.targetSeenAsMaster(plan.target, by: unaware), at: now, &orders)
    } else if plan.closesFence {
      move?.closeOrderedAt = now
      enter(.closing, at: now, &orders)
      orders += [.pollSentinels, .inspectSentinels]
    } else {
      enter(.commanding, at: now, &orders)
      orders += [.pollSentinels, .inspectSentinels]
    }
  }

  private func phaseOrAnswer(_ driver: MoveDriver) -> Instant {
    max(driver.phaseSince, driver.answer?.offeredAt ?? driver.phaseSince)
  }

  /// Whether the target is ready, and heard of this node so recently that it does not take it for
  /// dead before the next thing happens.
  private func isAnswered(_ driver: MoveDriver, at now: Instant) -> Bool {
    guard let answer = driver.answer, answer.refusal == nil else { return false }
    return now - answer.offeredAt < Timing.moveAnswerLifetime
  }

  /// Whether this node still holds and no Sentinel speaks against it; else the move fails.
  private mutating func isStillPossible(at now: Instant, _ orders: inout [Effect]) -> Bool {
    if pause != nil {
      fail(.paused, at: now, &orders)
      return false
    }
    guard case .held(let tenure) = state, tenure.basis == .sentinels else {
      fail(.groundsLost(reason), at: now, &orders)
      return false
    }
    if let finding = findingsOfSentinels(since: Instant(nanoseconds: .min), at: now).first {
      fail(.found(finding), at: now, &orders)
      return false
    }
    return true
  }

  /// Waits until Redis says that the fence is closed.
  mutating func decideClosing(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let plan = driver.plan, isStillPossible(at: now, &orders) else { return }
    if fence.inForce?.isClosed == true {
      move?.closedAt = now
      enter(.draining, at: now, &orders)
      orders.append(.readReplication)
      for replica in plan.replicas { orders.append(.inspect(replica)) }
    } else if let failed = fence.lastFailed, case .set(let setting) = failed, setting.isClosed {
      fail(.fenceNotClosed(fence.problem), at: now, &orders)
    } else if now - driver.phaseSince >= Timing.closingLimit {
      fail(.fenceNotClosed(nil), at: now, &orders)
    }
  }

  /// Waits until every replica has everything that was written before.
  mutating func decideDraining(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let plan = driver.plan, let closedAt = driver.closedAt,
      isStillPossible(at: now, &orders), isStillClosed(driver, at: now, &orders)
    else { return }
    if driver.offset == nil, let replication = fence.replication,
      fence.replicationAt.map({ $0 >= closedAt }) ?? false
    {
      move?.offset = replication.offset
      return
    }
    let behind = plan.replicas.filter { !driver.hasEverything($0) }
    if driver.offset != nil, behind.isEmpty {
      enter(.commanding, at: now, &orders)
    } else if now - driver.phaseSince >= Timing.drainLimit {
      fail(.drainTooSlow(behind: behind), at: now, &orders)
    }
  }

  private mutating func isStillClosed(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) -> Bool {
    guard driver.isUnbroken, fence.inForce?.isClosed == true else {
      fail(.fenceNotClosed(fence.problem), at: now, &orders)
      return false
    }
    return true
  }
}

// MARK: - The order, and what comes of it

extension FailoverMachine {
  /// Tells one Sentinel to fail over, once all were asked again; then waits for a selection.
  mutating func decideCommanding(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let plan = driver.plan else { return }
    guard let commandedAt = driver.commandedAt else {
      command(driver, plan, at: now, &orders)
      return
    }
    if isOvertaken(at: now) {
      enter(.yielding, at: now, &orders)
      return
    }
    switch driver.command {
    case .refused(let text):
      fail(.sentinelRefused(plan.through, text), at: now, &orders)
    case .lost:
      fail(.sentinelLost(plan.through), at: now, &orders)
    case .accepted, nil:
      let record = evidence.sentinels.first { $0.id == plan.through }
      if record?.isConnected != true {
        fail(.sentinelLost(plan.through), at: now, &orders)
      } else if now - commandedAt >= Timing.selectionLimit
        || isFailoverOver(driver, since: commandedAt, at: now)
      {
        fail(.nobodySelected(plan.through), at: now, &orders)
      }
    }
  }

  private mutating func command(
    _ driver: MoveDriver, _ plan: MovePlan, at now: Instant, _ orders: inout [Effect]
  ) {
    guard isStillPossible(at: now, &orders),
      !plan.closesFence || isStillClosed(driver, at: now, &orders)
    else { return }
    let since = driver.closeOrderedAt ?? driver.phaseSince
    let findings =
      findingsOfSentinels(since: since, at: now)
      + findings(ofInspecting: plan.through, driver, since: since)
      + findingsOfPreference(plan, driver, at: now)
    if let finding = findings.first {
      // Who was not asked yet is no reason to give up before the time for it is over.
      guard !finding.isOfSilence || now - driver.phaseSince >= Timing.commandLimit else { return }
      fail(.found(finding), at: now, &orders)
    } else if !isAnswered(driver, at: now) {
      fail(.targetSilent(plan.target), at: now, &orders)
    } else {
      move?.commandedAt = now
      orders.append(.commandFailover(plan.through))
    }
  }

  /// What speaks against the Sentinel's choosing the target now, or against what else it may
  /// choose.
  private func findingsOfPreference(
    _ plan: MovePlan, _ driver: MoveDriver, at now: Instant
  ) -> [MoveFinding] {
    let record = evidence.sentinels.first { $0.id == plan.through }
    guard let view = record?.view(within: Timing.viewLifetime, at: now) else {
      return [.sentinelSilent(plan.through)]
    }
    guard let target = view.replicas.first(where: { $0.endpoint == plan.target }) else {
      return [.targetUnlisted(plan.target, by: plan.through)]
    }
    guard target.flags.isDisjoint(with: .unusable) else {
      return [.targetDown(plan.target, by: plan.through)]
    }
    for other in view.replicas where other.endpoint != plan.target && other.priority != 0 {
      if other.priority <= target.priority, !driver.request.acceptsAnyTarget {
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

  /// Whether a failover has got to the point from which it goes its own way.
  func isOvertaken(at now: Instant) -> Bool {
    if case .yielding = state { return true }
    return evidence.isAnotherSelected(at: now) || successor(at: now) != nil
  }

  /// Whether the address stays for a moment although its next holder is selected.
  ///
  /// From the yield to the promotion nobody answers for it, and who connects meanwhile waits for a
  /// second (RFC 6298 §2). Behind a closed fence, with a target that has everything, a later yield
  /// loses nothing, and the target takes nothing before it.
  func isKeptByMove(from target: Endpoint, at now: Instant) -> Bool {
    guard let driver = move, let plan = driver.plan, plan.closesFence, plan.target == target,
      driver.failure == nil, driver.commandedAt != nil, driver.isUnbroken,
      fence.inForce?.isClosed == true
    else { return false }
    switch driver.phase {
    case .commanding: return true
    case .yielding: return now - driver.phaseSince < Timing.handOverDelay
    default: return false
    }
  }

  /// Another node that a majority names.
  private func successor(at now: Instant) -> Endpoint? {
    guard let named = evidence.majorityNamed(counts, at: now)?.endpoint, !evidence.isLocal(named)
    else { return nil }
    return named
  }

  /// Waits until the target has the address, and then until a majority names it.
  mutating func decidePromoting(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    if successor(at: now) != nil {
      enter(.demoting, at: now, &orders)
    } else if driver.phase == .yielding, driver.arrivedAt != nil {
      enter(.promoting, at: now, &orders)
    } else if isFailoverOver(driver, since: driver.phaseSince, at: now)
      || now - driver.phaseSince >= Timing.promotionLimit
    {
      fail(.notPromoted, at: now, &orders)
    }
  }

  /// Waits until this node is a replica of the new master.
  mutating func decideDemoting(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let plan = driver.plan else { return }
    let successor = successor(at: now)
    let isReplica = evidence.localRole.map { $0 != .master } ?? false
    if let successor, isReplica || !plan.closesFence {
      let gap = driver.arrivedAt.flatMap { arrived in
        driver.closeOrderedAt.map { arrived - $0 }
      }
      let keptEveryWrite =
        plan.closesFence && driver.isUnbroken && plan.replicas.contains(successor)
      let outcome = MoveOutcome(
        promoted: successor, target: plan.target, writeGap: gap,
        keptEveryWrite: keptEveryWrite)
      end(.done(outcome), at: now, &orders)
    } else if successor == nil, isFailoverOver(driver, since: driver.phaseSince, at: now) {
      fail(.notPromoted, at: now, &orders)
    } else if now - driver.phaseSince >= Timing.demotionLimit {
      end(.failed(.notDemoted(to: successor ?? plan.target)), at: now, &orders)
    }
  }
}

extension MoveFinding {
  /// Whether it says only that somebody was not heard yet.
  var isOfSilence: Bool {
    switch self {
    case .sentinelSilent, .sentinelUninspected, .sentinelsMissing: true
    default: false
    }
  }
}

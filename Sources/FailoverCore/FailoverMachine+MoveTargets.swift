public import Addresses

// MARK: - A planned move: who can become the master

extension FailoverMachine {
  /// The node that was asked for, or the best of those that can; and what speaks against it.
  func chooseTarget(
    _ driver: MoveDriver, at now: Instant
  ) -> (target: Endpoint?, findings: [MoveFinding]) {
    if let wanted = driver.request.target {
      return (wanted, findings(ofTarget: wanted, driver, at: now))
    }
    let candidates = listedReplicas.map { ($0, findings(ofTarget: $0, driver, at: now)) }
    let able = candidates.filter { $0.1.isEmpty }.map(\.0)
    let best = able.min { left, right in
      let (one, other) = (rank(of: left, driver), rank(of: right, driver))
      return one != other ? one < other : left < right
    }
    guard let best else { return (nil, [.noTarget] + candidates.flatMap(\.1)) }
    return (best, [])
  }

  /// The lower, the better, as Sentinel sorts (`sentinel.c compareSlavesForPromotion`).
  private func rank(of replica: Endpoint, _ driver: MoveDriver) -> (Int, UInt64) {
    let offset = driver.said(by: replica, since: driver.startedAt)?.offset ?? 0
    return (priorities(of: replica, driver).max() ?? .max, .max - offset)
  }

  /// What speaks against a target.
  func findings(
    ofTarget target: Endpoint, _ driver: MoveDriver, at now: Instant
  ) -> [MoveFinding] {
    if evidence.isLocal(target) { return [.targetIsMaster] }
    var findings: [MoveFinding] = []
    for record in evidence.sentinels {
      guard let view = record.view(within: Timing.viewLifetime, at: now) else { continue }
      guard let entry = view.replicas.first(where: { $0.endpoint == target }) else {
        findings.append(.targetUnlisted(target, by: record.id))
        continue
      }
      if !entry.flags.isDisjoint(with: .unusable) {
        findings.append(.targetDown(target, by: record.id))
      }
    }
    if priorities(of: target, driver).contains(0) { findings.append(.targetExcluded(target)) }
    if !fence.good(maxLagSeconds: leastLag).contains(target) {
      findings.append(.targetBehind(target))
    }
    findings += self.findings(inWordOf: target, driver)
    return findings + findingsOfOthers(than: target, driver, at: now)
  }

  private func findings(inWordOf target: Endpoint, _ driver: MoveDriver) -> [MoveFinding] {
    guard let said = driver.said(by: target, since: driver.startedAt) else {
      return [.targetUnanswering(target)]
    }
    switch said.role {
    case .master: return [.targetNotReplica(target)]
    case .replica(let master):
      if let master, !evidence.isLocal(master) { return [.targetNotReplica(target)] }
      return said.isLinkUp ? [] : [.targetLinkDown(target)]
    }
  }

  /// What other replicas make impossible: one that Sentinel could choose instead must not lack
  /// writes, and must not be as good as the best.
  private func findingsOfOthers(
    than target: Endpoint, _ driver: MoveDriver, at now: Instant
  ) -> [MoveFinding] {
    var findings: [MoveFinding] = []
    let good = fence.good(maxLagSeconds: leastLag)
    for other in listedReplicas where other != target {
      let priorities = priorities(of: other, driver).filter { $0 > 0 }
      guard let least = priorities.min() else { continue }
      if least <= PriorityMemory.preferred, !driver.request.acceptsAnyTarget {
        findings.append(.replicaPreferred(other, priority: least))
      }
      if !driver.request.acceptsLoss, !good.contains(other), isEligible(other, at: now) {
        findings.append(.replicaBehind(other))
      }
    }
    return findings
  }

  /// The replicas that a Sentinel in contact could promote, in order.
  public func promotableReplicas(at now: Instant) -> [Endpoint] {
    listedReplicas.filter { isEligible($0, at: now) }
  }

  /// Whether a Sentinel in contact could promote it (`sentinel.c sentinelSelectSlave`).
  private func isEligible(_ replica: Endpoint, at now: Instant) -> Bool {
    evidence.sentinels.contains { record in
      record.view(within: Timing.viewLifetime, at: now)?.replicas.contains {
        $0.endpoint == replica && $0.flags.isDisjoint(with: .unusable) && $0.priority != 0
      } ?? false
    }
  }

  /// Whether another replica is at least as good as the target for any Sentinel, be it down now.
  func needsPreference(_ target: Endpoint, _ driver: MoveDriver) -> Bool {
    let own = priorities(of: target, driver).max() ?? .max
    return listedReplicas.contains { other in
      other != target && priorities(of: other, driver).contains { $0 > 0 && $0 <= own }
    }
  }

  /// The priorities that Sentinels and the replica itself report.
  private func priorities(of replica: Endpoint, _ driver: MoveDriver) -> [Int] {
    var priorities = evidence.sentinels.compactMap { record in
      record.view?.replicas.first { $0.endpoint == replica }?.priority
    }
    if let own = driver.said(by: replica, since: driver.startedAt)?.priority {
      priorities.append(own)
    }
    return priorities
  }

  /// A Sentinel in contact whose last INFO of the target is from when that was a master.
  ///
  /// Promoted again, it would be made a replica at that Sentinel's next INFO: the eight seconds for
  /// which it must have said so count from the older one (`sentinel.c sentinelRefreshInstanceInfo`).
  func sentinelThatSeesMaster(in target: Endpoint, at now: Instant) -> SentinelID? {
    evidence.sentinels.first { record in
      record.view(within: Timing.viewLifetime, at: now)?.replicas.contains {
        $0.endpoint == target && !$0.isReportedReplica
      } ?? false
    }?.id
  }

  /// Whether the Sentinel that is going to be commanded prefers the target to all others.
  func isPreferred(_ plan: MovePlan, at now: Instant) -> Bool {
    let record = evidence.sentinels.first { $0.id == plan.through }
    guard let view = record?.view(within: Timing.viewLifetime, at: now),
      let own = view.replicas.first(where: { $0.endpoint == plan.target })?.priority, own > 0
    else { return false }
    return view.replicas.allSatisfy {
      $0.endpoint == plan.target || $0.priority == 0 || $0.priority > own
    }
  }
}

extension InstanceFlags {
  /// What keeps Sentinel from promoting a replica.
  static let unusable: InstanceFlags = [.subjectivelyDown, .objectivelyDown, .disconnected]
}

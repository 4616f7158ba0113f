import Addresses

// MARK: - The fence: what it should be

/// Redis refuses writes by itself, also when this daemon is dead; the machine decides how many
/// replicas it asks for.
///
/// - *armed*: as many as there are. A master that was cut off stops by itself.
/// - *open*: as many as are attached, on confirmations that are newer than the missing ones.
/// - *closed*: more than anybody has, from letting go until holding again.
extension FailoverMachine {
  /// What the fence should be.
  enum FenceGoal: Equatable {
    /// As it is.
    case unchanged
    /// So, for a reason; written to the file as well if it is to last.
    case setting(FenceSetting, isLasting: Bool, FenceReason)
    /// Closed, and then a replica of the node that a majority names.
    case demoted(to: Endpoint)
  }

  /// Brings the fence to what it should be; called after each decision about the address.
  mutating func decideFence(at now: Instant, _ orders: inout [Effect]) {
    if let until = fence.retryAt, now < until { return }
    // A demotion on its way settles everything; what is not known is not changed.
    guard fence.inForce != nil, !fence.pending.contains(where: { $0.isDemotion }) else { return }
    switch fenceGoal(at: now) {
    case .unchanged: return
    case .setting(let setting, let isLasting, let reason):
      if isLasting { remember(armed: setting, &orders) }
      order(setting, reason, &orders)
      if isLasting { persist(setting, at: now, &orders) }
    case .demoted(let successor):
      if let closed = closedSetting {
        order(closed, .anotherNamed(successor), &orders)
      }
      demote(to: successor, at: now, &orders)
    }
  }

  /// Closes the fence at once, before the address is let go.
  mutating func closeFence(_ reason: FenceReason, _ orders: inout [Effect]) {
    guard pause == nil, let closed = closedSetting, evidence.localRole == .master else { return }
    fence.closure = reason
    guard fence.inForce != nil else { return }
    order(closed, reason, &orders)
  }

  private func fenceGoal(at now: Instant) -> FenceGoal {
    guard case .minReplicas = configuration.fence else { return goalWhenOff }
    guard pause == nil || isFencedByMove, state != .stopped, !evidence.localIsLost,
      let role = evidence.localRole
    else { return .unchanged }
    if case .replica = role { return goalOfReplica(at: now) }
    switch state {
    case .held where isClosedByMove: return closedGoal(.move)
    case .standby where isReopenedByMove:
      return .setting(armedSetting, isLasting: true, .reconciled)
    case .held(let tenure): return goalOfHolder(tenure, at: now)
    case .prepared(let preparation):
      // An old master that is selected without ever having followed is not opened by that.
      return evidence.flip.map { $0.at >= preparation.since } ?? false
        ? goalOfSelected : .unchanged
    case .yielding: return closedGoal(.letGo(reason))
    case .standby: return goalOfStandby(at: now)
    case .stopped: return .unchanged
    }
  }

  /// With the mode off, what the operator had set; nothing else is touched.
  private var goalWhenOff: FenceGoal {
    guard let memory = fence.memory, state != .stopped else { return .unchanged }
    return .setting(memory.operatorSetting, isLasting: true, .switchedOff)
  }

  /// The first write after the flip must not wait for replicas; on a replica it has no effect.
  private var goalOfSelected: FenceGoal {
    if fence.expected?.minReplicas == 0 { return .unchanged }
    return .setting(openSetting(0), isLasting: false, .selectedHere)
  }

  /// A replica keeps what it has, but neither closed nor opened for a selection that is over.
  private func goalOfReplica(at now: Instant) -> FenceGoal {
    if case .prepared = state { return goalOfSelected }
    guard fence.expected?.isClosed == true || fence.isOpenedForSelection else { return .unchanged }
    return .setting(armedSetting, isLasting: true, .reconciled)
  }

  private func goalOfStandby(at now: Instant) -> FenceGoal {
    if let named = evidence.majorityNamed(counts, at: now)?.endpoint, !evidence.isLocal(named) {
      // The target of a failover is master before it is named.
      if isPromotionRecent(at: now) { return .unchanged }
      // Who was promoted in a minority has the newer epoch; the majority follows once it hears.
      return isNewest(at: now) ? closedGoal(.anotherNamed(named)) : .demoted(to: named)
    }
    if let claim = evidence.newestForeignClaim(at: now), !isPromotionRecent(at: now),
      evidence.localEpoch(at: now).map({ claim.epoch > $0 })
        ?? (evidence.contacts(at: now) >= counts.majority)
    {
      return closedGoal(.anotherNamed(claim.named))
    }
    if isClosedByMove { return closedGoal(.move) }
    if let since = fence.entitledSince, now - since >= Timing.entitledPatience {
      // The address can't be had, because somebody else answers for it; that is no reason to
      // refuse the writes of those who use the node's own address.
      return fence.expected?.isClosed == true
        ? .setting(armedSetting, isLasting: true, .reconciled) : .unchanged
    }
    if let closure = fence.closure { return closedGoal(closure) }
    // Promoted and never named: what is written here will be thrown away.
    guard fence.isOpenedForSelection, !isPromotionRecent(at: now) else { return .unchanged }
    return .setting(armedSetting, isLasting: true, .reconciled)
  }

  /// Whether a Sentinel names this node at a greater config epoch than any other names another.
  private func isNewest(at now: Instant) -> Bool {
    guard let ours = evidence.localEpoch(at: now) else { return false }
    return evidence.newestForeignClaim(at: now).map { $0.epoch < ours } ?? true
  }

  /// Whether this node may be a master that is about to be named.
  private func isPromotionRecent(at now: Instant) -> Bool {
    if evidence.selections.contains(where: { $0.isCurrent && evidence.isLocal($0.target) }) {
      return true
    }
    guard let flip = evidence.flip, now - flip.at < Timing.namingLimit else { return false }
    return !evidence.isPromotionDenied(counts, since: flip.at, at: now)
  }

  private func closedGoal(_ reason: FenceReason) -> FenceGoal {
    closedSetting.map { .setting($0, isLasting: false, reason) } ?? .unchanged
  }

  /// Armed with all replicas good; opened to those that are, if that is safe; else as it is.
  private func goalOfHolder(_ tenure: Tenure, at now: Instant) -> FenceGoal {
    guard tenure.basis == .sentinels else {
      // The fast path leaves open what was opened for it; blindness changes nothing.
      if case .provisional = tenure.basis { return goalOfSelected }
      return .unchanged
    }
    if fence.expected?.isClosed == true, mayFailoverCome(at: now) { return .unchanged }
    guard let askedAt = fence.replicationAt, now - askedAt <= Timing.viewLifetime else {
      return fence.expected?.isClosed == true
        ? .setting(armedSetting, isLasting: true, .holds) : .unchanged
    }
    let good = goodCount
    let missing = missingReplicas
    let full = setting(replicas: knownForFence.count)
    let relaxed = FenceSetting(minReplicas: good, maxLagSeconds: maxLagSeconds)
    let goal = good >= full.minReplicas ? full : relaxed
    // Asking for more is always safe; asking for less, only if nobody was elected elsewhere.
    let isLess = goal.minReplicas < fence.expected?.minReplicas ?? 0
    guard !isLess || isConfirmed(since: lastSign(at: now), at: now) else {
      return fence.expected?.isClosed == true
        ? .setting(armedSetting, isLasting: true, .holds) : .unchanged
    }
    if goal == full { return .setting(full, isLasting: true, .replicasGood(good)) }
    return .setting(goal, isLasting: false, .replicasMissing(missing))
  }
}

// MARK: - Settings

extension FailoverMachine {
  /// `max-lag` of the configuration, in whole seconds.
  var maxLagSeconds: Int {
    guard case .minReplicas(_, let lag) = configuration.fence else { return 0 }
    return lag
  }

  /// What refuses every write; nothing with the mode off.
  var closedSetting: FenceSetting? {
    guard case .minReplicas(_, let lag) = configuration.fence else { return nil }
    return FenceSetting(minReplicas: FenceSetting.closedCount, maxLagSeconds: lag)
  }

  /// Relaxed to so many replicas.
  private func openSetting(_ count: Int) -> FenceSetting {
    FenceSetting(minReplicas: count, maxLagSeconds: maxLagSeconds)
  }

  /// What the policy asks for where there are so many replicas.
  private func setting(replicas count: Int) -> FenceSetting {
    switch configuration.fence {
    case .minReplicas(.exactly(let number), let lag):
      FenceSetting(minReplicas: min(number, count), maxLagSeconds: lag)
    case .minReplicas(.all, let lag): FenceSetting(minReplicas: count, maxLagSeconds: lag)
    case .off: .serverDefault
    }
  }

  /// What was last armed, or would be with every replica that is known.
  ///
  /// At least one: a master that restarts must not acknowledge anything by itself.
  var armedSetting: FenceSetting {
    if let armed = fence.memory?.armed, armed.minReplicas > 0 { return armed }
    let others = max(knownForFence.count, 1)
    return setting(replicas: others)
  }

  /// How many replicas are good, by the lag in INFO or by Redis's own count.
  ///
  /// Acknowledgements come each second, so at a lag of one the whole seconds are two apart for
  /// some milliseconds now and then. Redis looks once a second, and only that refuses writes.
  private var goodCount: Int {
    let byLag = fence.good(maxLagSeconds: maxLagSeconds).count
    let online = fence.replication?.replicas.count(where: \.isOnline) ?? 0
    return max(byLag, min(fence.replication?.goodReplicas ?? 0, online))
  }

  /// Every replica that should be attached: those that Sentinels list, and those that are.
  var knownForFence: [Endpoint] {
    // A connection that is half open makes one replica appear twice.
    var known: [Endpoint] = []
    for replica in fence.replication?.replicas ?? [] where !known.contains(replica.endpoint) {
      known.append(replica.endpoint)
    }
    for record in evidence.sentinels {
      for replica in record.view?.replicas ?? []
      where !evidence.isLocal(replica.endpoint) && !known.contains(replica.endpoint)
        && !isNobody(replica.endpoint)
      {
        known.append(replica.endpoint)
      }
    }
    return known
  }

  /// Whether an endpoint is no replica's own: a virtual address, or a loopback that Sentinel was told.
  private func isNobody(_ endpoint: Endpoint) -> Bool {
    endpoint.address.isLoopback
      || configuration.virtualAddresses.contains { $0.address == endpoint.address }
  }

  /// Those that are not good.
  var missingReplicas: [Endpoint] {
    let good = fence.good(maxLagSeconds: maxLagSeconds)
    return knownForFence.filter { !good.contains($0) }.sorted()
  }

  /// The last time at which a replica that is not good now may have given a sign of life, be it
  /// listed still or forgotten; nothing while one was never looked for.
  private func lastSign(at now: Instant) -> Instant? {
    let good = fence.good(maxLagSeconds: maxLagSeconds)
    let isEveryoneSeen = knownForFence.allSatisfy { known in
      fence.signs.contains { $0.endpoint == known }
    }
    guard isEveryoneSeen else { return nil }
    return fence.signs.filter { !good.contains($0.endpoint) }.map(\.at).max()
      ?? Instant(nanoseconds: .min)
  }

  /// Whether a majority confirmed this master in answer to questions asked after an instant.
  ///
  /// An older answer may be from before a cut that also took the replica away. And each must have
  /// had a pong since the local Redis answers: after a boot a Sentinel names this master for as
  /// long as `down-after`, and may not have reached it again.
  private func isConfirmed(since start: Instant?, at now: Instant) -> Bool {
    guard let start, let answersSince = fence.answersSince else { return false }
    let confirming = evidence.sentinels.count { record in
      guard let pongAt = record.pongAt, pongAt > answersSince, let provenAt = record.provenAt
      else { return false }
      return provenAt > start && record.view(within: Timing.viewLifetime, at: now) != nil
    }
    return confirming >= counts.majority
  }
}

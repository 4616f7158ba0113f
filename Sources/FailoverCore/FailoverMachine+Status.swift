import Addresses

// MARK: - What people see

extension FailoverMachine {
  /// What the machine knows and does at an instant.
  public func status(at now: Instant) -> GroupStatus {
    let counts = counts
    return GroupStatus(
      masterName: configuration.masterName, state: stateName, reason: reason, since: since,
      virtualAddresses: configuration.virtualAddresses, presence: kernel.isPresent,
      localInstance: evidence.localInstances.first,
      localRole: evidence.localIsLost ? nil : evidence.localRole,
      named: naming(counts, at: now), basis: basis, leaseEnds: shownLeaseEnd,
      kernelEnds: kernelEnd, guarantee: guarantee(counts), guaranteeLosses: losses(counts),
      toleratedSentinelLosses: max(0, ableCount(at: now) - counts.confirmations),
      sentinelCount: counts.sentinels, pause: pause, fence: fenceStatus,
      leastDownAfter: evidence.leastDownAfter, move: moveStatus,
      blindPolicy: configuration.blindPolicy,
      sentinels: evidence.sentinels.map(sentinelStatus), counts: countStatus(counts, at: now),
      obstacles: obstacles(counts, at: now))
  }

  /// How many Sentinels confirm this node, if it holds on that, or could confirm a holder.
  private func ableCount(at now: Instant) -> Int {
    basis == .sentinels
      ? evidence.presentConfirmations(at: now)
      : evidence.sentinels.count { $0.view(within: Timing.viewLifetime, at: now) != nil }
  }

  private func countStatus(_ counts: Evidence.Counts, at now: Instant) -> GroupStatus.CountStatus {
    let known = evidence.roster.known.map { sentinel in
      var status = GroupStatus.KnownStatus(sentinel: sentinel)
      for record in evidence.sentinels where record.isConnected {
        if record.runID == sentinel.runID { status.isInContact = true }
        guard let list = record.list,
          let entry = list.entries.first(where: { $0.runID == sentinel.runID })
        else { continue }
        status.listedBy.append(record.id)
        if let age = entry.helloAge.map({ $0 + (now - list.provenAt) }) {
          status.helloAge = min(age, status.helloAge ?? age)
        }
      }
      return status
    }
    return GroupStatus.CountStatus(
      majority: counts.majority, quorum: counts.quorum, confirmations: counts.confirmations,
      able: ableCount(at: now), configured: configuredSentinels, known: known)
  }

  private func naming(_ counts: Evidence.Counts, at now: Instant) -> GroupStatus.Naming? {
    var best: GroupStatus.Naming?
    for record in evidence.sentinels {
      guard let view = record.view(within: Timing.viewLifetime, at: now) else { continue }
      let by = evidence.namings(of: view.named, within: Timing.viewLifetime, at: now)
      if let known = best, known.endpoint == view.named {
        best?.configEpoch = max(known.configEpoch, view.configEpoch)
      } else if best.map({ $0.by < by }) ?? true {
        best = GroupStatus.Naming(
          endpoint: view.named, configEpoch: view.configEpoch, by: by, of: counts.sentinels)
      }
    }
    return best
  }

  private var shownLeaseEnd: Instant? {
    guard case .held(let tenure) = state else { return nil }
    switch tenure.basis {
    case .sentinels: return leaseEnds
    case .provisional(let until): return until
    case .refusals, .replicas, .follower: return tenure.kernelEnds
    case .policy: return nil
    }
  }

  private var kernelEnd: Instant? {
    if case .held(let tenure) = state { return tenure.kernelEnds }
    return kernel.adoptedUntil
  }

  private func sentinelStatus(_ record: SentinelRecord) -> GroupStatus.SentinelStatus {
    GroupStatus.SentinelStatus(
      id: record.id, isConnected: record.isConnected, loss: record.loss,
      named: record.view?.named, configEpoch: record.view?.configEpoch,
      provenAt: record.provenAt,
      confirmsUntil: record.confirmsUntil(limit: configuration.leaseLimit),
      flags: record.view?.flags, view: record.view, runID: record.runID,
      list: record.list?.entries, lacksMaster: record.lacksMaster,
      isLeftOut: evidence.roster.isLeftOut(record))
  }
}

// MARK: - What is promised

extension FailoverMachine {
  /// The worst of what each loss leaves.
  private func guarantee(_ counts: Evidence.Counts) -> Guarantee {
    var worst = Guarantee.strict
    for loss in losses(counts) {
      switch loss {
      case .shortDownAfter(let downAfter) where downAfter < Timing.leastDownAfterForPongs:
        return .none
      case .blindPolicy(.hold):
        return .none
      case .shortDownAfter, .differingDownAfter, .quorumBelowMajority, .tooFewSentinels,
        .blindPolicy, .probesOff:
        worst = .bounded
      }
    }
    return worst
  }

  private func losses(_ counts: Evidence.Counts) -> [GuaranteeLoss] {
    var losses: [GuaranteeLoss] = []
    let downAfters = evidence.sentinels.compactMap { $0.view?.downAfter }
    if let least = downAfters.min(), let greatest = downAfters.max() {
      if least < Timing.leastStrictDownAfter { losses.append(.shortDownAfter(least)) }
      if least != greatest {
        losses.append(.differingDownAfter(least: least, greatest: greatest))
      }
    }
    if counts.quorum < counts.majority {
      losses.append(
        .quorumBelowMajority(quorum: counts.quorum, majority: counts.majority))
    }
    let inContact = evidence.sentinels.count { $0.isConnected && $0.view != nil }
    if inContact < counts.confirmations {
      losses.append(.tooFewSentinels(inContact: inContact, needed: counts.confirmations))
    }
    if configuration.blindPolicy != .release {
      losses.append(.blindPolicy(configuration.blindPolicy))
    }
    if !configuration.probesForDuplicates { losses.append(.probesOff) }
    return losses
  }
}

// MARK: - What is missing

extension FailoverMachine {
  /// What stands between this node and the address.
  private func obstacles(_ counts: Evidence.Counts, at now: Instant) -> [Obstacle] {
    if case .held = state { return [] }
    var obstacles: [Obstacle] = []
    if pause != nil { obstacles.append(.paused) }
    if evidence.localInstances.isEmpty { obstacles.append(.notInGroup) }
    if evidence.localIsLost || evidence.localRole != .master {
      obstacles.append(.notMaster(evidence.localIsLost ? nil : evidence.localRole))
    }
    let named = evidence.localNamings(within: Timing.viewLifetime, at: now)
    if named < counts.majority {
      obstacles.append(.notNamed(by: named, needed: counts.majority))
      return obstacles
    }
    let confirming = evidence.presentConfirmations(at: now)
    if confirming < counts.confirmations {
      obstacles.append(.notConfirmed(by: confirming, needed: counts.confirmations))
    }
    let down = evidence.localDownCount(at: now)
    if down >= counts.quorum { obstacles.append(.heldDown(by: down, quorum: counts.quorum)) }
    if let leader = evidence.failoverUnderWay(at: now) {
      obstacles.append(.failoverInProgress(leader))
    }
    if let claim = evidence.newestForeignClaim(at: now),
      claim.epoch > evidence.localEpoch(at: now) ?? 0
    {
      obstacles.append(.newerEpoch(claim.named, claim.epoch))
    }
    return obstacles + waitingObstacles(at: now)
  }

  private func waitingObstacles(at now: Instant) -> [Obstacle] {
    var obstacles: [Obstacle] = []
    if let since = evidence.settlingSince, let lease = evidence.longestLease,
      since + settlingTime(lease) > now
    {
      obstacles.append(.settling(until: since + settlingTime(lease)))
    }
    if let mac = probe.claimedBy {
      obstacles.append(.addressInUse(mac))
    } else if probe.startedAt != nil, probe.completedAt == nil {
      obstacles.append(.probing)
    }
    return obstacles
  }
}

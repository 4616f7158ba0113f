import Addresses

/// What the machine knows and does at an instant, put together for people.
struct Overview {
  let configuration: GroupConfiguration
  let evidence: Evidence
  let address: AddressView
  let kernel: KernelLease
  let probe: DuplicateProbe
  let lastClaim: AddressClaimSeen?
  let fence: FenceStatus
  let move: MoveStatus?
  let death: DeathStatus?
  let emptied: DataLoss?
  let now: Instant

  private var panel: SentinelPanel { evidence.panel }

  /// The whole.
  var status: GroupStatus {
    let counts = panel.counts
    let losses = losses(counts)
    return GroupStatus(
      masterName: configuration.masterName, state: address.stateName, reason: address.reason,
      since: address.since, virtualAddresses: configuration.virtualAddresses,
      presence: kernel.isPresent, localInstance: panel.localInstances.first, localRole: role,
      lastRole: evidence.local.role,
      named: naming(counts), successor: successor, basis: address.basis, leaseEnds: leaseEnd,
      kernelEnds: kernelEnd,
      guarantee: guarantee(losses), guaranteeLosses: losses,
      toleratedSentinelLosses: max(0, ableCount - counts.confirmations),
      sentinelCount: counts.sentinels, pause: address.pause, fence: fence,
      minDownAfter: panel.minDownAfter, move: move,
      deathPolicy: configuration.deathPolicy, death: death, emptied: emptied,
      blindPolicy: configuration.blindPolicy,
      isFailoverUnderWay: panel.failoverUnderWay(at: now) != nil,
      sentinels: panel.records.map(sentinelStatus), counts: countStatus(counts),
      obstacles: obstacles(counts), lastClaim: lastClaim)
  }

  private var role: LocalRole? { evidence.local.isLost ? nil : evidence.local.role }

  private func naming(_ counts: SentinelCounts) -> GroupStatus.Naming? {
    var best: GroupStatus.Naming?
    for view in panel.views(at: now) {
      let by = panel.namings(of: view.named, at: now)
      if let known = best, known.endpoint == view.named {
        best?.configEpoch = max(known.configEpoch, view.configEpoch)
      } else if best.map({ $0.by < by }) ?? true {
        best = GroupStatus.Naming(
          endpoint: view.named, configEpoch: view.configEpoch, by: by, of: counts.sentinels)
      }
    }
    return best
  }

  /// A majority that names another is no word on a promotion that came after: all name the master before
  /// until their leader has seen it.
  private var successor: Endpoint? {
    guard let named = panel.foreignMajorityNamed(at: now) else { return nil }
    if let flip = evidence.local.flip, let since = panel.naming.since, since < flip.at {
      return nil
    }
    return named
  }

  private var leaseEnd: Instant? {
    guard let holding = address.state.holding else { return nil }
    switch holding.basis {
    case .sentinels: return panel.leaseEnd(limit: configuration.leaseLimit)
    case .provisional(let until): return until
    case .refusals, .replicas, .follower: return holding.kernelEnds
    case .policy: return nil
    }
  }

  private var kernelEnd: Instant? {
    if let holding = address.state.holding { return holding.kernelEnds }
    return kernel.adoptedUntil
  }
}

// MARK: - The Sentinels

extension Overview {
  /// How many Sentinels confirm this node, if it holds on that, or could confirm a holder.
  private var ableCount: Int {
    address.basis == .sentinels
      ? panel.presentConfirmations(at: now) : panel.views(at: now).count
  }

  private func countStatus(_ counts: SentinelCounts) -> GroupStatus.CountStatus {
    GroupStatus.CountStatus(
      majority: counts.majority, quorum: counts.quorum, confirmations: counts.confirmations,
      able: ableCount, configured: panel.configured, known: panel.roster.known.map(knownStatus))
  }

  private func knownStatus(_ sentinel: KnownSentinel) -> GroupStatus.KnownStatus {
    var status = GroupStatus.KnownStatus(sentinel: sentinel)
    for record in panel.records where record.isConnected {
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

  private func sentinelStatus(_ record: SentinelRecord) -> GroupStatus.SentinelStatus {
    GroupStatus.SentinelStatus(
      id: record.id, isConnected: record.isConnected, loss: record.loss,
      named: record.view?.named, configEpoch: record.view?.configEpoch,
      provenAt: record.provenAt,
      confirmsUntil: record.confirmsUntil(limit: configuration.leaseLimit),
      flags: record.view?.flags, view: record.view, runID: record.runID,
      list: record.list?.entries, lacksMaster: record.lacksMaster,
      isLeftOut: panel.roster.isLeftOut(record))
  }
}

// MARK: - What is promised

extension Overview {
  /// The worst of what each loss leaves.
  private func guarantee(_ losses: [GuaranteeLoss]) -> Guarantee {
    var worst = Guarantee.strict
    for loss in losses {
      switch loss {
      case .shortDownAfter(let downAfter) where downAfter < Timing.minDownAfterForPongs:
        return .none
      case .blindPolicy(.hold):
        return .none
      case .shortDownAfter, .differingDownAfter, .quorumBelowMajority, .tooFewSentinels,
        .blindPolicy, .probesOff, .forgottenMayElect:
        worst = .bounded
      }
    }
    return worst
  }

  private func losses(_ counts: SentinelCounts) -> [GuaranteeLoss] {
    var losses: [GuaranteeLoss] = []
    let downAfters = panel.records.compactMap { $0.view?.downAfter }
    if let least = downAfters.min(), let greatest = downAfters.max() {
      if least < Timing.minStrictDownAfter { losses.append(.shortDownAfter(least)) }
      if least != greatest {
        losses.append(.differingDownAfter(least: least, greatest: greatest))
      }
    }
    if counts.quorum < counts.majority {
      losses.append(
        .quorumBelowMajority(quorum: counts.quorum, majority: counts.majority))
    }
    let inContact = panel.records.count { $0.isConnected && $0.view != nil }
    if inContact < counts.confirmations {
      losses.append(.tooFewSentinels(inContact: inContact, needed: counts.confirmations))
    }
    if configuration.blindPolicy != .release {
      losses.append(.blindPolicy(configuration.blindPolicy))
    }
    if !configuration.probesForDuplicates { losses.append(.probesOff) }
    let forgotten = panel.roster.forgottenAlive(among: panel.records, at: now)
    if forgotten > 0, forgotten >= counts.quorum {
      losses.append(.forgottenMayElect(count: forgotten, quorum: counts.quorum))
    }
    return losses
  }
}

// MARK: - What is missing

extension Overview {
  /// What stands between this node and the address.
  private func obstacles(_ counts: SentinelCounts) -> [Obstacle] {
    if address.state.holding != nil { return [] }
    var obstacles: [Obstacle] = []
    if address.pause != nil { obstacles.append(.paused) }
    if panel.localInstances.isEmpty { obstacles.append(.notInGroup) }
    if role != .master { obstacles.append(.notMaster(role)) }
    let named = panel.localNamings(at: now)
    if named < counts.majority {
      obstacles.append(.notNamed(by: named, needed: counts.majority))
      return obstacles
    }
    let confirming = panel.presentConfirmations(at: now)
    if confirming < counts.confirmations {
      obstacles.append(.notConfirmed(by: confirming, needed: counts.confirmations))
    }
    let down = panel.localDownCount(at: now)
    if down >= counts.quorum { obstacles.append(.heldDown(by: down, quorum: counts.quorum)) }
    if let leader = panel.failoverUnderWay(at: now) {
      obstacles.append(.failoverInProgress(leader))
    }
    if let claim = panel.newestForeignClaim(at: now), claim.epoch > panel.localEpoch(at: now) ?? 0 {
      obstacles.append(.newerEpoch(claim.named, claim.epoch))
    }
    return obstacles + waitingObstacles
  }

  private var waitingObstacles: [Obstacle] {
    var obstacles: [Obstacle] = []
    if let since = panel.settling.since, let lease = panel.maxLease {
      let ends = since + Entitlement.settlingTime(lease)
      if ends > now { obstacles.append(.settling(until: ends)) }
    }
    if let mac = probe.claimant {
      obstacles.append(.addressInUse(mac))
    } else if probe.isUnderWay {
      obstacles.append(.probing)
    }
    return obstacles
  }
}

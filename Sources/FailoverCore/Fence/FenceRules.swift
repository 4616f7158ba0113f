import Addresses

/// What the fence should be.
enum FenceGoal: Equatable {
  /// As it is.
  case unchanged
  /// As many replicas as there are; written to the file as well.
  case armed(FenceReason)
  /// So; written to the file as well.
  case lasting(FenceSetting, FenceReason)
  /// So, for now.
  case passing(FenceSetting, FenceReason)
  /// More replicas than any master has, from letting go until holding again.
  case closed(FenceReason)
  /// Closed, and then a replica of the node that a majority names.
  case demoted(to: Endpoint)
}

/// What the fence should be at an instant.
///
/// - *armed*: as many replicas as there are. A master that was cut off stops by itself.
/// - *open*: as many as are attached, on confirmations that are newer than the missing ones.
/// - *closed*: more than any master has, from letting go until holding again.
///
/// Pure: it looks at what is known and changes nothing.
struct FenceRules {
  let evidence: Evidence
  let address: AddressView
  let hold: MoveHold
  let policy: FencePolicy
  let ledger: ReplicaLedger
  /// Every replica that should be attached, and those of them that are not good.
  let known: [Endpoint]
  let missing: [Endpoint]
  /// What is in force once every order is carried out.
  let expected: FenceSetting?
  /// Why every write is to be refused until the address is held again.
  let closure: FenceReason?
  let isOpenedForSelection: Bool
  /// Whether this daemon closed it, on this connection.
  let isClosedHere: Bool
  /// Since when the local Redis has answered without a break.
  let answersSince: Instant?
  /// What is in doubt about the data of the local master.
  let doubt: DataDoubt
  /// Whether nothing beyond this host was heard for a while.
  let isIsolated: Bool
  let now: Instant

  private var panel: SentinelPanel { evidence.panel }
  private var isClosed: Bool { expected?.isClosed == true }

  /// What the fence should be.
  var goal: FenceGoal {
    guard address.pause == nil || hold.isFenced, address.state != .stopped, !evidence.local.isLost,
      let role = evidence.local.role
    else { return .unchanged }
    if case .replica = role { return goalOfReplica }
    switch address.state {
    case .held where hold.isClosed: return .closed(.move)
    case .standby where isReopenedByMove: return .armed(.reconciled)
    case .held(let holding): return goalOfHolder(holding)
    case .prepared(let preparation):
      // An old master that is selected without ever having followed is not opened by that.
      return evidence.local.flip.map { $0.at >= preparation.since } ?? false
        ? goalOfSelected : .unchanged
    case .yielding: return .closed(.letGo(address.reason))
    case .standby: return goalOfStandby
    case .stopped: return .unchanged
    }
  }

  /// Whether an undone move has to arm the fence although this node does not hold: the operator
  /// let go of the address, and nothing else closed it.
  private var isReopenedByMove: Bool {
    hold.isFenced && !hold.isClosed && closure == nil && isClosed
  }
}

// MARK: - A node that does not hold

extension FenceRules {
  /// The first write after the flip must not wait for replicas; on a replica it has no effect.
  private var goalOfSelected: FenceGoal {
    if expected?.minReplicas == 0 { return .unchanged }
    let open = FenceSetting(minReplicas: 0, maxLagSeconds: policy.maxLagSeconds)
    return .passing(open, .selectedHere)
  }

  /// A replica keeps what it has, but neither closed nor opened for a selection that is over.
  private var goalOfReplica: FenceGoal {
    if case .prepared = address.state { return goalOfSelected }
    return isClosed || isOpenedForSelection ? .armed(.reconciled) : .unchanged
  }

  private var goalOfStandby: FenceGoal {
    if let named = panel.foreignMajorityNamed(at: now) {
      // The target of a failover is master before it is named.
      if isPromotionRecent { return .unchanged }
      // One that was promoted in a minority has the newer epoch; the majority follows once it hears.
      return isNewest ? .closed(.anotherNamed(named)) : .demoted(to: named)
    }
    if let claim = panel.newestForeignClaim(at: now), !isPromotionRecent,
      panel.localEpoch(at: now).map({ claim.epoch > $0 })
        ?? (panel.contacts(at: now) >= panel.counts.majority)
    {
      return .closed(.anotherNamed(claim.named))
    }
    if hold.isClosed { return .closed(.move) }
    if let since = address.entitledSince, now - since >= Timing.entitledPatience {
      // The address can't be had, because another machine answers for it; that is no reason to
      // refuse the writes of those who use the node's own address.
      return isClosed ? .armed(.reconciled) : .unchanged
    }
    if let closure { return .closed(closure) }
    // Promoted and never named: what is written here will be thrown away.
    return isOpenedForSelection && !isPromotionRecent ? .armed(.reconciled) : .unchanged
  }

  /// Whether a Sentinel names this node at a greater config epoch than any other names another.
  private var isNewest: Bool {
    guard let ours = panel.localEpoch(at: now) else { return false }
    return panel.newestForeignClaim(at: now).map { $0.epoch < ours } ?? true
  }

  /// Whether this node may be a master that is about to be named.
  private var isPromotionRecent: Bool {
    if panel.elections.selections.contains(where: { $0.isCurrent && panel.isLocal($0.target) }) {
      return true
    }
    guard let flip = evidence.local.flip, now - flip.at < Timing.namingLimit else { return false }
    return !panel.isPromotionDenied(since: flip.at, at: now)
  }
}

// MARK: - A holder

extension FenceRules {
  /// Armed with all replicas good; opened to those that are, if that is safe; else as it is.
  private func goalOfHolder(_ holding: Holding) -> FenceGoal {
    // It was opened for the first write after a promotion, and comes back open from its file.
    if doubt == .compared, isClosed || expected?.minReplicas == 0 { return .closed(.compared) }
    guard holding.basis == .sentinels else {
      // The fast path leaves open what was opened for it; blindness changes nothing.
      return holding.isProvisional ? goalOfSelected : .unchanged
    }
    if isIsolated { return .closed(.isolated) }
    if isClosed, mayFailoverCome { return .unchanged }
    let reopened: FenceGoal = isClosed ? .armed(.holds) : .unchanged
    guard let askedAt = ledger.askedAt, now - askedAt <= Timing.viewLifetime else {
      return reopened
    }
    let good = ledger.goodCount(maxLagSeconds: policy.maxLagSeconds)
    let full = policy.setting(replicas: known.count)
    if good >= full.minReplicas {
      return isSafe(full) ? .lasting(full, .replicasGood(good)) : reopened
    }
    let relaxed = FenceSetting(minReplicas: good, maxLagSeconds: policy.maxLagSeconds)
    return isSafe(relaxed) ? .passing(relaxed, .replicasMissing(missing)) : reopened
  }

  /// Whether a setting can't let a write through that would be lost.
  ///
  /// Asking for more is always safe; asking for less, only if no other node was elected: a majority
  /// confirmed this master in answer to questions asked after the last sign of life of a replica that
  /// is missing. An older answer may be from before a cut that also took the replica away. And each
  /// must have had a pong since the local Redis answers: after a boot a Sentinel names this master
  /// for as long as `down-after`, and may not have reached it again.
  private func isSafe(_ setting: FenceSetting) -> Bool {
    if setting.minReplicas >= expected?.minReplicas ?? 0 { return true }
    if doubt != .none { return false }
    guard let answersSince,
      let start = ledger.lastSign(known: known, maxLagSeconds: policy.maxLagSeconds)
    else { return false }
    let confirming = panel.records.count { record in
      guard let pongAt = record.pongAt, pongAt > answersSince, let provenAt = record.provenAt
      else { return false }
      return provenAt > start && record.view(within: Timing.viewLifetime, at: now) != nil
    }
    return confirming >= panel.counts.majority
  }

  /// Whether a holder that finds its fence closed must leave it so: a daemon here may have been
  /// driving a move, and died after its order.
  ///
  /// Any Sentinel may be the one that it commanded, so all are heard first, or given their time.
  /// What this daemon closed itself was closed for no move but one that still has it: a failover
  /// that sleeps, as in TILT, then costs no writes, as it costs none to a holder that never let go.
  private var mayFailoverCome: Bool {
    if isClosedHere { return false }
    if panel.failoverUnderWay(at: now) != nil { return true }
    if now - address.since >= Timing.foundClosedPatience { return false }
    let heard = panel.records.count {
      $0.view(within: Timing.viewLifetime, at: now) != nil || $0.refuses(at: now)
    }
    return heard < panel.counts.sentinels
  }
}

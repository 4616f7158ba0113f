import Addresses

// MARK: - Naming and settling

extension Evidence {
  /// Brings up to date whom a majority names, and who is proven to be down.
  mutating func updateNaming(_ counts: Counts, at now: Instant) {
    if let named = majorityNamed(counts, at: now)?.endpoint, named != namedByMajority {
      if let before = namedByMajority, !(isLocal(before) && isLocal(named)) {
        previouslyNamed = before
      }
      namedByMajority = named
      namedSince = now
    }
    let suspects = [namedByMajority, previouslyNamed, selections.last?.oldMaster]
    for case let suspect? in suspects where !isLocal(suspect) {
      if sentinels.count(where: { $0.holdsDown(suspect, at: now) }) >= counts.blocking {
        provenDown = ProvenDown(endpoint: suspect, at: now)
        return
      }
    }
  }

  /// Brings up to date since when the conditions of a retake hold.
  ///
  /// A majority confirms this node, fewer than a quorum hold it down, and no failover is under
  /// way before the promotion, unless it hangs for longer than its target stays prepared.
  mutating func updateSettling(_ counts: Counts, at now: Instant) {
    let holds =
      presentConfirmations(at: now) >= counts.majority
      && localDownCount(at: now) < counts.quorum && failoverUnderWay(at: now) == nil
      && !isAnotherSelected(at: now)
    if let asOf = settledAsOf, now - asOf > Timing.viewLifetime { unsettle() }
    guard holds else {
      unsettle()
      return
    }
    settlingSince = settlingSince ?? now
    settledAsOf = now
    unanimousSince = isUnanimous(counts, at: now) ? unanimousSince ?? now : nil
  }

  /// Lets a retake wait anew from now.
  mutating func unsettle() {
    settlingSince = nil
    settledAsOf = nil
    unanimousSince = nil
  }

  /// Whether every Sentinel is in contact, confirms this node, and runs no failover.
  ///
  /// No leader can then be between a selection and a naming: it would be one of them.
  private func isUnanimous(_ counts: Counts, at now: Instant) -> Bool {
    let agreeing = sentinels.count { record in
      guard record.pongAt != nil, let view = record.view(within: Timing.contactWindow, at: now)
      else { return false }
      return isLocal(view.master) && view.failoverState == nil
        && !view.replicas.contains { $0.flags.contains(.promoted) }
    }
    return agreeing == counts.sentinels
  }

  /// Whether another node has the right of way by a selection that still stands.
  func isAnotherSelected(at now: Instant) -> Bool {
    selections.contains {
      $0.isCurrent && !isLocal($0.target) && now - $0.seenAt < Timing.yieldLifetime
    }
  }

  /// Whether another node was selected in a newer epoch so recently that it may hold on that.
  func wasAnotherSelected(above epoch: UInt64, at now: Instant) -> Bool {
    selections.contains {
      !isLocal($0.target) && ($0.epoch ?? .max) > epoch
        && now - $0.seenAt < Timing.preparedLifetime + Timing.leastSettling
    }
  }

  /// Whether another node is selected in an epoch or a newer one.
  func isAnotherSelected(from epoch: UInt64) -> Bool {
    selections.contains {
      $0.isCurrent && !isLocal($0.target) && ($0.epoch ?? .max) >= epoch
    }
  }

  /// How many Sentinels hold the local instance to be down.
  func localDownCount(at now: Instant) -> Int {
    sentinels.count { record in localInstances.contains { record.holdsDown($0, at: now) } }
  }

  /// A Sentinel in contact that runs a failover whose promotion may still come.
  func failoverUnderWay(at now: Instant) -> SentinelID? {
    sentinels.first { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        view.failoverState?.isBeforePromotion == true
      else { return false }
      let hanging = selections.last { $0.leader == record.id && $0.isCurrent }
      return hanging.map { now - $0.seenAt < Timing.yieldLifetime } ?? true
    }?.id
  }

  /// Whether every Sentinel, asked since this node became a master, names another and runs no
  /// failover: then it was not Sentinel that promoted it, but a restart without its file, or a hand.
  ///
  /// One that is not in contact may be the leader. A leader shows its failover until it names the
  /// promoted node (`sentinel.c sentinelFailoverSwitchToPromotedSlave`).
  func isPromotionDenied(_ counts: Counts, since start: Instant, at now: Instant) -> Bool {
    let denying = sentinels.count { record in
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        let provenAt = record.provenAt, provenAt > start
      else { return false }
      return !isLocal(view.named) && view.failoverState == nil
        && view.flags.isDisjoint(with: [.failoverInProgress, .forceFailover])
    }
    return denying >= counts.sentinels
  }
}

import Addresses

/// Whether this node may take the address at an instant, and why.
///
/// Pure: it looks at what is known and changes nothing.
struct Entitlement {
  let evidence: Evidence
  let conduct: Conduct
  let kernel: KernelLease
  let configuration: GroupConfiguration
  let now: Instant

  private var panel: SentinelPanel { evidence.panel }
}

// MARK: - The fast path

extension Entitlement {
  /// The epoch in which the address may be taken at the flip, before any Sentinel knows of it; nil
  /// if it may not.
  ///
  /// The probe is still to be asked.
  func fastPathEpoch(_ preparation: Preparation) -> UInt64? {
    let local = evidence.local
    guard local.role == .master, let flip = local.flip, !flip.isUsed, flip.at >= preparation.since,
      now - flip.at <= Timing.flipLifetime, now < preparation.ends,
      let epoch = preparation.epoch, (panel.elections.newestVote?.epoch ?? 0) <= epoch
    else { return nil }
    // Asked since the selection: an older answer may be from before a cut.
    guard panel.contacts(since: preparation.since, at: now) >= panel.counts.majority,
      !panel.isAnotherSelected(from: epoch), isOldHolderGone(preparation)
    else { return nil }
    return epoch
  }

  /// Whether the old holder is known to be gone: by its own notice, or because so many Sentinels
  /// hold it down that no majority is left to confirm it.
  func isOldHolderGone(_ preparation: Preparation) -> Bool {
    guard let old = preparation.oldMaster else { return false }
    return conduct.hasYielded(to: preparation) || panel.isBlocked(old, at: now)
  }

  /// The selection of this node to prepare for, if there is one; a vote in a newer epoch replaces it.
  func selectionToPrepare() -> Elections.Selection? {
    let selection = panel.elections.firstToPrepare {
      panel.isLocal($0.target) && now - $0.seenAt < Timing.preparedLifetime
    }
    guard let selection, selection.leader != nil else { return nil }
    if let vote = panel.elections.newestVote, let epoch = selection.epoch, vote.epoch > epoch {
      return nil
    }
    return selection
  }

  /// A selection of another node that came after the preparation.
  func selectionOfAnother(after preparation: Preparation) -> Elections.Selection? {
    panel.elections.selections.last { selection in
      selection.isCurrent && !panel.isLocal(selection.target)
        && selection.seenAt > preparation.since
        && (selection.epoch ?? .max) > (preparation.epoch ?? 0)
    }
  }
}

// MARK: - The normal path, the retake and the cold start

extension Entitlement {
  /// Whether a lease stands that could be held on, in the epoch at which this node is named.
  func leasedEpoch() -> UInt64? {
    guard evidence.local.role == .master,
      let ends = panel.leaseEnd(limit: configuration.leaseLimit), ends > now,
      kernel.isUnspent(ends)
    else { return nil }
    return panel.localEpoch(at: now)
  }

  /// Why this node may take now, if it may: a majority names it, and the holder before is gone.
  func reason(epoch: UInt64) -> Reason? {
    let counts = panel.counts
    let by = panel.localNamings(at: now)
    guard by >= counts.majority, let lease = panel.maxLease else { return nil }
    if let since = panel.settling.since, now - since >= Self.settlingTime(lease) {
      return .settled(now - since)
    }
    if panel.elections.unseen != nil { return nil }
    if let claim = panel.newestForeignClaim(at: now), claim.epoch > epoch { return nil }
    // The target of a newer selection may hold on it, also if its leader gave up since.
    if panel.wasAnotherSelected(above: epoch, at: now) { return nil }
    // A node that holds without a lease holds until it is told; waiting would not make it let go.
    if !configuration.waitsForLeases {
      return .namedByMajority(epoch: epoch, by: by, of: counts.sentinels)
    }
    if let since = panel.settling.unanimousSince, now - since >= Timing.unanimousSettling,
      kernel.proof?.configEpoch == epoch
    {
      return .unanimous(of: counts.sentinels)
    }
    if let age = proofAge(epoch: epoch) { return .provenRecently(age: age) }
    guard let before = panel.naming.previous, !panel.isLocal(before),
      let since = panel.naming.since, panel.isLocal(panel.naming.current)
    else { return nil }
    guard now - since >= lease || hasLeft(before) else { return nil }
    return .namedByMajority(epoch: epoch, by: by, of: counts.sentinels)
  }

  /// For how long a naming must last before a retake or a cold start.
  static func settlingTime(_ lease: Duration) -> Duration { max(lease, Timing.minSettling) }

  /// The age of the last proof, if it is so young that nobody can have been elected since.
  private func proofAge(epoch: UInt64) -> Duration? {
    guard let proof = kernel.proof, let downAfter = panel.minDownAfter,
      proof.configEpoch == epoch
    else { return nil }
    let age = now - proof.provenAt
    guard age < downAfter - Timing.proofMargin,
      panel.elections.newestVote.map({ $0.heardAt < proof.provenAt }) ?? true,
      panel.elections.selections.allSatisfy({ $0.seenAt < proof.provenAt }),
      panel.failoverUnderWay(at: now) == nil
    else { return nil }
    return age
  }

  /// Whether the node that was named before is known not to hold any more.
  private func hasLeft(_ before: Endpoint) -> Bool {
    panel.naming.wasDown(before, at: now) || conduct.hasYielded(before, at: now)
  }

  /// When a standby's right to take changes by itself.
  var deadlines: [Instant] {
    guard let lease = panel.maxLease else { return [] }
    return [
      panel.settling.since.map { $0 + Self.settlingTime(lease) },
      panel.settling.unanimousSince.map { $0 + Timing.unanimousSettling },
      panel.naming.since.map { $0 + lease },
    ].compactMap { $0 }
  }
}

// MARK: - What rules it out

extension Entitlement {
  /// Whether it is certain that this node may not hold.
  var isRuledOut: Bool {
    evidence.local.isReplica || panel.foreignMajorityNamed(at: now) != nil
  }

  /// Whether this node is a master, and a majority names one: this one, unless it is ruled out.
  var isNamedMaster: Bool {
    evidence.local.role == .master && panel.majorityNamed(at: now) != nil
  }

  /// Whether an address without a lifetime, which another program left here, stays for now.
  ///
  /// Before this daemon it was here without any right; to leave it where it is while the usual rules
  /// of a take run makes no holder that was not there before. It stays while nothing speaks against
  /// this node, for as long as it takes to hear the Sentinels; and while they name this node, for as
  /// long as the longest take takes.
  func mayKeepFound(since: Instant) -> Bool {
    if isRuledOut || panel.isAnotherSelected(at: now) { return false }
    if let claim = panel.newestForeignClaim(at: now),
      claim.epoch > panel.localEpoch(at: now) ?? 0
    {
      return false
    }
    if now - since < Timing.adoptionPatience { return true }
    return now - since < Timing.adoptionLimit && isNamedMaster
  }
}

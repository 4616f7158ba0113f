import Addresses

/// What a holding rests on at an instant, if on anything, and what ends it.
///
/// Pure: it looks at what is known and changes nothing.
struct HoldingRules {
  let evidence: Evidence
  let configuration: GroupConfiguration
  var doubts: Doubts
  /// The node for which a planned move keeps the address although that is selected.
  let keptFrom: Endpoint?
  let now: Instant
  /// When the lease by confirmations ends; nil if too few confirm.
  let leaseEnds: Instant?
  let counts: SentinelCounts

  init(
    _ evidence: Evidence, _ configuration: GroupConfiguration, _ doubts: Doubts,
    keptFrom: Endpoint?, at now: Instant
  ) {
    self.evidence = evidence
    self.configuration = configuration
    self.doubts = doubts
    self.keptFrom = keptFrom
    self.now = now
    leaseEnds = evidence.panel.leaseEnd(limit: configuration.leaseLimit)
    counts = evidence.panel.counts
  }

  /// A basis, and the sentence for it.
  typealias Found = (basis: Holding.Basis, reason: Reason)

  private var panel: SentinelPanel { evidence.panel }
  private var dispute: NamingDispute? { doubts.dispute }

  /// Whether the replicas may have to carry the holding (`blind replicas`).
  var needsReplicas: Bool {
    configuration.blindPolicy == .replicas && panel.contacts(at: now) < counts.confirmations
  }

  /// Whether so many Sentinels are in contact that no selection goes unseen.
  var isMajorityInContact: Bool { panel.contacts(at: now) >= counts.majority }

  /// Whether enough Sentinels confirm this node.
  var isLeased: Bool { leaseEnds.map { $0 > now } ?? false }
}

// MARK: - What ends a holding

extension HoldingRules {
  /// Why the address must go although its basis may still stand.
  func reasonToLetGo(_ holding: Holding) -> (reason: Reason, next: AddressState)? {
    if evidence.local.isReplica { return (.roleChanged, .standby) }
    if let selection = liveSelectionOfAnother(than: holding), selection.target != keptFrom {
      let epoch = selection.epoch ?? holding.epoch
      let yield = Yield(target: selection.target, epoch: epoch, since: now)
      let reason =
        selection.leader == nil
        ? Reason.askedToYield(selection.target)
        : .anotherSelected(selection.target, epoch: epoch)
      return (reason, .yielding(yield))
    }
    if holding.isProvisional, let vote = panel.elections.newestVote, vote.epoch > holding.epoch,
      !panel.isPending(vote, at: now)
    {
      return (.newerVote(epoch: vote.epoch), .standby)
    }
    if holding.isProvisional, let preparation = holding.preparation, panel.isAborted(preparation) {
      return (.selectionExpired, .standby)
    }
    return reasonOfNaming(holding).map { ($0, .standby) }
  }

  /// Whether a majority, or one Sentinel in a newer epoch, names another node.
  private func reasonOfNaming(_ holding: Holding) -> Reason? {
    guard let claim = panel.newestForeignClaim(at: now) else { return nil }
    if claim.epoch > holding.epoch { return .newerEpoch(claim.named, epoch: claim.epoch) }
    // Until the promotion is known, all name the old master, in an older epoch.
    if holding.isProvisional, claim.epoch < holding.epoch { return nil }
    guard let named = panel.majorityNamed(at: now), !panel.isLocal(named.endpoint),
      !isOutweighed(holding)
    else { return nil }
    return .anotherNamed(
      named.endpoint, epoch: claim.epoch, by: named.by, of: counts.sentinels)
  }

  /// A selection of another node to which this holder yields.
  ///
  /// One of an older epoch than the holding's is ignored, and so is one whose target had its time:
  /// from then on only a naming moves the address.
  private func liveSelectionOfAnother(than holding: Holding) -> Elections.Selection? {
    panel.elections.selections.last { selection in
      guard selection.isCurrent, !panel.isLocal(selection.target),
        now - selection.seenAt < Timing.yieldLifetime
      else { return false }
      let epoch = selection.epoch ?? .max
      // Two forced failovers can share an epoch: then neither holds before it is named.
      if holding.isProvisional { return epoch >= holding.epoch }
      // Sentinels that came back with an old configuration also count their epochs anew.
      if dispute != nil { return true }
      return epoch > holding.epoch
    }
  }

  /// The sentence for a holding that lost its basis.
  func reasonWithoutBasis(_ holding: Holding) -> Reason {
    if holding.isProvisional { return .neverNamed }
    if let doubt = doubts.lease { return .clockStepped(doubt.jump) }
    if let vote = panel.elections.unseen { return .voteForUnknownLeader(epoch: vote.epoch) }
    return holding.basis == .replicas ? .replicaMissing : .leaseEnded
  }
}

// MARK: - What carries a holding

extension HoldingRules {
  /// What a holding rests on now, if on anything.
  func basis(of holding: Holding) -> Found? {
    if panel.elections.unseen == nil {
      if isLeased {
        let by = panel.presentConfirmations(at: now)
        return (.sentinels, .confirmed(by: by, of: counts.sentinels))
      }
      if case .provisional(let until) = holding.basis { return provisionalBasis(until: until) }
      if let disputed = disputedBasis(holding) { return disputed }
      if let doubt = doubts.lease, now < doubt.ends {
        return (holding.basis, .clockStepped(doubt.jump))
      }
      if let blind = blindBasis() { return blind }
    } else if case .provisional(let until) = holding.basis {
      return provisionalBasis(until: until)
    }
    if holding.isProvisional { return nil }
    return configuration.blindPolicy == .hold ? (.policy, .keptByPolicy) : nil
  }

  /// Whether a provisional holding goes on: for its time, or while a majority in contact holds
  /// the named master down and no other node is selected.
  func provisionalBasis(until: Instant) -> Found? {
    if now < until { return (.provisional(until: until), .namedMasterDown) }
    let views = panel.views(within: Timing.contactWindow, at: now)
    guard views.allSatisfy({ panel.isLocal($0.named) || !$0.flags.isDisjoint(with: .down) }),
      views.count >= counts.majority
    else { return nil }
    return (.provisional(until: until), .namedMasterDown)
  }

  /// What carries a holder that too few Sentinels confirm while none names another.
  func blindBasis() -> Found? {
    let refusing = panel.refusals(at: now)
    if refusing >= counts.blocking, evidence.local.answers(at: now) {
      return (.refusals, .sentinelsRefuse(refusing))
    }
    guard configuration.blindPolicy == .replicas else { return nil }
    let replicas = panel.listedReplicas
    guard !replicas.isEmpty, evidence.local.isAcknowledged(by: replicas, at: now) else {
      return nil
    }
    return (.replicas, .replicasAcknowledge(replicas.count))
  }

  /// What carries a holder that Sentinels with an old configuration don't name.
  private func disputedBasis(_ holding: Holding) -> Found? {
    guard let dispute, isOutweighed(holding) else { return nil }
    return (dispute.isFollowed ? .follower : holding.basis, .followedByNamed(dispute.node))
  }

  /// Whether a majority's naming of another node does not end a holding.
  ///
  /// None may have voted for a leader that is out of contact.
  private func isOutweighed(_ holding: Holding) -> Bool {
    guard let dispute, panel.elections.unseen == nil else { return false }
    return dispute.isOutweighed(
      isFresh: isMajorityInContact && isFresh(holding), at: now)
  }

  /// Whether a holding stood on its own ground until it was contradicted: no longer than the kernel
  /// would keep the address if the daemon died.
  private func isFresh(_ holding: Holding) -> Bool {
    switch holding.basis {
    case .sentinels, .refusals, .replicas: holding.kernelEnds.map { now < $0 } ?? false
    case .provisional, .follower, .policy: false
    }
  }

  /// The dispute that there is now: a majority names another node in a lower epoch.
  ///
  /// Until a promotion is known all name the old master; that is no dispute.
  func currentDispute(_ holding: Holding) -> NamingDispute? {
    guard !holding.isProvisional, configuration.waitsForLeases else { return nil }
    guard let claim = panel.newestForeignClaim(at: now), claim.epoch < holding.epoch,
      let named = panel.foreignMajorityNamed(at: now)
    else {
      // Without answers nobody contradicts any more, and nobody agrees either.
      guard let dispute, !dispute.isOver(at: now), !isLeased else { return nil }
      return dispute
    }
    guard let dispute, dispute.node == named else {
      return NamingDispute(about: named, after: dispute, at: now)
    }
    return dispute
  }

  /// Whether a majority of Sentinels names another node now, in a lower epoch, and is in contact.
  func isDisputed(_ holding: Holding) -> Bool {
    panel.newestForeignClaim(at: now).map { $0.epoch < holding.epoch } ?? false
      && panel.foreignMajorityNamed(at: now) != nil
  }
}

// MARK: - How long the kernel may keep the address

extension HoldingRules {
  /// For how long the kernel may keep it from now on, by the basis.
  func kernelLifetime(_ holding: Holding) -> KernelLifetime {
    switch holding.basis {
    case .policy: .infinite
    case .sentinels:
      .seconds(Timing.kernelSeconds(leaseLeft: leaseEnds.map { $0 - now } ?? .zero))
    case .provisional, .refusals, .replicas, .follower: .seconds(Timing.minKernelSeconds)
    }
  }

  /// What a holding by confirmations proves now.
  func proof(_ holding: Holding) -> LeaseProof? {
    guard holding.basis == .sentinels, let leaseEnds, let downAfter = panel.minDownAfter
    else { return nil }
    let lease = Timing.lease(downAfter: downAfter, limit: configuration.leaseLimit)
    return LeaseProof(provenAt: leaseEnds - lease, configEpoch: holding.epoch)
  }

  /// Whether a renewal rests on more than the last one did.
  func isRenewable(_ holding: Holding) -> Bool {
    switch holding.basis {
    case .sentinels:
      // A blind holding carries on where confirmations end, but only if the address lasts until then.
      hasNewerProof(than: holding) && isGoodMoment(toRenew: holding)
        || blindBasis() != nil || configuration.blindPolicy == .hold
    case .provisional: provisionalBasis(until: now) != nil
    case .refusals, .replicas, .follower: true
    case .policy: false
    }
  }

  /// Whether more is proven than the kernel's lifetime accounts for.
  func hasNewerProof(than holding: Holding) -> Bool {
    guard let leaseEnds else { return false }
    return holding.renewedLease.map { leaseEnds > $0 } ?? true
  }

  /// Whether a renewal now would end in time even if nobody renewed again, or can't wait.
  ///
  /// Right after a pong the kernel's whole seconds fit; half a second later they need not.
  private func isGoodMoment(toRenew holding: Holding) -> Bool {
    guard let leaseEnds, let kernelEnds = holding.kernelEnds,
      case .seconds(let seconds) = kernelLifetime(holding)
    else { return true }
    let latest = now + .seconds(seconds) + Timing.kernelLateness
    return latest <= leaseEnds + Timing.kernelGrace
      || (kernelEnds - now <= Timing.renewalReserve && kernelEnds < leaseEnds)
  }

  /// When something about a holding changes by itself.
  func deadlines(_ holding: Holding) -> [Instant] {
    var deadlines: [Instant?] = []
    switch holding.basis {
    case .sentinels:
      // Newer proofs arrive as events; only refusals must be noticed without one.
      deadlines += [
        leaseEnds, holding.renewalDue, holding.kernelEnds.map { $0 - Timing.renewalReserve },
      ]
    case .provisional(let until):
      deadlines += [
        panel.elections.newestVote.map { $0.heardAt + Timing.voteGrace },
        until > now ? until : now + Timing.pollInterval, holding.renewalDue,
      ]
    case .refusals, .replicas, .follower:
      deadlines.append(now + Timing.acknowledgementLifetime)
    case .policy:
      break
    }
    return deadlines.compactMap { $0 } + doubts.deadlines
  }
}

import Addresses

/// A majority names another node than the holder, in a lower epoch: Sentinels that came back with
/// an old configuration do so (redis#12271).
///
/// Named is then a node that may itself be a replica of the holder. It takes no address as long as it
/// is one, and nobody else can be promoted without a selection, which a majority in contact shows.
/// So the holder goes on while that node, asked directly again and again, says that it follows it.
struct NamingDispute: Equatable, Sendable {
  /// The node that is named.
  var node: Endpoint
  /// When the first such naming was seen, of this node or another.
  let since: Instant
  /// When the node was last asked.
  var askedAt: Instant?
  /// When it was asked what it answered as a replica of this node; nil if it has not.
  var followedAt: Instant?
  /// Whether it answered something else.
  var isRefuted = false
  /// Until when the holding goes on without another look: one answer that is late costs no address.
  var carriesUntil: Instant?
}

// MARK: - Sentinels that came back with an old configuration

extension FailoverMachine {
  /// Looks whether a majority names another node in a lower epoch, and asks that node whom it follows.
  mutating func followDispute(_ holding: Tenure, at now: Instant, _ orders: inout [Effect]) {
    // Until a promotion is known everybody names the old master; that is no dispute.
    let isNamed = if case .provisional = holding.basis { false } else { true }
    guard isNamed, configuration.waitsForLeases else {
      evidence.dispute = nil
      return
    }
    guard let claim = evidence.newestForeignClaim(at: now), claim.epoch < holding.epoch,
      let named = evidence.majorityNamed(counts, at: now)?.endpoint, !evidence.isLocal(named)
    else {
      // Without answers nobody contradicts any more, and nobody agrees either.
      let isOver = evidence.dispute?.carriesUntil.map { now >= $0 } ?? true
      if isOver || (leaseEnds ?? now) > now { evidence.dispute = nil }
      return
    }
    var dispute = evidence.dispute ?? NamingDispute(node: named, since: now)
    if dispute.node != named {
      // Only the first node has time to answer: another may have been promoted meanwhile.
      dispute = NamingDispute(node: named, since: dispute.since)
    }
    if dispute.askedAt.map({ now - $0 >= Timing.pollInterval }) ?? true {
      dispute.askedAt = now
      orders.append(.inspect(named))
    }
    if let followedAt = dispute.followedAt,
      evidence.contacts(at: now) >= counts.majority
    {
      dispute.carriesUntil = followedAt + Timing.followerLifetime
    }
    evidence.dispute = dispute
  }

  /// Records what the node that is named says of itself.
  mutating func recordDispute(
    _ node: Endpoint, _ observation: NodeObservation?, sentAt: Instant
  ) {
    guard var dispute = evidence.dispute, dispute.node == node, let observation,
      sentAt >= evidence.barrier
    else { return }
    if case .replica(let master?) = observation.role, isThisNode(master) {
      // A replica that is still connecting has chosen its master, too.
      dispute.followedAt = max(sentAt, dispute.followedAt ?? sentAt)
      dispute.isRefuted = false
    } else {
      dispute.followedAt = nil
      dispute.carriesUntil = nil
      dispute.isRefuted = true
    }
    evidence.dispute = dispute
  }

  /// Whether a replica that names this master follows this node: maybe through the virtual address.
  private func isThisNode(_ master: Endpoint) -> Bool {
    evidence.isLocal(master)
      || configuration.virtualAddresses.contains { $0.address == master.address }
  }

  /// Whether a majority's naming of another node does not end a holding.
  ///
  /// A majority must be in contact, so that a selection can't go unseen, and none may have voted for a
  /// leader that is not. The first answer has a second to come, within the old lease; a node that
  /// is named and a master would have to wait longer than that before it takes.
  func isOutweighed(_ holding: Tenure, at now: Instant) -> Bool {
    guard let dispute = evidence.dispute, evidence.unseenElection == nil else { return false }
    if let until = dispute.carriesUntil { return now < until }
    return !dispute.isRefuted && now - dispute.since < Timing.followerLifetime
      && evidence.contacts(at: now) >= counts.majority && isFresh(holding, at: now)
  }

  /// Whether a holding stood on its own ground until it was contradicted: no longer than the kernel
  /// would keep the address if the daemon died.
  private func isFresh(_ holding: Tenure, at now: Instant) -> Bool {
    switch holding.basis {
    case .sentinels, .refusals, .replicas: holding.kernelEnds.map { now < $0 } ?? false
    case .provisional, .follower, .policy: false
    }
  }

  /// What carries a holder whom Sentinels that came back with an old configuration don't name.
  func disputedGrounds(_ holding: Tenure, at now: Instant) -> (basis: Tenure.Basis, reason: Reason)?
  {
    guard let dispute = evidence.dispute, isOutweighed(holding, at: now) else { return nil }
    let basis = dispute.carriesUntil == nil ? holding.basis : .follower
    return (basis, .followedByNamed(dispute.node))
  }
}

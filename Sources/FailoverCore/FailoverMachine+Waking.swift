// MARK: - The next deadline

extension FailoverMachine {
  /// Asks to be woken at the next instant at which a decision can change by itself.
  ///
  /// A wake-up that comes too early only looks again, so an earlier one is left to stand.
  mutating func arm(at now: Instant, _ orders: inout [Effect]) {
    guard let next = deadlines(at: now).filter({ $0 > now }).min() else { return }
    if let armed = armedWake, armed > now, armed <= next { return }
    armedWake = next
    orders.append(.wake(at: next))
  }

  private func deadlines(at now: Instant) -> [Instant] {
    var deadlines: [Instant] = []
    if let until = pause?.until { deadlines.append(until) }
    deadlines += moveDeadlines
    deadlines += [fence.retryAt, fence.demotionRetryAt, fence.persistRetryAt].compactMap { $0 }
    switch state {
    case .standby:
      deadlines += takingDeadlines
    case .prepared(let preparation):
      deadlines.append(preparation.since + Timing.preparedLifetime)
      deadlines.append(preparation.askedAt + Timing.questionInterval)
      deadlines += takingDeadlines
    case .held(let tenure):
      deadlines += holdingDeadlines(tenure, at: now)
    case .yielding(let concession):
      deadlines.append(concession.since + Timing.yieldLifetime)
    case .stopped:
      return []
    }
    if let ordered = kernel.removalOrderedAt {
      deadlines.append(ordered + Timing.renewalInterval)
    }
    return deadlines
  }

  private var takingDeadlines: [Instant] {
    var deadlines: [Instant] = []
    if let lease = evidence.longestLease {
      if let since = evidence.settlingSince { deadlines.append(since + settlingTime(lease)) }
      if let since = evidence.unanimousSince { deadlines.append(since + Timing.unanimousSettling) }
      if let since = evidence.namedSince { deadlines.append(since + lease) }
    }
    if let until = kernel.adoptedUntil { deadlines.append(until) }
    if let since = kernel.strangersSince {
      deadlines += [since + Timing.adoptionPatience, since + Timing.adoptionLimit]
    }
    if let completed = probe.completedAt, probe.claimedBy != nil {
      deadlines.append(completed + Timing.probeRetry)
    } else if let started = probe.startedAt, probe.completedAt == nil {
      deadlines.append(started + Timing.probeTimeout)
    }
    return deadlines
  }

  private func holdingDeadlines(_ tenure: Tenure, at now: Instant) -> [Instant] {
    var deadlines: [Instant] = []
    switch tenure.basis {
    case .sentinels:
      if let ends = leaseEnds { deadlines.append(ends) }
      // Newer proofs arrive as events; only refusals must be noticed without one.
      deadlines.append(tenure.renewedAt + Timing.renewalInterval)
      if let ends = tenure.kernelEnds { deadlines.append(ends - Timing.renewalReserve) }
    case .provisional(let until):
      if let vote = evidence.newestVote { deadlines.append(vote.heardAt + Timing.voteGrace) }
      deadlines.append(until > now ? until : now + Timing.pollInterval)
      deadlines.append(tenure.renewedAt + Timing.renewalInterval)
    case .refusals, .replicas, .follower:
      deadlines.append(now + Timing.acknowledgementLifetime)
    case .policy:
      break
    }
    if let dispute = evidence.dispute {
      deadlines.append(dispute.carriesUntil ?? dispute.since + Timing.followerLifetime)
      if let askedAt = dispute.askedAt { deadlines.append(askedAt + Timing.pollInterval) }
    }
    if let doubted = evidence.doubtedLease { deadlines.append(min(doubted.until, doubted.ends)) }
    if kernel.isPresent.contains(false), let due = kernel.repairDue { deadlines.append(due) }
    if let conflict { deadlines.append(conflict.lastClaimAt + Timing.conflictSilence) }
    return deadlines
  }
}

import Addresses

// MARK: - The kernel lease

extension FailoverMachine {
  /// Orders the addresses to be installed, or renewed, for as long as the grounds carry.
  mutating func install(
    _ tenure: inout Tenure, at now: Instant, _ orders: inout [Effect]
  ) {
    let lifetime = kernelLifetime(tenure, at: now)
    // A pause repairs nothing: what is not there is not put back by a renewal either.
    let addresses = configuration.virtualAddresses.indices.compactMap { place in
      pause == nil || kernel.isPresent[place] ? configuration.virtualAddresses[place] : nil
    }
    if !addresses.isEmpty { orders.append(.installAddresses(addresses, lifetime)) }
    tenure.renewedAt = now
    switch lifetime {
    case .seconds(let seconds): tenure.kernelEnds = now + .seconds(seconds)
    case .infinite: tenure.kernelEnds = nil
    }
    // The monitor reports what the kernel did; until then nothing is missing.
    kernel.repairDue = now + repairPause
    guard tenure.basis == .sentinels, let ends = leaseEnds,
      let downAfter = evidence.leastDownAfter
    else { return }
    tenure.renewedLease = ends
    let proof = LeaseProof(
      provenAt: ends - Timing.lease(downAfter: downAfter, limit: configuration.leaseLimit),
      configEpoch: tenure.epoch)
    evidence.proof = proof
    orders.append(.keepProof(proof))
  }

  /// Whole seconds, by the grounds.
  private func kernelLifetime(_ tenure: Tenure, at now: Instant) -> KernelLifetime {
    switch tenure.basis {
    case .policy:
      return .infinite
    case .sentinels:
      return .seconds(Timing.kernelSeconds(leaseLeft: leaseEnds.map { $0 - now } ?? .zero))
    case .provisional, .refusals, .replicas, .follower:
      return .seconds(Timing.leastKernelSeconds)
    }
  }

  /// Renews the kernel's lifetime, at most once a second, if there is a newer proof.
  mutating func renewIfDue(_ tenure: inout Tenure, at now: Instant, _ orders: inout [Effect]) {
    let isEndless = tenure.kernelEnds == nil
    if isEndless != (tenure.basis == .policy) {
      install(&tenure, at: now, &orders)
      return
    }
    // What lapsed and is gone is not renewed but put back.
    guard !isEndless, now - tenure.renewedAt >= Timing.renewalInterval,
      !isLapsed(tenure, at: now)
    else { return }
    let counts = counts
    let isProven: Bool
    switch tenure.basis {
    case .sentinels:
      // Blind grounds carry on where confirmations end, but only if the address lasts until then.
      isProven =
        hasNewerProof(than: tenure) && isGoodMoment(tenure, at: now)
        || blindGrounds(counts, at: now) != nil || configuration.blindPolicy == .hold
    case .provisional:
      isProven = provisionalGrounds(until: now, counts, at: now) != nil
    case .refusals, .replicas, .follower:
      isProven = true
    case .policy:
      isProven = false
    }
    guard isProven else { return }
    install(&tenure, at: now, &orders)
    if isAnnouncementSuspended {
      isAnnouncementSuspended = false
      orders.append(.announce(configuration.virtualAddresses, configuration.announcement))
    }
  }

  /// Whether a renewal now would end in time even if nobody renewed again, or can't wait.
  ///
  /// Right after a pong the kernel's whole seconds fit; half a second later they need not.
  private func isGoodMoment(_ tenure: Tenure, at now: Instant) -> Bool {
    guard let leaseEnds, let kernelEnds = tenure.kernelEnds,
      case .seconds(let seconds) = kernelLifetime(tenure, at: now)
    else { return true }
    let latest = now + .seconds(seconds) + Timing.kernelLateness
    return latest <= leaseEnds + Timing.kernelGrace
      || (kernelEnds - now <= Timing.renewalReserve && kernelEnds < leaseEnds)
  }

  /// Whether the kernel removed an address at the end of its lifetime.
  private func isLapsed(_ tenure: Tenure, at now: Instant) -> Bool {
    guard kernel.isPresent.contains(false), let ends = tenure.kernelEnds else { return false }
    return ends - Timing.kernelEarliness <= now
  }

  /// Whether the address is gone by the kernel's word, and nothing newer would bring it back.
  func isExpired(_ tenure: Tenure, at now: Instant) -> Bool {
    tenure.basis == .sentinels && isLapsed(tenure, at: now) && !hasNewerProof(than: tenure)
  }

  /// Whether more is proven than the kernel's lifetime accounts for.
  private func hasNewerProof(than tenure: Tenure) -> Bool {
    guard let leaseEnds else { return false }
    return tenure.renewedLease.map { leaseEnds > $0 } ?? true
  }
}

// MARK: - Repair and removal

extension FailoverMachine {
  /// Stops announcing until the next renewal: while the loop stood still the kernel may have
  /// removed the address, and another may hold it.
  mutating func suspendAnnouncing(_ orders: inout [Effect]) {
    guard case .held = state else { return }
    isAnnouncementSuspended = true
    orders.append(.stopAnnouncing)
  }
}

extension FailoverMachine {
  /// Puts back an address that is gone although the right to it stands.
  mutating func repairIfDue(
    _ tenure: inout Tenure, at now: Instant, _ orders: inout [Effect]
  ) {
    guard pause == nil, kernel.isPresent.contains(false),
      kernel.repairDue.map({ $0 <= now }) ?? true
    else { return }
    if isLapsed(tenure, at: now) {
      // The daemon stood still: whoever hangs on the address must come anew.
      orders.append(.endSessions(configuration.virtualAddresses))
    }
    kernel.repairs.removeAll { now - $0 > Timing.repairMemory }
    kernel.repairs.append(now)
    if kernel.repairs.count > Timing.freeRepairs,
      let missing = kernel.isPresent.firstIndex(of: false)
    {
      let address = configuration.virtualAddresses[missing]
      orders.append(.raise(.addressRemoved(address, repairs: kernel.repairs.count)))
    }
    install(&tenure, at: now, &orders)
    orders.append(.announce(configuration.virtualAddresses, configuration.announcement))
  }

  /// The pause before the next repair: it doubles once repairs go on.
  private var repairPause: Duration {
    let beyond = min(max(kernel.repairs.count - Timing.freeRepairs, 0), 6)
    return min(.milliseconds(100 << beyond), Timing.longestRepairPause)
  }

  /// Removes addresses that are here without a right, and repeats a removal that failed.
  mutating func sweep(at now: Instant, _ orders: inout [Effect]) {
    guard kernel.isPresent.contains(true) else {
      kernel.adoptedUntil = nil
      kernel.strangersSince = nil
      kernel.removalOrderedAt = nil
      return
    }
    if let ordered = kernel.removalOrderedAt {
      if now - ordered < Timing.renewalInterval { return }
    } else if let since = kernel.strangersSince {
      if pause != nil { kernel.strangersSince = now }
      if pause != nil || mayBecomeHeld(strangersSince: since, at: now) {
        probeForAnother(at: now, &orders)
        return
      }
    } else if let until = kernel.adoptedUntil {
      if now < until, !isRuledOut(at: now) { return }
    } else if pause != nil {
      return
    }
    kernel.adoptedUntil = nil
    kernel.strangersSince = nil
    kernel.removalOrderedAt = now
    let addresses = configuration.virtualAddresses
    orders += [.endSessions(addresses), .removeAddresses(addresses), .endSessions(addresses)]
    if case .standby = state { reason = .noRight }
  }

  /// Whether an address without a lifetime, which another program left here, stays for now.
  ///
  /// Before this daemon it was here without any right; to leave it where it is while the usual rules
  /// of a take run makes no holder that was not there before. It stays while nothing speaks against
  /// this node, for as long as it takes to hear the Sentinels; and while they name this node, for as
  /// long as the longest take takes.
  private func mayBecomeHeld(strangersSince since: Instant, at now: Instant) -> Bool {
    if isRuledOut(at: now) || probe.claimedBy != nil || evidence.isAnotherSelected(at: now) {
      return false
    }
    if let claim = evidence.newestForeignClaim(at: now),
      claim.epoch > evidence.localEpoch(at: now) ?? 0
    {
      return false
    }
    if now - since < Timing.adoptionPatience { return true }
    return now - since < Timing.adoptionLimit && evidence.localRole == .master
      && evidence.majorityNamed(counts, at: now) != nil
  }

  /// Looks at once whether what another program left on the named master is elsewhere as well.
  private mutating func probeForAnother(at now: Instant, _ orders: inout [Effect]) {
    guard pause == nil, probe.startedAt == nil, evidence.localRole == .master,
      evidence.majorityNamed(counts, at: now) != nil
    else { return }
    startProbe(at: now, &orders)
  }

  /// Whether it is certain that this node may not hold.
  private func isRuledOut(at now: Instant) -> Bool {
    if case .replica = evidence.localRole { return true }
    return evidence.majorityNamed(counts, at: now).map { !evidence.isLocal($0.endpoint) } ?? false
  }

  /// Records what the monitor saw.
  mutating func recordPresence(
    of address: VirtualAddress, _ isPresent: Bool, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let place = configuration.virtualAddresses.firstIndex(of: address) else { return }
    let wasPresent = kernel.isPresent[place]
    kernel.isPresent[place] = isPresent
    guard wasPresent, !isPresent, case .held = state else { return }
    // Gone while held: the first repairs come at once, further ones after a pause.
    if kernel.repairs.filter({ now - $0 <= Timing.repairMemory }).count < Timing.freeRepairs {
      kernel.repairDue = now
    }
  }

  /// Records that the kernel refused an order.
  mutating func recordFailure(
    of address: VirtualAddress, _ failure: AddressFailure, at now: Instant,
    _ orders: inout [Effect]
  ) {
    guard let place = configuration.virtualAddresses.firstIndex(of: address) else { return }
    if case .held = state {
      kernel.isPresent[place] = false
      kernel.repairs.append(now)
    }
    raise(.addressFailed(address, failure), &orders)
  }

  /// Announces again when the interface of addresses can carry traffic again.
  mutating func recordLink(
    of restored: [VirtualAddress], at now: Instant, _ orders: inout [Effect]
  ) {
    settleAlarms { alarm in
      if case .addressFailed(let address, _) = alarm { return restored.contains(address) }
      if case .carrierLost(let address) = alarm { return restored.contains(address) }
      return false
    }
    guard case .held = state else { return }
    kernel.repairDue = now
    let addresses = configuration.virtualAddresses.filter(restored.contains)
    guard !addresses.isEmpty else { return }
    orders.append(.announce(addresses, configuration.announcement))
  }
}

import Addresses

/// What the kernel has of a group's addresses and for how long, and what was asked of it.
///
/// The kernel removes an address by itself when its lifetime ends (`IFA_CACHEINFO`,
/// rtnetlink(7)): that is the lease of a daemon that is dead.
struct KernelLease: Equatable, Sendable {
  private let addresses: [VirtualAddress]
  /// For each virtual address, whether the kernel has it.
  private(set) var isPresent: [Bool]
  /// Until when addresses found at the start are left alone; nil if there are none.
  private(set) var adoptedUntil: Instant?
  /// Since when addresses without a lifetime, which another program left, wait for a decision;
  /// nil if there are none.
  private(set) var foundSince: Instant?
  /// When their removal was last ordered; nil if none is outstanding.
  private var removalOrderedAt: Instant?
  /// When addresses were put back, as far as remembered.
  private var repairs: [Instant] = []
  /// No repair before this.
  private var repairDue: Instant?
  /// The last proof on which this node held, which the kernel's lifetime accounts for.
  private(set) var proof: LeaseProof?
  /// The lease that a kernel lifetime outlived: what it rests on brings nothing back.
  private var spentLease: Instant?

  /// Makes a record of addresses that the kernel does not have.
  init(_ addresses: [VirtualAddress]) {
    self.addresses = addresses
    isPresent = [Bool](repeating: false, count: addresses.count)
  }

  /// Whether the kernel has any of them.
  var hasAny: Bool { isPresent.contains(true) }

  /// Whether one is missing.
  var isIncomplete: Bool { isPresent.contains(false) }

  /// Whether all are here, and nobody but this daemon put them here.
  var isOwn: Bool { !isIncomplete && removalOrderedAt == nil && foundSince == nil }

  /// Whether all are here since the start, left by a daemon that held them: to hold them again is no
  /// take, so that a pause does not forbid it.
  var isAdopted: Bool { !isIncomplete && adoptedUntil != nil }

  /// When something about them changes by itself while they are not held.
  var deadlinesUnheld: [Instant] {
    var deadlines = [adoptedUntil].compactMap { $0 }
    if let foundSince {
      deadlines += [foundSince + Timing.adoptionPatience, foundSince + Timing.adoptionLimit]
    }
    return deadlines
  }

  /// When an outstanding removal is ordered again; nil if none is.
  var removalDeadline: Instant? { removalOrderedAt.map { $0 + Timing.renewalInterval } }

  /// When a missing address may be put back; nil if none is missing.
  var repairDeadline: Instant? { isIncomplete ? repairDue : nil }
}

// MARK: - What the kernel says

extension KernelLease {
  /// Records what was found at the start.
  mutating func recordStart(
    _ facts: StartupFacts, policy: GroupConfiguration.BlindPolicy, at now: Instant
  ) {
    proof = facts.proof
    for found in facts.present {
      guard let index = addresses.firstIndex(of: found.virtualAddress) else { continue }
      isPresent[index] = true
      if let remaining = found.remaining {
        let ends = now + remaining
        adoptedUntil = max(ends, adoptedUntil ?? ends)
      } else if policy == .hold {
        adoptedUntil = now + Timing.minSettling + Timing.maxLease
      } else {
        foundSince = now
      }
    }
  }

  /// Records what the monitor saw.
  mutating func record(
    _ address: VirtualAddress, isPresent isHere: Bool, isHeld: Bool, _ turn: inout Turn
  ) {
    guard let index = addresses.firstIndex(of: address) else { return }
    let wasHere = isPresent[index]
    isPresent[index] = isHere
    if isHere {
      // What was refused before is over; another refusal is news.
      turn.settleAlarms { if case .addressFailed(address, _) = $0 { true } else { false } }
    }
    guard wasHere, !isHere, isHeld else { return }
    // Gone while held: the first repairs come at once, further ones after a pause.
    if repairs.count(where: { turn.age(of: $0) <= Timing.repairMemory }) < Timing.freeRepairs {
      repairDue = turn.now
    }
  }

  /// Records that the kernel refused to install an address.
  mutating func recordFailure(
    of address: VirtualAddress, _ failure: AddressFailure, isHeld: Bool, _ turn: inout Turn
  ) {
    guard let index = addresses.firstIndex(of: address) else { return }
    if isHeld {
      isPresent[index] = false
      repairs.append(turn.now)
    }
    turn.raise(.addressFailed(address, failure))
  }

  /// Lets a missing address be put back at once: its interface is back.
  mutating func recordLink(of restored: [VirtualAddress], isHeld: Bool, _ turn: inout Turn) {
    turn.settleAlarms { alarm in
      switch alarm {
      case .addressFailed(let address, _), .carrierLost(let address): restored.contains(address)
      default: false
      }
    }
    if isHeld { repairDue = turn.now }
  }
}

// MARK: - Installing and renewing

extension KernelLease {
  /// Begins a holding: what was found here is this daemon's own from now on.
  mutating func begin(
    _ holding: inout Holding, _ rules: HoldingRules, isPaused: Bool, _ turn: inout Turn
  ) {
    (adoptedUntil, foundSince, removalOrderedAt) = (nil, nil, nil)
    repairs = []
    install(&holding, rules, isPaused: isPaused, &turn)
  }

  /// Orders the addresses to be installed, or renewed, for as long as the basis carries.
  ///
  /// A pause repairs nothing: what is not there is not put back by a renewal either.
  private mutating func install(
    _ holding: inout Holding, _ rules: HoldingRules, isPaused: Bool, _ turn: inout Turn
  ) {
    let lifetime = rules.kernelLifetime(holding)
    let wanted = zip(addresses, isPresent).compactMap { !isPaused || $1 ? $0 : nil }
    if !wanted.isEmpty { turn.order(.installAddresses(wanted, lifetime)) }
    holding.renewedAt = turn.now
    switch lifetime {
    case .seconds(let seconds): holding.kernelEnds = turn.now + .seconds(seconds)
    case .infinite: holding.kernelEnds = nil
    }
    // The monitor reports what the kernel did; until then nothing is missing.
    repairDue = turn.now + repairPause
    guard let proven = rules.proof(holding) else { return }
    holding.renewedLease = rules.leaseEnds
    proof = proven
    turn.order(.keepProof(proven))
  }

  /// Renews the lifetime, at most once a second, if there is a newer proof.
  ///
  /// - Returns: Whether it was renewed by a newer proof.
  mutating func renewIfDue(
    _ holding: inout Holding, _ rules: HoldingRules, isPaused: Bool, _ turn: inout Turn
  ) -> Bool {
    let isEndless = holding.kernelEnds == nil
    if isEndless != (holding.basis == .policy) {
      install(&holding, rules, isPaused: isPaused, &turn)
      return false
    }
    // What lapsed and is gone is not renewed but put back.
    guard !isEndless, turn.now >= holding.renewalDue, !isLapsed(holding, at: turn.now),
      rules.isRenewable(holding)
    else { return false }
    install(&holding, rules, isPaused: isPaused, &turn)
    return true
  }

  /// Puts back an address that is gone although the right to it stands.
  ///
  /// - Returns: Whether one was.
  mutating func repairIfDue(
    _ holding: inout Holding, _ rules: HoldingRules, _ turn: inout Turn
  ) -> Bool {
    guard isIncomplete, repairDue.map({ $0 <= turn.now }) ?? true else { return false }
    // The daemon stalled: clients that hang on the address must come anew.
    if isLapsed(holding, at: turn.now) { turn.order(.endSessions(addresses)) }
    repairs.removeAll { turn.age(of: $0) > Timing.repairMemory }
    repairs.append(turn.now)
    if repairs.count > Timing.freeRepairs, let missing = isPresent.firstIndex(of: false) {
      turn.order(.raise(.addressRemoved(addresses[missing], repairs: repairs.count)))
    }
    install(&holding, rules, isPaused: false, &turn)
    return true
  }

  /// The pause before the next repair: it doubles once repairs go on.
  private var repairPause: Duration {
    let beyond = min(max(repairs.count - Timing.freeRepairs, 0), 6)
    return min(.milliseconds(100 << beyond), Timing.maxRepairPause)
  }

  /// Whether the kernel removed an address at the end of its lifetime.
  private func isLapsed(_ holding: Holding, at now: Instant) -> Bool {
    guard isIncomplete, let ends = holding.kernelEnds else { return false }
    return ends - Timing.kernelEarliness <= now
  }

  /// Whether the address is gone by the kernel's word, and nothing newer would bring it back.
  func isExpired(_ holding: Holding, _ rules: HoldingRules) -> Bool {
    holding.basis == .sentinels && isLapsed(holding, at: rules.now)
      && !rules.hasNewerProof(than: holding)
  }
}

// MARK: - The proof

extension KernelLease {
  /// Notes that the kernel's lifetime outlived a lease.
  mutating func spend(_ lease: Instant?) { spentLease = lease }

  /// Whether a lease is more than one that was spent.
  func isUnspent(_ lease: Instant) -> Bool { spentLease.map { lease > $0 } ?? true }

  /// Forgets the proof: nothing may bring the address back.
  mutating func forgetProof() { proof = nil }

  /// Ages the proof by time that the boot clock did not count.
  mutating func age(by jump: Duration) {
    proof = proof.map { LeaseProof(provenAt: $0.provenAt - jump, configEpoch: $0.configEpoch) }
  }
}

// MARK: - Removing

extension KernelLease {
  /// Orders the addresses, and the sessions on them, to go.
  ///
  /// As a rule the sessions end first, so that their clients learn of it while the address can still
  /// speak, and after it what came in between. A node that is only selected answers for nobody yet: a
  /// client that is reset now connects to an address that nobody has, and tries again after a second
  /// (RFC 6298 §2). It is left to that node, which wakes it when the address is there.
  mutating func end(_ reason: Reason, _ turn: inout Turn) {
    switch reason {
    case .anotherSelected(let target, _), .askedToYield(let target):
      turn.order([.handOverSessions(addresses, to: target), .removeAddresses(addresses)])
    default:
      turn.order([.endSessions(addresses), .removeAddresses(addresses), .endSessions(addresses)])
    }
    removalOrderedAt = turn.now
    repairs = []
  }

  /// Removes what is here: the daemon stops.
  func remove(_ turn: inout Turn) { if hasAny { turn.order(.removeAddresses(addresses)) } }

  /// What became of addresses that are here without being held.
  enum Sweep {
    /// Nothing is to be done.
    case nothing
    /// What another program left here may become held: it is to be probed meanwhile.
    case keepFound
    /// They went.
    case removed
  }

  /// Removes addresses that are here without a right, and repeats a removal that failed.
  mutating func sweep(
    _ entitlement: Entitlement, isPaused: Bool, isClaimed: Bool, _ turn: inout Turn
  ) -> Sweep {
    let now = entitlement.now
    guard hasAny else {
      (adoptedUntil, foundSince, removalOrderedAt) = (nil, nil, nil)
      return .nothing
    }
    if let removalDeadline {
      if now < removalDeadline { return .nothing }
    } else if let since = foundSince {
      if isPaused {
        foundSince = now
        return .keepFound
      }
      if !isClaimed, entitlement.mayKeepFound(since: since) { return .keepFound }
    } else if let until = adoptedUntil {
      if now < until, !entitlement.isRuledOut { return .nothing }
    } else if isPaused {
      return .nothing
    }
    (adoptedUntil, foundSince) = (nil, nil)
    removalOrderedAt = now
    turn.order([.endSessions(addresses), .removeAddresses(addresses), .endSessions(addresses)])
    return .removed
  }
}

import Addresses

/// What is announced of held addresses, and how they are defended (RFC 5227 §2.3 and §2.4).
struct Announcer: Equatable, Sendable {
  private let addresses: [VirtualAddress]
  private let plan: AnnouncementPlan
  /// Whether announcements were suspended, because the address may have been lost unseen.
  private var isSuspended = false
  private var conflict: Conflict?
  /// The last claim that was seen since the holding began.
  private(set) var lastClaim: AddressClaimSeen?

  /// Another machine that claims a held address.
  private struct Conflict: Equatable {
    var lastClaimAt: Instant
    var defendedAt: Instant?
  }

  init(_ configuration: GroupConfiguration) {
    addresses = configuration.virtualAddresses
    plan = configuration.announcement
  }

  /// When a conflict is over if no other claim is seen; nil without one.
  var deadline: Instant? { conflict.map { $0.lastClaimAt + Timing.conflictSilence } }

  /// Announces the addresses of a new holding.
  mutating func begin(_ turn: inout Turn) {
    isSuspended = false
    conflict = nil
    lastClaim = nil
    announce(&turn)
  }

  /// Announces the addresses.
  func announce(_ turn: inout Turn) { turn.order(.announce(addresses, plan)) }

  /// Announces those of them whose interface can carry traffic again.
  func announce(again restored: [VirtualAddress], _ turn: inout Turn) {
    let ours = addresses.filter(restored.contains)
    if !ours.isEmpty { turn.order(.announce(ours, plan)) }
  }

  /// Ends with the holding.
  mutating func end() { (conflict, lastClaim) = (nil, nil) }

  /// Stops until the next renewal: while the loop stalled the kernel may have removed the
  /// address, and another node may hold it.
  mutating func suspend(_ turn: inout Turn) {
    isSuspended = true
    turn.order(.stopAnnouncing)
  }

  /// Goes on after a renewal.
  mutating func resume(_ turn: inout Turn) {
    guard isSuspended else { return }
    isSuspended = false
    announce(&turn)
  }

  /// Records that another machine claims a held address.
  mutating func recordClaim(_ address: IPAddress, by mac: MACAddress, _ turn: inout Turn) {
    conflict = Conflict(lastClaimAt: turn.now, defendedAt: conflict?.defendedAt)
    lastClaim = AddressClaimSeen(address: address, mac: mac, at: turn.now)
    turn.raise(.conflict(address, by: mac))
    turn.order(.pollSentinels)
  }

  /// Defends the address once answers newer than the claim still confirm this node, and
  /// announces it anew when the conflict is over.
  mutating func defendIfDue(_ panel: SentinelPanel, _ turn: inout Turn) {
    // After a stall the address may be gone; the renewal that brings it back announces it.
    guard let claimed = conflict, let deadline, !isSuspended else { return }
    if turn.now >= deadline {
      conflict = nil
      turn.settleAlarms { if case .conflict = $0 { true } else { false } }
      announce(&turn)
      return
    }
    if let last = claimed.defendedAt, turn.age(of: last) < Timing.defendInterval { return }
    let confirming = panel.records.count { record in
      record.pongAt != nil && record.isConnected
        && record.provenAt.map { $0 >= claimed.lastClaimAt } ?? false
    }
    guard confirming >= panel.counts.majority else { return }
    conflict?.defendedAt = turn.now
    turn.order(.announce(addresses, AnnouncementPlan(rounds: 1)))
  }
}

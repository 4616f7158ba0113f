import Addresses

/// The duplicate probe in progress or last finished (RFC 5227 §2.1.1).
struct DuplicateProbe: Equatable, Sendable {
  private let addresses: [VirtualAddress]
  /// Whether the link is asked at all (`probe off`).
  private let isEnabled: Bool
  private var id: ProbeID = 0
  private var startedAt: Instant?
  private var completedAt: Instant?
  /// Who answered.
  private(set) var claimedBy: MACAddress?
  private var lastClaimant: MACAddress?

  init(_ configuration: GroupConfiguration) {
    addresses = configuration.virtualAddresses
    isEnabled = configuration.probesForDuplicates
  }

  /// Whether one was started since the last disturbance.
  var isStarted: Bool { startedAt != nil }

  /// Whether one is under way.
  var isUnderWay: Bool { startedAt != nil && completedAt == nil }

  /// Whether it is over and nobody answered.
  var isClean: Bool { completedAt != nil && claimedBy == nil }

  /// Who answers for the addresses as far as is known: while one that was answered is repeated, the
  /// same as before.
  var claimant: MACAddress? { isClean ? nil : lastClaimant }

  /// When it is to be repeated; nil if never.
  var deadline: Instant? {
    if let completedAt { return claimedBy == nil ? nil : completedAt + Timing.probeRetry }
    return startedAt.map { $0 + Timing.probeTimeout }
  }

  /// Makes sure that no other machine answers for the addresses: where no probe counts, one is
  /// started.
  ///
  /// While the flip is awaited, one that was answered is repeated at once.
  ///
  /// - Returns: Whether one went unanswered so recently that it still counts, or none is to be made.
  mutating func requireClean(isAwaited: Bool, _ turn: inout Turn) -> Bool {
    guard isEnabled else { return true }
    if let completedAt {
      let age = turn.age(of: completedAt)
      if claimedBy == nil, age <= Timing.probeLifetime { return true }
      if claimedBy != nil, !isAwaited, age < Timing.probeRetry { return false }
    } else if let startedAt, turn.age(of: startedAt) < Timing.probeTimeout {
      return false
    }
    start(&turn)
    return false
  }

  /// Starts the next one.
  mutating func start(_ turn: inout Turn) {
    guard isEnabled else { return }
    reset()
    id += 1
    startedAt = turn.now
    turn.order(.probe(id, addresses))
  }

  /// Records the result of the probe under way.
  ///
  /// While the flip is awaited, the holder that is about to yield still answers; that is no alarm.
  mutating func complete(
    _ id: ProbeID, claimedBy: MACAddress?, isAwaited: Bool, _ turn: inout Turn
  ) {
    guard id == self.id, isUnderWay else { return }
    completedAt = turn.now
    self.claimedBy = claimedBy
    lastClaimant = claimedBy
    if let claimedBy {
      if !isAwaited { turn.raise(.addressInUse(by: claimedBy)) }
    } else {
      turn.settleAlarms { if case .addressInUse = $0 { true } else { false } }
    }
  }

  /// Records a claim after a clean end: a machine that has the address since then could not answer it.
  mutating func recordClaim(by mac: MACAddress) {
    if isClean { (claimedBy, lastClaimant) = (mac, mac) }
  }

  /// Voids what was found; numbers go on after the last one.
  mutating func reset() { (startedAt, completedAt, claimedBy) = (nil, nil, nil) }
}

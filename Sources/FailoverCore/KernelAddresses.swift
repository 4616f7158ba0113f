import Addresses

/// What the kernel has of a group's addresses, and what was asked of it.
struct KernelAddresses: Equatable, Sendable {
  /// For each virtual address, whether the kernel has it.
  var isPresent: [Bool]
  /// Until when addresses found at the start are left alone; nothing if there are none.
  var adoptedUntil: Instant?
  /// Since when addresses without a lifetime, which another program left, wait for a decision;
  /// nothing if there are none.
  var strangersSince: Instant?
  /// When their removal was last ordered; nothing if none is outstanding.
  var removalOrderedAt: Instant?
  /// When addresses were put back, as far as remembered.
  var repairs: [Instant] = []
  /// No repair before this.
  var repairDue: Instant?

  /// Makes a record of addresses that the kernel does not have.
  init(count: Int) {
    isPresent = [Bool](repeating: false, count: count)
  }
}

/// The duplicate probe in progress or last finished.
struct DuplicateProbe: Equatable, Sendable {
  /// Names the last probe.
  var id: ProbeID
  /// When it was started; nothing if there was none.
  var startedAt: Instant?
  /// When its result came.
  var completedAt: Instant?
  /// Who answered.
  var claimedBy: MACAddress?

  /// Whether it is over and nobody answered.
  var isClean: Bool { completedAt != nil && claimedBy == nil }

  /// Makes a record of no probe; numbers go on after the last one.
  init(lastID: ProbeID = 0) {
    id = lastID
  }
}

/// Somebody else claims a held address.
struct Conflict: Equatable, Sendable {
  /// When a claim was last seen.
  var lastClaimAt: Instant
  /// When the address was last defended.
  var defendedAt: Instant?
}

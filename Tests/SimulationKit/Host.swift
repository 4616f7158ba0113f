import FailoverCore

/// One millisecond in the nanoseconds in which the world counts.
let millisecond: Int64 = 1_000_000
/// One second in the nanoseconds in which the world counts.
let second: Int64 = 1_000_000_000

/// A machine with its clocks and its kernel's addresses.
struct Host {
  /// How far its clocks run too fast, in millionths.
  var drift: Int64
  /// What its boot clock showed when the world began.
  var bootOffset: Int64
  /// How far its wall clock was set against its boot clock, in milliseconds.
  var wallOffset: Int64 = 0
  /// For how long its clocks stalled, because the virtual machine was paused.
  var pausedTotal: Int64 = 0
  /// How many faults keep it switched off.
  var offDepth = 0
  /// How many faults keep it paused.
  var pauseDepth = 0
  /// When the pause in force began.
  var pausedAt: Int64 = 0
  /// For each virtual address, what the kernel has.
  var addresses: [KernelAddress]

  /// Whether it is on and not paused.
  var isAwake: Bool { offDepth == 0 && pauseDepth == 0 }

  /// What the boot clock shows at a time of the world.
  func bootClock(at time: Int64) -> Int64 {
    let elapsed = (pauseDepth > 0 ? pausedAt : time) - pausedTotal
    return bootOffset + elapsed + elapsed * drift / 1_000_000
  }

  /// What the wall clock shows at a time of the world, in milliseconds as `mstime()` has it.
  func wallClock(at time: Int64) -> Int64 {
    bootClock(at: time) / millisecond + wallOffset
  }

  /// How long the world must wait until the boot clock has moved on by so much.
  func worldDuration(_ local: Int64) -> Int64 {
    local - local * drift / 1_000_000 + 1_000
  }
}

/// An address in the kernel and its lifetime.
struct KernelAddress {
  var isPresent = false
  /// When the kernel removes it, by the boot clock; nothing if never.
  var expires: Int64?
  /// When its lifetime ends, by the boot clock: the kernel is late with its removal.
  var lifetimeEnds: Int64?

  /// What the kernel tells of its lifetime, in nanoseconds: whole seconds, rounded up
  /// (`net/ipv4/devinet.c inet_fill_ifaddr`); nil if it has no end.
  func toldLifetime(at clock: Int64) -> Int64? {
    lifetimeEnds.map { max(0, ($0 - clock + second - 1) / second * second) }
  }
  /// Counts installations, so that an old timer is not taken for the latest.
  var generation = 0
}

/// A process: a Redis, an agent or a Sentinel.
struct ProcessRecord {
  var host: Int
  /// Counts starts, so that what was meant for the process before does not reach the next.
  var incarnation = 0
  /// How many faults keep it from running.
  var downDepth = 0
  /// How many faults keep it stopped.
  var frozenDepth = 0
  /// When it was stopped.
  var frozenAt: Int64 = 0
  /// What waits for it until it runs again.
  var backlog: [Happening] = []
}

/// Something that happens in the world at a time.
enum Happening {
  case arrival(Connection, atAcceptor: Bool, Message)
  case retransmission(Connection, fromAcceptor: Bool, generation: Int)
  case handshake(Connection)
  case timer(process: Int, incarnation: Int, Timer)
  case addressExpiry(host: Int, address: Int, generation: Int)
  case faultBegins(Int)
  case faultEnds(Int)
  case operatorForcesFailover(sentinel: Int, isMinority: Bool)
  case stream(node: Int, generation: Int)
  case operatorMoves
  case operatorCancelsMove
  case dirt(DirtStep)
  case sample
}

/// Why a process runs at a time.
enum Timer {
  case start
  // Sentinel.
  case sentinelTick
  // Redis.
  case redisCron
  case synchronized(Connection)
  // The agent.
  case sentinelLink(Int, generation: Int)
  case localLink(generation: Int)
  case subscription(generation: Int)
  case watchReplicas(generation: Int)
  case watchFence(generation: Int, round: Int)
  case inspection(node: Int, generation: Int)
  case wake(generation: Int)
  case probe(ProbeID, [Int], generation: Int, round: Int, claimedBy: Int?)
  case announcement([Int], AnnouncementPlan, generation: Int, round: Int)
  case event(Event)
  case store(StoredFact)
}

/// What an agent writes to its disk.
enum StoredFact {
  case proof(LeaseProof?)
  case sentinels(Int)
  case knownSentinels([KnownSentinel])
  case pause(Pause?)
  case fence(FenceMemory?)
}

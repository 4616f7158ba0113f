/// A kind of fault that befalls a world, by the name that traces and tables show.
public enum FaultKind: String, CaseIterable, Sendable {
  /// Nothing gets to or from a host.
  case hostIsolated = "host-isolated"
  /// Nothing gets out of a host.
  case hostMute = "host-mute"
  /// Nothing gets into a host.
  case hostDeaf = "host-deaf"
  /// Two hosts don't reach each other, or one not the other.
  case pairCut = "pair-cut"
  /// The hosts fall into two sides.
  case bipartition
  /// For a short time nobody reaches anybody.
  case networkBlip = "net-blip"
  /// A host's packets are lost and late.
  case lossAndDelay = "loss+delay"
  /// A host loses power and comes back.
  case powerOff = "power-off"
  /// A Redis dies and is restarted.
  case redisKill = "redis-kill"
  /// A Redis hangs.
  case redisFreeze = "redis-freeze"
  /// An agent dies, perhaps between two effects, and is restarted.
  case agentKill = "agent-kill"
  /// An agent hangs.
  case agentStop = "agent-sigstop"
  /// Every process of a host hangs.
  case cpuStall = "cpu-stall"
  /// A virtual machine is paused and its clock with it.
  case machinePause = "vm-pause"
  /// A Sentinel dies and comes back after a while.
  case sentinelKill = "sentinel-kill"
  /// A Sentinel hangs.
  case sentinelFreeze = "sentinel-freeze"
  /// A Sentinel is restarted.
  case sentinelRestart = "sentinel-restart"
  /// All Sentinels are restarted within a second.
  case allSentinelsRestart = "all-sentinels-restart"
  /// Two Sentinels die and come back after a while.
  case twoSentinelsDown = "two-sentinels-down"
  /// An operator resets one Sentinel, or all.
  case sentinelReset = "sentinel-reset"
  /// An operator forces a failover.
  case forcedFailover = "forced-failover"
  /// An operator forces a failover in a minority partition.
  case forcedInMinority = "forced-in-minority"
  /// Two operators force failovers, perhaps on both sides of a cut.
  case twoForced = "two-forced"
  /// A wall clock is set.
  case clockJump = "clock-jump"

  // Dirt: drawn apart, see `Fault.dirt`.

  /// A stray hello: Sentinels list one that does not exist.
  case phantom
  /// RESET of one Sentinel after the other, perhaps while the hosts are apart.
  case resetInTurn = "reset-in-turn"
  /// A Sentinel is rebuilt: another run id at its address, perhaps without what it knew.
  case sentinelRebuilt = "sentinel-rebuilt"
  /// A Sentinel is stopped for good.
  case sentinelGone = "sentinel-gone"
  /// An operator forgets Sentinels that don't exist, at all agents or at one.
  case forget
  /// All Sentinels come back with their first configuration; later an operator fixes it.
  case firstConfiguration = "first-configuration"
  /// A host's wall clock is set by 0.3 s to 10 min.
  case wallStep = "wall-step"
  /// Replies of Sentinels lose fields and entries.
  case spoiledEntries = "spoiled-entries"
  /// An agent is restarted, and one Sentinel's name is not known for a while.
  case lateSentinel = "late-sentinel"
}

extension FaultKind {
  /// Whether it is of the dirty kind, which is drawn apart.
  var isDirt: Bool {
    switch self {
    case .phantom, .resetInTurn, .sentinelRebuilt, .sentinelGone, .forget, .firstConfiguration,
      .wallStep, .spoiledEntries, .lateSentinel:
      true
    case .hostIsolated, .hostMute, .hostDeaf, .pairCut, .bipartition, .networkBlip,
      .lossAndDelay, .powerOff, .redisKill, .redisFreeze, .agentKill, .agentStop, .cpuStall,
      .machinePause, .sentinelKill, .sentinelFreeze, .sentinelRestart, .allSentinelsRestart,
      .twoSentinelsDown, .sentinelReset, .forcedFailover, .forcedInMinority, .twoForced,
      .clockJump:
      false
    }
  }

  /// The kinds that a world without dirt is drawn from.
  static let plain = allCases.filter { !$0.isDirt }
  /// The dirty kinds.
  static let dirty = allCases.filter(\.isDirt)
}

extension FaultKind {
  /// Whether it stops processes that go on later; one that does not run can't be stopped.
  var isFreeze: Bool {
    switch self {
    case .redisFreeze, .agentStop, .cpuStall, .sentinelFreeze: true
    case .hostIsolated, .hostMute, .hostDeaf, .pairCut, .bipartition, .networkBlip,
      .lossAndDelay, .powerOff, .redisKill, .agentKill, .machinePause, .sentinelKill,
      .sentinelRestart, .allSentinelsRestart, .twoSentinelsDown, .sentinelReset,
      .forcedFailover, .forcedInMinority, .twoForced, .clockJump, .phantom, .resetInTurn,
      .sentinelRebuilt, .sentinelGone, .forget, .firstConfiguration, .wallStep, .spoiledEntries,
      .lateSentinel:
      false
    }
  }
}

extension FaultKind {
  /// Whether rules can keep every write that was acknowledged before it took effect.
  ///
  /// Not if a machine sleeps with its clock, or operators promote without a vote across a cut.
  var keepsPromises: Bool {
    switch self {
    case .machinePause, .forcedInMinority, .twoForced: false
    case .hostIsolated, .hostMute, .hostDeaf, .pairCut, .bipartition, .networkBlip, .lossAndDelay,
      .powerOff, .redisKill, .redisFreeze, .agentKill, .agentStop, .cpuStall, .sentinelKill,
      .sentinelFreeze, .sentinelRestart, .allSentinelsRestart, .twoSentinelsDown, .sentinelReset,
      .forcedFailover, .clockJump, .phantom, .resetInTurn, .sentinelRebuilt, .sentinelGone,
      .forget, .firstConfiguration, .wallStep, .spoiledEntries, .lateSentinel:
      true
    }
  }
}

extension FaultKind {
  /// Whether packets may still pass in one direction.
  var isOneWay: Bool { self == .hostMute || self == .hostDeaf || self == .pairCut }
}

/// One fault of a world.
///
/// `target` and `other` are a host or a Sentinel, as the kind asks; `Fault.currentMaster` stands
/// for the node that a majority names when the fault begins.
struct Fault: Equatable {
  var kind: FaultKind
  /// When it begins, in nanoseconds of the world.
  var begins: Int64
  /// For how long it lasts.
  var duration: Int64
  var target: Int
  var other = 0
  /// Further choices of the kind: sides of a partition, whether one-way, how bad.
  var mask: Int = 0
  /// After how many effects an agent that is killed dies; nothing leaves it to the mask.
  var effects: Int?
  /// For how long it is dead then; nothing until the fault is over.
  var absence: Int64?
  /// By how many milliseconds a wall clock is set.
  var step: Int64 = 0

  static let currentMaster = -1

  var ends: Int64 { begins + duration }
}

extension Fault {
  static func random(in world: WorldConfiguration, _ random: inout SeededRandom) -> [Fault] {
    let roll = random.number(0...99)
    let count = roll < 40 ? 1 : roll < 60 ? 2 : random.index(4...9)
    // The first holder needs its settling time before anything befalls it.
    let settled = world.hasFreshProof ? 0 : world.minDownAfter
    let start = (random.number(3_000...4_000) + settled) * millisecond
    let spread = count == 1 ? 0 : count == 2 ? 6 * second : Int64(count) * 4 * second
    return (0..<count).map { index in
      let offset = index == 0 || spread == 0 ? 0 : random.number(0...spread)
      return Fault.random(at: start + offset, in: world, &random)
    }.sorted { ($0.begins, $0.kind.rawValue) < ($1.begins, $1.kind.rawValue) }
  }

  private static func random(
    at begins: Int64, in world: WorldConfiguration, _ random: inout SeededRandom
  ) -> Fault {
    let kind = random.pick(FaultKind.plain)
    let sentinels = world.sentinelHosts.count
    let node =
      random.chance(perMille: 600) ? currentMaster : random.index(0...(world.redisCount - 1))
    let host = random.chance(perMille: 800) ? node : random.index(0...(world.hostCount - 1))
    var fault = Fault(
      kind: kind, begins: begins, duration: random.logarithmic(100...15_000) * millisecond,
      target: host, mask: random.index(0...0xffff))
    switch kind {
    case .redisKill, .redisFreeze, .agentKill, .agentStop:
      fault.target = node
    case .sentinelKill, .sentinelFreeze, .sentinelReset, .forcedFailover, .forcedInMinority,
      .sentinelRestart, .twoForced, .twoSentinelsDown:
      fault.target = random.index(0...(sentinels - 1))
      fault.other = (fault.target + random.index(1...(sentinels - 1))) % sentinels
    case .pairCut:
      fault.other = random.index(0...(world.hostCount - 1))
    case .networkBlip, .cpuStall:
      fault.duration = random.logarithmic(100...5_000) * millisecond
    case .lossAndDelay:
      fault.duration = random.logarithmic(1_000...15_000) * millisecond
    case .hostIsolated, .hostMute, .hostDeaf, .bipartition, .powerOff, .machinePause,
      .allSentinelsRestart, .clockJump, .phantom, .resetInTurn, .sentinelRebuilt, .sentinelGone,
      .forget, .firstConfiguration, .wallStep, .spoiledEntries, .lateSentinel:
      break
    }
    switch kind {
    case .sentinelRestart, .allSentinelsRestart:
      fault.duration = random.logarithmic(50...1_000) * millisecond
    case .sentinelReset, .forcedFailover, .clockJump: fault.duration = instantaneous
    default: break
    }
    return fault
  }

  /// What a fault without extent lasts in traces.
  private static let instantaneous = 1_000 * millisecond
}

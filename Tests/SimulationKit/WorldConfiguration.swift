import Addresses
import FailoverCore

/// What a world consists of and what befalls it; all of it follows from the seed, but a scenario
/// may set each part.
struct WorldConfiguration {
  var seed: UInt64
  var redisCount = 2
  /// The host of each Sentinel; the first `redisCount` hosts have a Redis and an agent.
  var sentinelHosts = [0, 1, 2]
  var quorum = 2
  /// `down-after-milliseconds` of each Sentinel.
  var downAfter: [Int64] = [3_000, 3_000, 3_000]
  var failoverTimeout: Int64 = 10_000
  var addressCount = 1
  var blindPolicy = GroupConfiguration.BlindPolicy.release
  var hasHook = true
  /// Whether the wall clock follows at once when a paused machine runs again.
  var setsClockAfterPause = true
  /// Whether the first master's agent finds a fresh proof, as after a restart.
  var hasFreshProof = true
  /// Whether agents run; without them the world is that of Sentinel alone.
  var hasAgents = true
  /// Whether and how Redis refuses writes.
  var fence: FenceSetup?
  /// What known deaths lead to; nothing where they are left to Sentinel.
  var deaths: DeathSetup?
  /// What an operator asks for.
  var move: PlannedMove?
  var faults: [Fault] = []
  /// Whether the operator who cleans up after dirt resets all Sentinels first.
  var resetsAtTheEnd = false

  init(seed: UInt64) {
    self.seed = seed
  }

  var hostCount: Int { max(redisCount, (sentinelHosts.max() ?? 0) + 1) }
  var majority: Int { sentinelHosts.count / 2 + 1 }
  var minDownAfter: Int64 { downAfter.min() ?? 0 }
  var hasLowQuorum: Bool { quorum < majority }
  var hasMixedDownAfter: Bool { minDownAfter != downAfter.max() }

  /// Whether Sentinel's settings allow a guarantee: down-after at least 2 s and equal, and no
  /// quorum below the majority.
  var isClean: Bool { minDownAfter >= 2_000 && !hasMixedDownAfter && !hasLowQuorum }
  /// Whether they allow the strict one.
  var isStrict: Bool { isClean && minDownAfter >= 3_000 }

  var virtualAddresses: [VirtualAddress] {
    (0..<addressCount).map {
      VirtualAddress(
        address: WorldConfiguration.address(100 + $0), interface: "eth0", subnetPrefixLength: 24)
    }
  }

  /// What is in every file and memory when the world begins, if it is armed by then.
  var establishedFence: FenceSetting? {
    guard let fence, fence.isEstablished, fence.isWhole else { return nil }
    return fence.armed(replicas: redisCount - 1)
  }

  /// When the last fault is over and the operator has asked.
  var lastDisturbance: Int64 {
    guard isDirty else { return lastFaultOrMove }
    return cleanUpAt + (resetsAtTheEnd ? World.resetSpan : World.cleanUpSpan)
  }

  /// When the operator begins to clean up after dirt.
  var cleanUpAt: Int64 { lastFaultOrMove + World.cleanUpDelay }

  private var lastFaultOrMove: Int64 {
    max(faults.map(\.ends).max() ?? 0, move?.at ?? 0, move?.cancelled ?? 0)
  }

  /// Whether there is dirt, which somebody must clean up.
  var isDirty: Bool { faults.contains { $0.kind.isDirt } }

  static func address(_ lastOctet: Int) -> IPAddress {
    .v4(IPv4Address(rawValue: 0x0a4d_0000 | UInt32(lastOctet)))
  }

  var description: String {
    let hosts = sentinelHosts.map(String.init).joined(separator: " ")
    let downAfters =
      hasMixedDownAfter
      ? downAfter.map(String.init).joined(separator: "/") : String(minDownAfter)
    return "down-after \(downAfters), \(redisCount) Redis, \(sentinelHosts.count) Sentinels "
      + "(hosts \(hosts)), quorum \(quorum), failover-timeout \(failoverTimeout), "
      + "\(addressCount) VIP, blind \(blindPolicy.rawValue)"
      + (fence.map { ", \($0.description)" } ?? "") + (deaths.map { ", \($0.description)" } ?? "")
  }
}

extension WorldConfiguration {
  /// Draws a world and its faults: 40 % one fault, 20 % two within 6 s, 40 % storms of 4 to 9.
  static func random(
    seed: UInt64, fence: Simulation.FenceChoice = .drawn,
    dirt: Simulation.DirtChoice = .drawn, death: Simulation.DeathChoice = .off
  ) -> WorldConfiguration {
    var random = SeededRandom(seed: seed &* 0x2545_f491_4f6c_dd1d &+ 1)
    var world = WorldConfiguration(seed: seed)
    world.redisCount = random.index(2...4)
    let count = random.index(3...5)
    var next = world.redisCount
    world.sentinelHosts = (0..<count).map { index in
      if index < world.redisCount, random.chance(perMille: 800) { return index }
      next += 1
      return next - 1
    }
    world.quorum = count / 2 + 1
    if random.chance(perMille: 120) { world.quorum = random.index(1...(world.quorum - 1)) }
    let downAfter = random.pick([1_000, 2_000, 3_000, 5_000] as [Int64])
    world.downAfter = Array(repeating: downAfter, count: count)
    if random.chance(perMille: 100) {
      world.downAfter[random.index(0...(count - 1))] = downAfter / 2
    }
    world.failoverTimeout = random.pick([10_000, 10_000, 20_000, 60_000])
    world.addressCount = random.chance(perMille: 300) ? 2 : 1
    world.hasHook = random.chance(perMille: 500)
    world.setsClockAfterPause = random.chance(perMille: 500)
    world.hasFreshProof = random.chance(perMille: 800)
    world.faults = Fault.random(in: world, &random)
    world.fence = FenceSetup.random(seed: seed, fence)
    world.move = PlannedMove.random(in: world)
    Fault.addDirt(to: &world, dirt)
    DeathSetup.add(to: &world, death)
    return world
  }
}

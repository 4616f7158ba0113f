import FailoverCore
import Testing

@testable import SimulationKit

/// The ways in which plausible rules fail, each as a scripted world under several draws.
@Suite("The named traces") struct NamedTraceTests {
  /// Runs a scenario under eight draws of everything that is not scripted.
  private func overlaps(
    _ configure: (inout WorldConfiguration) -> Void
  ) -> [Overlap] {
    (1...8).flatMap { seed in
      var world = WorldConfiguration(seed: UInt64(seed))
      configure(&world)
      return World(world).run().overlaps
    }
  }

  private func sentinels(_ hosts: [Int], downAfter: Int64, _ world: inout WorldConfiguration) {
    world.sentinelHosts = hosts
    world.quorum = hosts.count / 2 + 1
    world.downAfter = Array(repeating: downAfter, count: hosts.count)
  }

  @Test("T1: a holder that returns between flip and naming does not retake")
  func holderReturns() {
    let found = overlaps { world in
      world.faults = [fault(.hostIsolated, at: 5_107, for: 4_206, 0)]
    }
    #expect(found.isEmpty)
  }

  @Test("T2: an agent stopped while its frozen Redis is voted down leaves no address behind")
  func stoppedAgent() {
    let found = overlaps { world in
      sentinels([0, 1, 2], downAfter: 5_000, &world)
      world.faults = [
        fault(.redisFreeze, at: 5_092, for: 6_893, 0),
        fault(.agentStop, at: 10_379, for: 14_066, 0),
      ]
    }
    #expect(found.isEmpty)
  }

  @Test("T3: a mute host lets go before another is promoted")
  func muteHost() {
    let found = overlaps { world in
      world.redisCount = 3
      sentinels([0, 1, 2, 3, 4], downAfter: 5_000, &world)
      world.faults = [fault(.hostMute, at: 5_501, for: 14_923, 0)]
    }
    #expect(found.isEmpty)
  }

  @Test("T4: a forced failover does not take from a holder that the leader can't see")
  func forcedBesideUnseenHolder() {
    let found = overlaps { world in
      world.redisCount = 3
      sentinels([3, 1, 4], downAfter: 3_000, &world)
      world.faults = [fault(.forcedInMinority, at: 5_018, for: 1_668, 0)]
    }
    #expect(found.isEmpty)
  }

  @Test("T5: a failover forced in a minority moves nothing until a majority names the node")
  func forcedInMinority() {
    let found = overlaps { world in
      sentinels([0, 2, 3], downAfter: 2_000, &world)
      world.faults = [fault(.forcedInMinority, at: 6_000, for: 2_552, 2)]
    }
    #expect(found.isEmpty)
  }

  @Test("T6: blind on replicas, two hold for at most a second after a cut behind a restart")
  func blindOnReplicas() {
    let found = overlaps { world in
      sentinels([0, 2, 3], downAfter: 2_000, &world)
      world.blindPolicy = .replicas
      world.faults = [
        fault(.redisKill, at: 25_620, for: 134, 0),
        fault(.hostIsolated, at: 26_309, for: 6_332, 0),
      ]
    }
    #expect(found.allSatisfy { $0.duration <= 1_100 * millisecond })
  }

  @Test("T7: a Sentinel that forgot all others by RESET is no majority of itself")
  func resetAlone() {
    let found = overlaps { world in
      world.redisCount = 4
      sentinels([0, 1, 4, 3, 5], downAfter: 5_000, &world)
      world.faults = [
        fault(.hostIsolated, at: 5_897, for: 11_916, 0),
        fault(.sentinelReset, at: 8_133, 0, mask: 1),
      ]
    }
    #expect(found.isEmpty)
  }

  @Test("T8: of two honest leaders in epochs 1 and 2 the newer one's target takes")
  func twoLeaders() {
    let found = overlaps { world in
      world.redisCount = 4
      sentinels([0, 1, 2], downAfter: 5_000, &world)
      world.faults = [
        fault(.redisKill, at: 5_880, for: 5_782, 0),
        fault(.pairCut, at: 9_794, for: 12_867, 1, other: 2),
      ]
    }
    #expect(found.isEmpty)
  }

  @Test("T9: who yielded does not come back while the other holds provisionally")
  func yieldedAndBack() {
    let found = overlaps { world in
      world.redisCount = 3
      world.faults = [
        fault(.forcedFailover, at: 5_364, 1), fault(.hostMute, at: 5_863, for: 6_271, 1),
      ]
    }
    #expect(found.isEmpty)
  }

  @Test("T10: a paused machine that wakes holds beside the new holder for a bounded time")
  func pausedMachine() {
    let found = overlaps { world in
      world.redisCount = 3
      sentinels([0, 1, 2, 3, 4], downAfter: 5_000, &world)
      world.faults = [fault(.machinePause, at: 5_584, for: 9_370, 0)]
    }
    #expect(found.allSatisfy { $0.cause == .machinePause && $0.duration <= 5_500 * millisecond })
  }

  @Test("two operators in one epoch: the old holder gives way to one target only")
  func twoOperatorsInOneEpoch() {
    let found = overlaps { world in
      world.redisCount = 4
      sentinels([0, 4, 5, 3, 6], downAfter: 3_000, &world)
      world.faults = [fault(.twoForced, at: 3_501, for: 262, 2, other: 3, mask: 0x5591)]
    }
    #expect(found.isEmpty)
  }

  @Test("two operators one after the other: a leader that gives up takes its target along")
  func leaderGivesUp() {
    let found = overlaps { world in
      world.redisCount = 3
      sentinels([0, 1, 2, 3, 4], downAfter: 3_000, &world)
      world.faults = [
        fault(.forcedFailover, at: 5_388, 4),
        fault(.forcedInMinority, at: 6_032, for: 473, 0, other: 4, mask: 0x4a3c),
      ]
    }
    #expect(found.isEmpty)
  }

  @Test("a node that was named and never held does not speak for the holder before it")
  func namedButNeverHeld() {
    let found = overlaps { world in
      world.redisCount = 3
      sentinels([0, 1, 2], downAfter: 5_000, &world)
      world.faults = [
        fault(.hostDeaf, at: 4_000, for: 6_004, 0),
        fault(.twoForced, at: 6_114, for: 4_319, 1, other: 2, mask: 0xd8dc),
      ]
    }
    #expect(found.isEmpty)
  }

  @Test("T11: a deaf host, a failover, and then the new master's Redis dies")
  func deafHost() {
    let found = overlaps { world in
      world.redisCount = 3
      sentinels([3, 1, 2], downAfter: 3_000, &world)
      world.faults = [
        fault(.hostDeaf, at: 5_821, for: 8_000, 0), fault(.redisKill, at: 11_864, for: 2_635, 1),
      ]
    }
    #expect(found.isEmpty)
  }
}

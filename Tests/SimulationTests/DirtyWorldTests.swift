import FailoverCore
import Testing

@testable import SimulationKit

/// How Sentinel itself behaves when it is told nonsense, by `sentinel.c`.
@Suite("Sentinel in a dirty world") struct DirtyWorldTests {
  private func world(
    until end: Int64, _ faults: [Fault] = [],
    _ configure: (inout WorldConfiguration) -> Void = { _ in }
  ) -> World {
    var configuration = WorldConfiguration(seed: 5)
    configuration.faults = faults
    configure(&configuration)
    let world = World(configuration)
    world.run(until: end * second)
    return world
  }

  private func fault(
    _ kind: FaultKind, at: Int64, for duration: Int64 = 1, _ target: Int = 0, other: Int = 0,
    mask: Int = 0, step: Int64 = 0
  ) -> Fault {
    Fault(
      kind: kind, begins: at * second, duration: duration * second, target: target, other: other,
      mask: mask, step: step)
  }

  private func identities(_ world: World, listedBy index: Int) -> [Int] {
    world.sentinels[index].peers.map(\.identity).sorted()
  }

  @Test func `A phantom is listed, never reached, and found down`() throws {
    let world = world(until: 12, [fault(.phantom, at: 4, mask: 0b11_11_11)])
    let peer = try #require(world.sentinels[0].peers.first { $0.identity == 3 })
    #expect(peer.isDisconnected && peer.flags.contains(.subjectivelyDown))
    #expect(world.view(of: world.sentinels[0]).otherSentinels == 3)
  }

  @Test
  func `A stray hello from a real address takes the port, and the next real one gives it back`() {
    // To Sentinel 0 alone, as if from the address of Sentinel 1.
    let stray = fault(.phantom, at: 4, 0, other: 1, mask: 0b01_01_00)
    let at = world(until: 4, [stray])
    #expect(at.sentinels[0].peers.map(\.hasAddress) == [false, true, true])
    let after = world(until: 12, [stray])
    let there = after.sentinels[0].peers.filter { $0.index == 1 }
    #expect(there.map(\.identity).sorted() == [1, 3])
    #expect(there.allSatisfy { $0.hasAddress })
  }

  @Test func `A Sentinel with a new id leaves its old one behind without a port`() throws {
    let world = world(until: 12, [fault(.sentinelRebuilt, at: 4, 1)])
    #expect(world.sentinels[1].identity == 3)
    #expect(identities(world, listedBy: 0) == [1, 2, 3])
    let old = try #require(world.sentinels[0].peers.first { $0.identity == 1 })
    #expect(!old.hasAddress && old.isDisconnected)
  }

  @Test func `After RESET of all, each in turn, only the living are listed`() {
    let world = world(
      until: 25, [fault(.sentinelRebuilt, at: 4, 1), fault(.resetInTurn, at: 9, for: 8)])
    #expect(identities(world, listedBy: 0) == [2, 3])
    #expect(identities(world, listedBy: 2) == [0, 3])
    #expect(world.view(of: world.sentinels[0]).replicas.count == 1)
  }

  @Test func `A Sentinel whose clock was set back pings nobody and tells negative ages`() throws {
    // Host 2 has a Sentinel and neither Redis nor agent.
    let world = world(until: 9, [fault(.wallStep, at: 4, for: 20, 2, step: -60_000)])
    let age = try #require(world.view(of: world.sentinels[2]).lastOkPingReply)
    #expect(age < .seconds(-50))
    #expect(world.sentinels[2].isTilted)
    #expect(world.sentinels[2].master.flags.isEmpty)
  }

  @Test func `With the first configuration all name the first master in epoch 0`() {
    let kill = fault(.redisKill, at: 4, for: 3)
    let before = world(until: 29, [kill])
    #expect(before.majorityNamed == 1)
    let world = world(until: 38, [kill, fault(.firstConfiguration, at: 30, for: 20)])
    #expect(world.majorityNamed == 0)
    #expect(world.sentinels.allSatisfy { $0.configEpoch == 0 })
    #expect(world.redis[0].replicaOf == 1)
    // An operator lets them monitor the right one.
    world.run(until: 60 * second)
    #expect(world.majorityNamed == 1)
  }

  @Test func `Seeds that are published have no dirt, and later ones have`() {
    for seed in [1, 2_000, 400_001, 490_000] as [UInt64] {
      #expect(!WorldConfiguration.random(seed: seed).isDirty)
      let dirty = WorldConfiguration.random(seed: seed, dirt: .on)
      let clean = WorldConfiguration.random(seed: seed, dirt: .off)
      #expect(dirty.isDirty)
      #expect(dirty.faults.filter { !$0.kind.isDirt }.map(\.kind) == clean.faults.map(\.kind))
    }
    #expect(WorldConfiguration.random(seed: Simulation.firstDirtySeed).isDirty)
  }
}

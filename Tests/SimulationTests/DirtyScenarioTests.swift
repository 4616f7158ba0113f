import FailoverCore
import Testing

@testable import SimulationKit

/// What Sentinel, clocks, names and people do to a healthy group, each as a scripted world.
@Suite("A dirty world") struct DirtyScenarioTests {
  /// Runs a scenario under some draws of everything that is not scripted.
  private func outcomes(
    _ faults: [Fault], draws: ClosedRange<UInt64> = 1...4,
    _ configure: (inout WorldConfiguration) -> Void = { _ in }
  ) -> [Outcome] {
    draws.map { seed in
      var world = WorldConfiguration(seed: seed)
      world.faults = faults
      configure(&world)
      return World(world).run()
    }
  }

  private func sentinels(_ hosts: [Int], _ world: inout WorldConfiguration) {
    world.sentinelHosts = hosts
    world.quorum = hosts.count / 2 + 1
    world.downAfter = Array(repeating: 3_000, count: hosts.count)
  }

  /// A stray hello to all Sentinels from an address where nobody is.
  private func phantom(at: Int64) -> Fault { fault(.phantom, at: at, mask: 0b11_11_11) }

  /// Nobody waits for the address, nobody shares it, and the world ends well.
  private func expectNothing(_ outcomes: [Outcome]) {
    #expect(outcomes.map(\.unheld) == outcomes.map { _ in 0 })
    #expect(outcomes.allSatisfy { $0.overlaps.isEmpty && $0.violations.isEmpty })
    #expect(outcomes.allSatisfy { $0.hasConverged && $0.hasProgressed })
  }

  // MARK: Phantoms

  @Test func `A phantom takes nothing away, until one Sentinel more stops`() {
    expectNothing(outcomes([phantom(at: 5_000)]))
    let stopped = outcomes([phantom(at: 5_000), fault(.sentinelKill, at: 8_000, for: 9_000, 2)])
    #expect(stopped.allSatisfy { $0.unheld > 0 })
  }

  @Test func `A phantom that the operator forgot does not count when a Sentinel stops`() {
    expectNothing(
      outcomes([
        phantom(at: 5_000), fault(.forget, at: 17_000),
        fault(.sentinelKill, at: 19_000, for: 9_000, 2),
      ]))
  }

  @Test func `A phantom counts no more a minute after all Sentinels were reset`() {
    expectNothing(
      outcomes([
        phantom(at: 5_000), fault(.resetInTurn, at: 8_000),
        fault(.sentinelKill, at: 95_000, for: 9_000, 2),
      ]))
  }

  // MARK: RESET

  @Test func `A RESET inside a partition never makes a minority take`() {
    // Hosts 0 and 1 on one side, with two of five Sentinels; all are reset.
    let found = outcomes(
      [fault(.resetInTurn, at: 5_000, for: 15_000, mask: 0b1_1100_0100)], draws: 1...8
    ) { world in
      world.redisCount = 3
      sentinels([0, 1, 2, 3, 4], &world)
    }
    #expect(found.allSatisfy { $0.overlaps.isEmpty && $0.violations.isEmpty })
    #expect(found.contains { !$0.takes.isEmpty })
  }

  @Test func `RESET of one Sentinel after the other takes nothing away`() {
    expectNothing(outcomes([fault(.resetInTurn, at: 5_000)], draws: 1...8))
  }

  // MARK: Sentinels that come and go

  @Test func `A Sentinel with a new id takes nothing away, whether it knows the group or not`() {
    expectNothing(outcomes([fault(.sentinelRebuilt, at: 5_000, 1)]))
    expectNothing(outcomes([fault(.sentinelRebuilt, at: 5_000, 1, mask: 8)]))
  }

  @Test func `A Sentinel that gets its old id back takes nothing away`() {
    expectNothing(
      outcomes([
        fault(.sentinelRebuilt, at: 5_000, 1), fault(.sentinelRebuilt, at: 10_000, 1, mask: 4),
      ]))
  }

  @Test func `A Sentinel that is gone for good takes nothing away`() {
    expectNothing(outcomes([fault(.sentinelGone, at: 5_000, 2)]))
  }

  @Test func `Sentinels with their first configuration leave the holder alone`() {
    // node1 is the master since the failover; the first configuration names node0.
    let failover = fault(.redisKill, at: 4_000, for: 3_000)
    let clean = outcomes([failover])
    for mask in 0...1 {
      let returned = outcomes([
        failover, fault(.firstConfiguration, at: 30_000, for: 20_000, mask: mask),
      ])
      #expect(returned.map(\.unheld) == clean.map(\.unheld))
      #expect(returned.allSatisfy { $0.overlaps.isEmpty && $0.violations.isEmpty })
      #expect(returned.allSatisfy { $0.hasConverged && $0.hasProgressed })
    }
  }

  // MARK: Clocks, replies, names

  @Test func `A wall clock that is set takes nothing away, whoever's it is`() {
    for step in [-600_000, -300, 300, 600_000] as [Int64] {
      for host in 0...2 {
        expectNothing(
          outcomes([fault(.wallStep, at: 5_000, for: 8_000, host, step: step)], draws: 1...2))
      }
    }
  }

  @Test func `One Sentinel whose replies always lack a part takes nothing away`() {
    for part in 0..<14 {
      expectNothing(
        outcomes(
          [fault(.spoiledEntries, at: 5_000, for: 10_000, 1, mask: part << 3 | 0b101)],
          draws: 1...2))
    }
  }

  @Test func `An agent that does not know the address of one Sentinel holds by the others`() {
    let found = outcomes([fault(.lateSentinel, at: 5_000, for: 15_000, 0, other: 2)])
    #expect(found.allSatisfy { $0.maxUnheld <= 500 * millisecond })
    #expect(found.allSatisfy { $0.overlaps.isEmpty && $0.hasConverged && $0.hasProgressed })
  }
}

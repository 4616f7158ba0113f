import Testing

@testable import SimulationKit

@Suite("The simulation") struct SimulationTests {
  @Test("one seed gives one trace")
  func oneSeedOneTrace() {
    for seed in [3, 17, 4_711] as [UInt64] {
      let configuration = WorldConfiguration.random(seed: seed)
      let first = World(configuration)
      let second = World(configuration)
      let outcomes = (first.run(), second.run())
      #expect(outcomes.0 == outcomes.1)
      #expect(first.milestones == second.milestones)
      #expect(first.milestones.count > 5)
    }
  }

  @Test("two seeds give two worlds")
  func twoSeedsTwoWorlds() {
    let first = World(WorldConfiguration.random(seed: 5))
    let second = World(WorldConfiguration.random(seed: 6))
    _ = (first.run(), second.run())
    #expect(first.milestones != second.milestones)
  }

  @Test("a fixed range of worlds keeps every promise")
  func fixedRange() async {
    let summary = await Simulation(first: 1, last: 60, jobs: 2).run()
    #expect(summary.worlds == 60)
    #expect(summary.takes.count > 30)
    #expect(summary.failures.map(\.text) == [])
  }

  @Test("a fixed range of dirty worlds keeps every promise")
  func dirtyRange() async {
    let first = Simulation.firstDirtySeed
    let summary = await Simulation(first: first, last: first + 19, jobs: 2).run()
    #expect(summary.worlds == 20)
    #expect(summary.failures.map(\.text) == [])
  }

  @Test("every kind of fault comes up")
  func everyKind() {
    var seen: [FaultKind] = []
    for seed in 1...400 as ClosedRange<UInt64> {
      for fault in WorldConfiguration.random(seed: seed, dirt: .on).faults
      where !seen.contains(fault.kind) {
        seen.append(fault.kind)
      }
    }
    #expect(seen.count == FaultKind.allCases.count)
  }

  @Test("a kill moves the address within a millisecond of the flip")
  func killMoves() throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      var configuration = WorldConfiguration(seed: seed)
      configuration.faults = [
        Fault(kind: .powerOff, begins: 4 * second, duration: 20 * second, target: 0)
      ]
      let outcome = World(configuration).run()
      #expect(outcome.hasProgressed && outcome.hasConverged)
      let take = try #require(outcome.takes.first)
      #expect(take < 1 * millisecond)
    }
  }

  @Test("a shrunk world fails as the long one did, with no more faults")
  func shrinking() {
    // A machine that sleeps through its own failover is a failure that no rule cures.
    var world = WorldConfiguration(seed: 1)
    world.quorum = 1
    world.faults = [
      Fault(kind: .sentinelFreeze, begins: 4 * second, duration: second, target: 2),
      Fault(kind: .hostIsolated, begins: 5 * second, duration: 3 * second, target: 0),
    ]
    let shrunk = Shrinking.shrink(world)
    #expect(shrunk.faults.count <= world.faults.count)
  }
}

import FailoverCore
import Testing

@testable import SimulationKit

/// Planned moves, and daemons that die between any two orders of one.
@Suite("Planned moves") struct MoveTests {
  private static let asked = 5 * second

  private func world(
    seed: UInt64, redis: Int = 2, target: Int? = 1, _ faults: [Fault] = []
  ) -> WorldConfiguration {
    var world = WorldConfiguration(seed: seed)
    world.redisCount = redis
    world.fence = FenceSetup()
    world.move = PlannedMove(at: MoveTests.asked, target: target)
    world.faults = faults
    return world
  }

  private func complaint(_ outcome: Outcome) -> String? { MoveSweep.complaint(outcome) }

  @Test("a move loses nothing, with one replica and with two, to a named target and to any")
  func moves() throws {
    for redis in 2...3 {
      for target in [nil, redis - 1] {
        for seed in 1...4 as ClosedRange<UInt64> {
          let outcome = World(world(seed: seed, redis: redis, target: target)).run()
          #expect(complaint(outcome) == nil)
          #expect(outcome.move == .done)
          let gap = try #require(outcome.moveGap)
          #expect(gap < 500 * millisecond)
        }
      }
    }
  }

  @Test("a move to the master, or beside a dead replica, is refused and changes nothing")
  func refused() {
    let toMaster = World(world(seed: 1, target: 0)).run()
    #expect(toMaster.move == .refused && complaint(toMaster) == nil)
    let dead = Fault(kind: .redisKill, begins: 4 * second, duration: 6 * second, target: 1)
    let toDead = World(world(seed: 1, [dead])).run()
    #expect(toDead.move == .refused && complaint(toDead) == nil)
  }

  @Test("an operator who gives up at any moment loses nothing")
  func cancelled() {
    var undone = 0
    // In an idle world the order is out after some milliseconds, and the rest takes a second.
    let moments = (0..<48 as Range<Int64>).map { $0 * 250_000 }
    for moment in moments + (1...40).map({ $0 * 12 * millisecond }) {
      var configuration = world(seed: 3)
      configuration.move?.cancelled = MoveTests.asked + moment
      let outcome = World(configuration).run()
      #expect(complaint(outcome) == nil)
      if outcome.move == .undone { undone += 1 }
    }
    #expect(undone > 5)
  }

  @Test(
    "a daemon that dies between any two orders of a move leaves nothing closed, loses nothing",
    arguments: MoveSweep.Victim.allCases)
  func daemonDies(victim: MoveSweep.Victim) {
    let result = MoveSweep(seed: 11, redisCount: 2, victim: victim).run()
    #expect(result.points > 30)
    #expect(result.complaints.map(\.text) == [])
  }
}

import SimulationKit
import Testing

@Suite struct DeathSweepTests {
  @Test(arguments: DeathSweep.Mishap.allCases)
  func `A commanded Sentinel that fails at any moment makes no second holder`(
    mishap: DeathSweep.Mishap
  ) {
    let result = DeathSweep(seed: 5, redisCount: 3, mishap: mishap).run(step: 200)
    #expect(result.points == 9)
    #expect(result.complaints.map(\.text) == [])
    // Whoever is there when the master dies is told, and what it has begun goes on.
    #expect(result.ordered > result.points / 2)
    #expect(result.early > 0)
  }
}

import Foundation
import Testing

@testable import Lab

extension RealServers {
  @Suite("Writes that were acknowledged")
  struct Acknowledged {
    @Test func `Without vipd, SENTINEL FAILOVER loses writes, and the comparison says so`() throws {
      var plan = LabPlan(id: LabPlan.freshID())
      plan.useSeedTopology()
      let result = try WriteTrial.run(plan, client: Laboratory.neighbour("lab-client")) {
        trial throws(LabError) in
        let stamp = try trial.lab.failover(trial.group, by: 2)
        return try trial.observation.awaitPromotion(
          of: trial.group.name, after: stamp, exceptFor: 1)
      }
      // About ten seconds of writes: until a Sentinel makes the old master a replica.
      #expect(result.lost.count > 10_000)
      #expect(result.lost.count < result.record.acknowledged)
      let first = try #require(result.lost.first)
      let last = try #require(result.lost.last)
      #expect(first.milliseconds(since: result.outcome.stamp) > -500)
      #expect(last.milliseconds(since: first) > 5000)
    }
  }
}

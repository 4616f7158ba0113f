import Testing

@testable import Lab

extension RealServers {
  @Suite("Redis servers that allow more or less")
  struct FenceSetups {
    /// What `vipd` says of the fence where the servers are set up so.
    static let expectations: [(setup: RedisSetup, state: String)] = [
      (.withoutFile, "half"), (.readOnlyFile, "half"), (.renamedConfig, "half"),
      (.smallestRights, "armed"),
    ]

    @Test(arguments: expectations)
    func `The fence is never half there in silence`(setup: RedisSetup, state: String) throws {
      try RealServers.withLab {
        $0.useSeedTopology()
        $0.agent = .daemon(path: Laboratory.neighbour("vipd"))
        $0.fence = "min-replicas all max-lag 1"
        $0.redisSetup = setup
      } _: { lab in
        let group = try lab.group()
        try lab.awaitFence(state, of: group, on: 1)
      }
    }
  }
}

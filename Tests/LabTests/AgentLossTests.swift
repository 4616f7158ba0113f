import Testing

@testable import Lab

extension RealServers {
  @Suite("The agent or the Sentinels are lost")
  struct AgentLoss {
    private func useTwoAddresses(_ plan: inout LabPlan) {
      plan.groups[0].virtualAddresses = ["10.77.0.100/24", "10.77.0.101/24"]
    }

    @Test func `vipd is killed: the kernel removes both VIPs, and the next vipd brings them back`()
      throws
    {
      try RealServers.withDaemons(useTwoAddresses) { trial in
        try trial.lab.kill(.agent, on: 1)
        for address in trial.group.addresses {
          try waitUntil("the kernel to remove \(address)", timeoutMilliseconds: 15_000) {
            () throws(LabError) in
            try trial.lab.holders(of: address).isEmpty
          }
        }
        try trial.lab.start(.agent, on: 1)
        try trial.lab.awaitHolder(trial.group, number: 1)
      }
    }

    @Test func `vipd is frozen and the master lost: the kernel removes both VIPs in time`() throws {
      try RealServers.withDaemons(useTwoAddresses) { trial in
        let fault = try trial.lab.freeze(.agent, on: 1)
        try trial.lab.kill(.redis(trial.group.name), on: 1)
        let promotion = try trial.awaitTakeover(after: fault)
        try trial.lab.thaw(.agent, on: 1)
        try trial.awaitSuccess(at: promotion.host, after: .now())
        #expect(try trial.lab.holders(of: trial.group.firstAddress) == [promotion.host])
      }
    }

    @Test func `vipd is restarted with on-stop keep: the client notices nothing`() throws {
      try RealServers.withDaemons({ $0.extraConfiguration = ["on-stop keep"] }) { trial in
        let fault = try trial.lab.stop(.agent, on: 1)
        try trial.lab.start(.agent, on: 1)
        // A lease of its own, and not the rest of the old one.
        pause(milliseconds: 4000)
        #expect(trial.failures(after: fault).isEmpty)
        #expect(!trial.hasLost(trial.group.firstAddress, on: 1, after: fault))
      }
    }

    @Test func `vipd is stopped: the VIP goes at once, and the next vipd brings it back`() throws {
      try RealServers.withDaemons { trial in
        try trial.lab.stop(.agent, on: 1)
        #expect(try trial.lab.holders(of: trial.group.firstAddress).isEmpty)
        try trial.lab.start(.agent, on: 1)
        try trial.lab.awaitHolder(trial.group, number: 1)
      }
    }

    @Test func `One Sentinel dies: the client notices nothing`() throws {
      try RealServers.withDaemons { trial in
        let fault = try trial.lab.kill(.sentinel, on: 1)
        pause(milliseconds: 5000)
        #expect(trial.failures(after: fault).isEmpty)
        #expect(!trial.hasLost(trial.group.firstAddress, on: 1, after: fault))
      }
    }

    @Test func `All Sentinels are restarted together: the client notices nothing`() throws {
      try RealServers.withDaemons { trial in
        let fault = Stamp.now()
        try trial.lab.restartSentinels()
        pause(milliseconds: 5000)
        #expect(trial.failures(after: fault).isEmpty)
        #expect(!trial.hasLost(trial.group.firstAddress, on: 1, after: fault))
      }
    }

    @Test func `All hosts boot together: one holder, the host that the Sentinels name`() throws {
      try RealServers.withDaemons { trial in
        for host in trial.lab.hosts { try trial.lab.powerOff(host.number) }
        try trial.lab.heal()
        try waitUntil("a VIP", timeoutMilliseconds: 40_000) {
          () throws(LabError) in
          guard let master = try trial.lab.master(of: trial.group) else { return false }
          return try trial.lab.holders(of: trial.group.firstAddress) == [master]
        }
      }
    }
  }
}

import Testing

@testable import Lab

extension RealServers {
  @Suite("People and other machines interfere")
  struct Interference {
    @Test func `SENTINEL FAILOVER: the VIP moves, and stays when the old master follows`() throws {
      try RealServers.withDaemons { trial in
        let fault = try trial.lab.failover(trial.group, by: 2)
        let promotion = try trial.awaitTakeover(after: fault)
        try trial.awaitReplica(on: 1)
        #expect(try trial.lab.holders(of: trial.group.firstAddress) == [promotion.host])
      }
    }

    @Test func `Two failovers back to back: the VIP follows both`() throws {
      try RealServers.withDaemons { trial in
        let first = try trial.awaitTakeover(after: trial.lab.failover(trial.group, by: 2))
        try trial.awaitReplica(on: 1)
        try trial.lab.awaitSettled(group: trial.group, master: first.host)
        let stamp = try trial.lab.failover(trial.group, by: 3)
        let second = try trial.awaitPromotion(after: stamp, old: first.host)
        try trial.lab.awaitHolder(trial.group, number: second.host)
      }
    }

    @Test func `A VIP that somebody removes is back, and announced`() throws {
      try RealServers.withDaemons { trial in
        let address = trial.group.firstAddress
        let fault = try trial.lab.removeAddress(address, on: 1)
        try waitUntil("the VIP to be back", timeoutMilliseconds: 5000) {
          trial.arrival(of: address, on: 1, after: fault) != nil
        }
        let arrival = try #require(trial.arrival(of: address, on: 1, after: fault))
        try waitUntil("an announcement", timeoutMilliseconds: 5000) {
          trial.observation.recording.announcements.contains {
            $0.address == address && $0.stamp > arrival
          }
        }
        try trial.awaitSuccess(at: 1, after: arrival)
      }
    }

    @Test func `A stranger that claims the VIP: the holder answers, and clients come back`()
      throws
    {
      try RealServers.withDaemons { trial in
        let address = trial.group.firstAddress
        // The rounds that follow the start tell the holder's hardware address.
        try waitUntil("the holder to announce itself", timeoutMilliseconds: 5000) {
          trial.observation.recording.announcements.contains { $0.address == address }
        }
        let own = try #require(
          trial.observation.recording.announcements.last { $0.address == address })
        let fault = Stamp.now()
        try trial.lab.bringStranger(claiming: trial.group.virtualAddresses[0])
        try waitUntil("the holder's answer", timeoutMilliseconds: 5000) {
          let heard = trial.observation.recording.announcements.filter {
            $0.address == address && $0.stamp > fault
          }
          guard
            let claim = heard.first(where: { $0.hardwareAddress != own.hardwareAddress })
          else { return false }
          return heard.contains {
            $0.hardwareAddress == own.hardwareAddress && $0.stamp > claim.stamp
          }
        }
        #expect(try trial.lab.holders(of: address) == [1])
        let healed = Stamp.now()
        try trial.lab.heal()
        try trial.awaitSuccess(at: 1, after: healed)
      }
    }

    @Test func `Sentinel runs the hook, and it hands its news over`() throws {
      try RealServers.withDaemons({ $0.hook = Laboratory.neighbour("vipd-reconfig") }) { trial in
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        try trial.awaitTakeover(after: fault)
        try waitUntil("every Sentinel to run its script", timeoutMilliseconds: 20_000) {
          () throws(LabError) in
          for number in trial.lab.plan.sentinelHosts {
            if try trial.lab.startedScripts(on: number) == 0 { return false }
          }
          return true
        }
        // A script that ends with an error is reported when its end is noticed, within a tick.
        pause(milliseconds: 1000)
        #expect(!trial.observation.hasSeen("-script-error", after: fault))
      }
    }
  }
}

import Testing

@testable import Lab

extension RealServers {
  @Suite("The master is lost")
  struct MasterLoss {
    @Test func `Killed: the VIP is at the promoted host before Sentinel tells of the switch`()
      throws
    {
      try RealServers.withDaemons { trial in
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        let promotion = try trial.awaitTakeover(after: fault)
        try waitUntil("+switch-master", timeoutMilliseconds: 15_000) {
          trial.observation.hasSeen("+switch-master", after: fault)
        }
        let recording = trial.observation.recording
        let arrival = try #require(
          trial.arrival(of: trial.group.firstAddress, on: promotion.host, after: fault))
        let announcement = try #require(recording.announcements.first { $0.stamp > arrival })
        let success = try #require(recording.firstSuccess(at: promotion.host, after: fault))
        #expect(announcement.address == trial.group.firstAddress)
        if recording.disturbance == nil {
          let switched = try #require(
            recording.events.first { $0.name == "+switch-master" && $0.stamp > fault })
          #expect(success.end < switched.stamp)
        }
      }
    }

    @Test func `Power lost: the VIP moves`() throws {
      try RealServers.withDaemons { trial in
        try trial.awaitTakeover(after: trial.lab.powerOff(1))
      }
    }

    @Test func `Seed topology, power lost: one replica and a host that only votes suffice`()
      throws
    {
      try RealServers.withDaemons({ $0.useSeedTopology() }) { trial in
        let promotion = try trial.awaitTakeover(after: trial.lab.powerOff(1))
        #expect(promotion.host == 2)
      }
    }

    @Test func `Cable pulled: the old holder lets go by itself and stays without when it is back`()
      throws
    {
      try RealServers.withDaemons { trial in
        let promotion = try trial.awaitTakeover(after: trial.lab.cut(1))
        #expect(try trial.lab.holders(of: trial.group.firstAddress) == [promotion.host])
        try trial.lab.mend(1)
        try trial.awaitReplica(on: 1)
        #expect(try trial.lab.holders(of: trial.group.firstAddress) == [promotion.host])
      }
    }

    @Test func `Silently cut off: the old holder lets go although its interface is up`() throws {
      try RealServers.withDaemons { trial in
        let promotion = try trial.awaitTakeover(after: trial.lab.isolate(1))
        try trial.lab.heal()
        try trial.awaitReplica(on: 1)
        #expect(try trial.lab.holders(of: trial.group.firstAddress) == [promotion.host])
      }
    }

    @Test func `Deaf: a holder that can only send lets go`() throws {
      try RealServers.withDaemons { trial in
        let fault = try trial.lab.partition(["h2", "h3", "c1"], from: ["h1"], oneWay: true)
        try trial.awaitTakeover(after: fault)
      }
    }

    @Test func `Mute: a holder that can only hear lets go`() throws {
      try RealServers.withDaemons { trial in
        let fault = try trial.lab.partition(["h1"], from: ["h2", "h3", "c1"], oneWay: true)
        try trial.awaitTakeover(after: fault)
      }
    }

    @Test func `Frozen: a Redis that stands still loses the VIP, and doesn't get it back`() throws {
      try RealServers.withDaemons { trial in
        let fault = try trial.lab.freeze(.redis(trial.group.name), on: 1)
        let promotion = try trial.awaitTakeover(after: fault)
        try trial.lab.thaw(.redis(trial.group.name), on: 1)
        try trial.awaitReplica(on: 1)
        #expect(try trial.lab.holders(of: trial.group.firstAddress) == [promotion.host])
      }
    }

    @Test func `The old master comes back as master, and the VIP stays where it is`() throws {
      try RealServers.withDaemons { trial in
        let redis = Part.redis(trial.group.name)
        let promotion = try trial.awaitTakeover(after: trial.lab.kill(redis, on: 1))
        let back = Stamp.now()
        try trial.lab.start(redis, on: 1)
        try trial.awaitReplica(on: 1)
        #expect(!trial.hasLost(trial.group.firstAddress, on: promotion.host, after: back))
        #expect(trial.arrival(of: trial.group.firstAddress, on: 1, after: back) == nil)
      }
    }

    @Test func `Only the quorum is cut off, 2 of 5: the VIP follows without a second holder`()
      throws
    {
      try RealServers.withDaemons({ $0.useFiveSentinels(quorum: 2) }) { trial in
        let fault = try trial.lab.partition(["h1"], from: ["h4", "h5"])
        try trial.awaitTakeover(after: fault)
      }
    }

    @Test func `IPv6: the VIP moves and is announced to all neighbours`() throws {
      try RealServers.withDaemons({ $0.useVersion6() }) { trial in
        let fault = try trial.lab.powerOff(1)
        let promotion = try trial.awaitTakeover(after: fault)
        let arrival = try #require(
          trial.arrival(of: trial.group.firstAddress, on: promotion.host, after: fault))
        try waitUntil("a neighbour advertisement", timeoutMilliseconds: 5000) {
          trial.observation.recording.announcements.contains {
            $0.kind == "na" && $0.address == trial.group.firstAddress && $0.stamp > arrival
          }
        }
      }
    }

    @Test func `Two groups: the one whose master is lost moves, the other doesn't`() throws {
      try RealServers.withDaemons({ $0.addSecondGroup() }) { trial in
        let second = try trial.lab.group("second")
        try trial.lab.awaitHolder(second, number: 2)
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        try trial.awaitTakeover(after: fault)
        #expect(!trial.hasLost(second.firstAddress, on: 2, after: fault))
        #expect(try trial.lab.holders(of: second.firstAddress) == [2])
      }
    }
  }
}

import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Links
import NIOCore
import PeerKit
import Platform
import Testing
import Wording

@testable import Agent

private let sentinels = (1...3).map {
  Endpoint(address: .v4(IPv4Address(10, 77, 0, $0)), port: 26_379)
}

private func node(_ text: String) -> Endpoint {
  Endpoint(address: IPAddress(text) ?? ipv4VIP, port: 6379)
}

/// A port of this host that is no loopback address by its looks (ip(7): INADDR_ANY is this host).
private func own(_ port: UInt16) -> Endpoint {
  Endpoint(address: .v4(IPv4Address(0, 0, 0, 0)), port: port)
}

extension Group {
  /// The same group, with its instance to be found.
  fileprivate func twin() -> Group {
    var section = section
    section.redis = nil
    return Group(
      section: section, configuration: configuration, access: Access(), channelKey: nil,
      services: services)
  }

  /// Lets Sentinels name a master and its replicas.
  fileprivate func hear(
    _ master: Endpoint, replicas: [Endpoint] = [], epoch: UInt64 = 0, by places: [Int] = [0, 1, 2]
  ) {
    for place in places {
      let view = SentinelView(
        named: master, configEpoch: epoch, replicas: replicas.map { ReplicaView(endpoint: $0) })
      sentinelSaid(
        .sentinelReplied(sentinels[place], view, sentAt: services.clock.now()))
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct GroupInstanceTests {
  /// Shows what a group says of what Sentinels name, on a host with one address.
  private func problems(
    _ master: Endpoint, replicas: [Endpoint] = [], by places: [Int] = [0, 1, 2],
    check: @escaping @Sendable ([GroupProblem]) -> Void
  ) async {
    await GroupBench.runWithRedis { bench, running, done in
      let group = running.twin()
      bench.network.addresses.own = [ipv4VIP, loopback(1).address, node("fe80::1").address]
      if let address = IPAddress("10.88.0.1") { bench.network.addresses.own.insert(address) }
      group.hear(master, replicas: replicas, by: places)
      check(group.problems)
      group.end()
      done()
    }
  }

  @Test func `A master that is monitored at a loopback address is nobody's, and told`() async {
    await problems(node("127.0.0.1"), by: [0]) { found in
      #expect(
        found == [
          GroupProblem(
            label: "monitors-loopback",
            sentence: "Sentinel 10.77.0.1:26379 monitors mymaster at 127.0.0.1:6379, which every "
              + "host takes for itself: on each Sentinel SENTINEL REMOVE mymaster, then SENTINEL "
              + "MONITOR mymaster ADDRESS PORT QUORUM with an address that all hosts reach")
        ])
    }
  }

  @Test func `A host's own name in its hosts file is told as what it is`() async {
    await problems(node("127.0.1.1"), by: [0, 1]) { found in
      #expect(found.map(\.label) == ["monitors-loopback"])
      #expect(
        found.first?.sentence.hasPrefix(
          "Sentinels 10.77.0.1:26379, 10.77.0.2:26379 monitor mymaster at 127.0.1.1:6379, which "
            + "every host takes for itself (/etc/hosts often gives it to a host's own name") == true
      )
    }
  }

  @Test func `A master that is monitored at the virtual address is told`() async {
    await problems(Endpoint(address: ipv4VIP, port: 6379), by: [2]) { found in
      #expect(
        found == [
          GroupProblem(
            label: "monitors-virtual-address",
            sentence: "Sentinel 10.77.0.3:26379 monitors the virtual address 10.77.0.100 as the "
              + "master: SENTINEL REMOVE mymaster, then SENTINEL MONITOR mymaster NODE PORT QUORUM "
              + "on each Sentinel")
        ])
    }
  }

  @Test func `A replica at the virtual address or at loopback is told, and changes nothing`() async
  {
    let replicas = [Endpoint(address: ipv4VIP, port: 6379), node("::1"), node("10.77.0.2")]
    await problems(node("10.88.0.1"), replicas: replicas) { found in
      #expect(found.map(\.label) == ["names-loopback", "names-virtual-address"])
    }
  }

  @Test func `A host of which no Sentinel names an address says what is named and what it has`()
    async
  {
    await problems(node("10.77.0.1"), replicas: [node("10.77.0.2")]) { found in
      #expect(
        found == [
          GroupProblem(
            label: "not-in-group",
            sentence: "no Sentinel names an instance of this host: they name 10.77.0.1:6379, "
              + "10.77.0.2:6379; this host has 10.88.0.1. Add: redis mymaster ADDRESS PORT "
              + "(as Sentinel names it)")
        ])
    }
  }

  @Test func `A host whose instance is named has no problem`() async {
    await problems(node("10.77.0.2"), replicas: [node("10.88.0.1")]) { found in
      #expect(found.isEmpty)
    }
  }

  @Test func `A node at loopback is not asked as another master: it may be this one`() async {
    await GroupBench.runWithRedis { bench, running, done in
      guard let server = bench.server, let port = running.section.redis?.port else {
        return done()
      }
      let group = running.twin()
      let other = FakeServer(loop: running.services.loop, answer: server.answer)
      other.open { otherPort in
        let before = server.accepted
        group.run(.inspect(loopback(port)), at: group.services.clock.now())
        group.run(.inspect(own(otherPort)), at: group.services.clock.now())
        bench.until({ other.commands.contains { $0[0] == "ROLE" } }) {
          #expect(server.accepted == before)
          group.end()
          other.close()
          done()
        }
      }
    }
  }

  @Test(arguments: [true, false])
  func
    `When the other instance of this host is named the link goes over, and the address stays if it is a master`(
      isMaster: Bool
    ) async
  {
    await GroupBench.runWithRedis { bench, running, done in
      guard let port = running.section.redis?.port else { return done() }
      let group = running.twin()
      let redis = FakeRedis()
      redis.role = isMaster ? Captured.roleOfMasterInRESP3 : Captured.roleOfReplicaInRESP3
      let bound = NIOLoopBound(redis, eventLoop: running.services.loop)
      let other = FakeServer(loop: running.services.loop) { bound.value.answer($0, &$1) }
      other.open { otherPort in
        bench.network.addresses.own = [own(1).address]
        let clock = group.services.clock
        let proof = LeaseProof(provenAt: clock.now() - .milliseconds(100), configEpoch: 0)
        group.handle(.started(StartupFacts(proof: proof, rememberedSentinels: 3)))
        for sentinel in sentinels {
          group.handle(.sentinelConnected(sentinel, runID: "\(sentinel.address)"))
        }
        group.hear(own(port), replicas: [own(otherPort)])
        bench.until({ group.currentState == .holding }) {
          #expect(group.redis.endpoint == own(port))
          bench.network.calls = []
          group.hear(own(otherPort), replicas: [own(port)], epoch: 1)
          #expect(group.redis.endpoint == own(otherPort))
          #expect(group.status.localInstance == own(otherPort))
          #expect(group.status.localRole == nil)
          bench.until({ group.redis.role != nil }) {
            #expect((group.currentState == .holding) == isMaster)
            #expect(bench.network.calls.contains("remove") != isMaster)
            group.end()
            other.close()
            done()
          }
        }
      }
    }
  }

  @Test
  func
    `An instance behind a translation is known as Sentinel names it, and reached as the file says`()
    async
  {
    let announced = Endpoint(address: .v4(IPv4Address(203, 0, 113, 7)), port: 16_379)
    await GroupBench.runWithRedis(change: { configuration in
      configuration.groups[0].redisLocal = configuration.groups[0].redis
      configuration.groups[0].redis = announced
    }) { bench, group, done in
      let port = group.section.redisLocal?.port ?? 0
      #expect(group.redis.endpoint == loopback(port))
      #expect(group.status.localInstance == announced)
      #expect(group.section.clientPort(of: announced) == port)
      // Clients of the virtual address come to the port that listens here.
      let end = Endpoint(address: ipv4VIP, port: port)
      bench.network.sessions.clients[end] = sampleClients(0..<3)
      bench.take(group)
      bench.until({ bench.told.contains { $0.added == sampleClients(0..<3) } }) {
        #expect(bench.told.allSatisfy { $0.node == announced })
        done()
      }
    }
  }
}

import Addresses
import ChannelMessages
import ControlProtocol
import FailoverCore
import LinuxNetwork
import NIOCore
import Packets
import PeerKit
import Platform
import RESP
import Testing

@testable import Agent

private let holder = otherHolder
private let virtual = sampleVirtual

@Suite(.timeLimit(.minutes(10))) struct GroupSessionsTests {
  /// Runs a group whose instance is on port 6379 of the loopback, where nobody answers for it.
  private func run(
    _ body: @escaping @Sendable (GroupBench, Group, _ done: @escaping () -> Void) -> Void
  ) async {
    await onLoop { loop, finish in
      let bench = GroupBench(loop: loop)
      try? bench.start(port: 6379) { group in
        // No Redis, so nothing but the test says whom to believe.
        group.redis.end()
        body(bench, group) { bench.stop(finish) }
      }
    }
  }

  /// Runs a group with a Redis that is a master.
  private func runWithRedis(
    _ body: @escaping @Sendable (GroupBench, Group, _ done: @escaping () -> Void) -> Void
  ) async {
    await GroupBench.runWithRedis(body)
  }

  private func news(
    _ step: UInt64, of node: Endpoint = holder, _ added: [PackedEndpoint],
    address: IPAddress = ipv4VIP
  ) -> ChannelMessage.Body {
    .sessions(SessionNews(node: node, table: 7, step: step, address: address, added: added))
  }

  @Test func `On a take, every client that was told of gets a tickle, and the list is spent`()
    async
  {
    await run { bench, group, done in
      bench.hearHolder(by: group)
      bench.hear(news(1, sampleClients(0..<5)), by: group)
      bench.take(group)
      // Nothing within the call that takes.
      #expect(bench.network.sessions.tickles.isEmpty)
      bench.until({ bench.network.sessions.tickles.count >= 10 }) {
        let source = PackedEndpoint(Endpoint(address: ipv4VIP, port: 6379))
        #expect(bench.network.sessions.tickles.allSatisfy { $0.source == source })
        #expect(Set(bench.network.sessions.tickles.map(\.destination)) == Set(sampleClients(0..<5)))
        #expect(Set(bench.network.sessions.tickles.map(\.variant)) == [.lowLow, .highHigh])
        #expect(group.sessions.figures.tickled == 5)
        #expect(group.sessions.inventory.count == 0)
        done()
      }
    }
  }

  @Test func `A client that speaks to this node already gets no tickle`() async {
    await run { bench, group, done in
      bench.network.sessions.clients[Endpoint(address: ipv4VIP, port: 6379)] = sampleClients(1..<4)
      bench.hearHolder(by: group)
      bench.hear(news(1, sampleClients(0..<5)), by: group)
      bench.take(group)
      bench.until({ bench.network.sessions.tickles.count >= 4 }) {
        #expect(
          Set(bench.network.sessions.tickles.map(\.destination))
            == Set(sampleClients(0..<1) + sampleClients(4..<5)))
        done()
      }
    }
  }

  @Test func `A kernel that can't tell who is connected keeps nobody from being woken`() async {
    await run { bench, group, done in
      bench.network.sessions.canReadClients = false
      bench.hearHolder(by: group)
      bench.hear(news(1, sampleClients(0..<5)), by: group)
      bench.take(group)
      bench.until({ bench.network.sessions.tickles.count >= 10 }) { done() }
    }
  }

  @Test func `Nobody is woken while the server's queue of new connections is half full`() async {
    await run { bench, group, done in
      bench.network.sessions.queue = AcceptQueue(waiting: 64, limit: 128)
      bench.hearHolder(by: group)
      bench.hear(news(1, sampleClients(0..<50)), by: group)
      bench.take(group)
      let asked = bench.network.sessions.queueReadings
      bench.until({ bench.network.sessions.queueReadings > asked + 2 }) {
        #expect(bench.network.sessions.tickles.isEmpty)
        bench.network.sessions.queue?.waiting = 0
        bench.until({ bench.network.sessions.tickles.count >= 100 }) { done() }
      }
    }
  }

  @Test func `Whoever lets go wakes nobody any more`() async {
    await run { bench, group, done in
      bench.hearHolder(by: group)
      bench.hear(news(1, sampleClients(0..<5)), by: group)
      bench.take(group)
      bench.change(group, from: .holding, to: .yielding)
      bench.until({ !group.sessions.isWaking && group.currentState == .yielding }) {
        #expect(bench.network.sessions.tickles.isEmpty)
        done()
      }
    }
  }

  @Test func `Only the node that is named and says that it holds is believed`() async {
    await run { bench, group, done in
      let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 8)), port: 6379)
      // Nobody has said that he holds.
      group.sessions.believe(holder)
      bench.hear(news(1, sampleClients(0..<1)), by: group)
      bench.hearHolder(by: group)
      // Another daemon speaks in the holder's name, the holder in another's, somebody is not named.
      bench.hear(news(1, sampleClients(0..<1)), by: group, sender: 43)
      bench.hear(news(1, of: other, sampleClients(0..<1)), by: group)
      let claim = NodeState(node: other, isHolding: true, version: "1")
      bench.hear(.state(claim), by: group, sender: 44)
      bench.hear(news(1, of: other, sampleClients(0..<1)), by: group, sender: 44)
      // Another port, and an address that is not ours.
      let port = Endpoint(address: holder.address, port: 6380)
      bench.hear(news(1, of: port, sampleClients(0..<1)), by: group)
      bench.hear(
        news(1, sampleClients(0..<1), address: .v4(IPv4Address(10, 77, 0, 101))), by: group)
      #expect(group.sessions.inventory.count == 0)
      #expect(group.sessions.figures.dropped == 6)
      bench.hear(news(1, sampleClients(0..<1)), by: group)
      #expect(group.sessions.inventory.count == 1)
      done()
    }
  }

  @Test func `A flood of forged tables is read in part, and the take comes all the same`() async {
    await run { bench, group, done in
      bench.hearHolder(by: group)
      for index in 0..<3_000 {
        bench.hear(news(UInt64(index + 1), sampleClients(0..<3)), by: group, sender: 99)
      }
      #expect(group.sessions.figures.dropped == 3_000)
      let installed = bench.network.calls.count
      bench.take(group)
      #expect(bench.network.calls.count == installed + 1)
      #expect(group.currentState == .holding)
      done()
    }
  }

  @Test func `The holder tells of its clients, and then of what changes`() async {
    await runWithRedis { bench, group, done in
      guard let own = group.instances.own.first else { return done() }
      let end = Endpoint(address: ipv4VIP, port: own.port)
      bench.network.sessions.clients[end] = sampleClients(0..<5)
      bench.take(group)
      bench.until({ bench.told.count == 1 }) {
        #expect(bench.told[0].node == own && bench.told[0].step == 1)
        #expect(bench.told[0].added == sampleClients(0..<5))
        #expect(group.sessions.figures.known == 5)
        // The word that this node holds goes out before.
        let spoken = (bench.server?.commands ?? []).compactMap { words in
          words.first == "PUBLISH" ? GroupBench.decoded(words[2]) : nil
        }
        let place = spoken.firstIndex { if case .sessions = $0 { true } else { false } }
        let said = place.flatMap { place in
          spoken[..<place].firstIndex { if case .state = $0 { true } else { false } }
        }
        #expect(said != nil)
        bench.network.sessions.clients[end] = sampleClients(2..<6)
        bench.until({ bench.told.contains { $0.step == 2 && $0.address != nil } }) {
          let change = bench.told.first { $0.step == 2 && $0.address != nil }
          #expect(change?.added == sampleClients(5..<6))
          #expect(change?.removed == sampleClients(0..<2))
          done()
        }
      }
    }
  }

  @Test func `A paused holder goes on sharing its clients, and wakes none when the pause ends`()
    async
  {
    await runWithRedis { bench, group, done in
      guard let own = group.instances.own.first else { return done() }
      let end = Endpoint(address: ipv4VIP, port: own.port)
      bench.network.sessions.clients[end] = sampleClients(0..<5)
      bench.take(group)
      bench.until({ bench.told.count == 1 }) {
        bench.change(group, from: .holding, to: .paused)
        bench.network.sessions.clients[end] = sampleClients(0..<6)
        bench.until({ bench.told.contains { $0.step == 2 && $0.added == sampleClients(5..<6) } }) {
          bench.change(group, from: .paused, to: .holding)
          bench.network.sessions.clients[end] = sampleClients(0..<7)
          bench.until({ bench.told.contains { $0.added == sampleClients(6..<7) } }) {
            #expect(bench.network.sessions.tickles.isEmpty)
            #expect(group.sessions.figures.tickled == 0)
            done()
          }
        }
      }
    }
  }

  @Test func `Clients are not read again while the kernel counts nobody come or gone`() async {
    await runWithRedis { bench, group, done in
      guard let own = group.instances.own.first else { return done() }
      let end = Endpoint(address: ipv4VIP, port: own.port)
      bench.network.sessions.clients[end] = sampleClients(0..<5)
      bench.network.sessions.tally = ConnectionTally(
        activeOpens: 7, passiveOpens: 5, established: 9)
      bench.take(group)
      bench.until({ bench.told.count == 1 }) {
        let readings = bench.network.sessions.readings
        let readAt = group.sessions.readAt
        bench.until({ group.sessions.readAt != readAt }) {
          #expect(bench.network.sessions.readings == readings)
          bench.network.sessions.clients[end] = sampleClients(0..<6)
          bench.network.sessions.tally?.passiveOpens += 1
          bench.until({ bench.told.contains { $0.step == 2 && $0.address != nil } }) {
            let change = bench.told.first { $0.step == 2 && $0.address != nil }
            #expect(change?.added == sampleClients(5..<6))
            done()
          }
        }
      }
    }
  }

  @Test func `Whoever asks gets the whole table under another number`() async {
    await runWithRedis { bench, group, done in
      guard let own = group.instances.own.first else { return done() }
      bench.network.sessions.clients[Endpoint(address: ipv4VIP, port: own.port)] = sampleClients(
        0..<5)
      bench.take(group)
      bench.until({ bench.told.count == 1 }) {
        bench.hear(.sessionsWanted(from: own), by: group)
        bench.until({ bench.told.contains { $0.table != bench.told[0].table } }) {
          let anew = bench.told.last { $0.address != nil }
          #expect(anew?.step == 1 && anew?.added == sampleClients(0..<5))
          done()
        }
      }
    }
  }

  @Test func `Who held before wakes its own clients when it holds again`() async {
    await runWithRedis { bench, group, done in
      guard let own = group.instances.own.first else { return done() }
      let end = Endpoint(address: ipv4VIP, port: own.port)
      bench.network.sessions.clients[end] = sampleClients(0..<5)
      bench.take(group)
      bench.until({ group.sessions.figures.known == 5 }) {
        _ = bench.network.addresses.remove([virtual])
        bench.change(group, from: .holding, to: .standby)
        bench.network.sessions.clients[end] = []
        bench.until({ group.sessions.share == nil }) {
          bench.take(group)
          bench.until({ bench.network.sessions.tickles.count >= 10 }) {
            #expect(
              Set(bench.network.sessions.tickles.map(\.destination)) == Set(sampleClients(0..<5)))
            done()
          }
        }
      }
    }
  }

  @Test func `Where the kernel can't end sessions Redis is asked, before the address goes`() async {
    await runWithRedis { bench, group, done in
      guard let own = group.instances.own.first else { return done() }
      bench.network.sessions.canEndSessions = false
      _ = bench.network.addresses.install([virtual], for: .seconds(5))
      let now = group.services.clock.now()
      for order in [
        Effect.endSessions([virtual]), .removeAddresses([virtual]), .endSessions([virtual]),
      ] {
        group.run(order, at: now)
      }
      #expect(
        bench.network.calls.suffix(4) == [
          "end sessions", "wait for sessions", "remove", "end sessions",
        ])
      let kills = { (bench.server?.commands ?? []).filter { $0.first == "CLIENT" } }
      let end = "10.77.0.100:\(own.port)"
      bench.until({ kills().count >= 4 }) {
        #expect(
          kills().prefix(2) == [
            ["CLIENT", "KILL", "LADDR", end, "TYPE", "normal", "SKIPME", "yes"],
            ["CLIENT", "KILL", "LADDR", end, "TYPE", "pubsub", "SKIPME", "yes"],
          ])
        done()
      }
    }
  }

  @Test func `Where the kernel can, Redis is left alone`() async {
    await runWithRedis { bench, group, done in
      _ = bench.network.addresses.install([virtual], for: .seconds(5))
      group.run(.endSessions([virtual]), at: group.services.clock.now())
      #expect(!bench.network.calls.contains("wait for sessions"))
      done()
    }
  }
}

import Addresses
import ChannelMessages
import FailoverCore
import Links
import NIOCore
import Packets
import Platform
import Testing

@testable import Agent

private let successor = otherHolder
private let virtual = sampleVirtual

@Suite(.timeLimit(.minutes(10))) struct PartingTests {
  /// Runs a group that holds, with clients that it has told of.
  private func runHolder(
    _ body: @escaping @Sendable (GroupBench, Group, Endpoint, _ done: @escaping () -> Void) -> Void
  ) async {
    await GroupBench.runWithRedis { bench, group, done in
      guard let own = group.instances.own.first else {
        Issue.record("the group has no instance")
        return done()
      }
      let end = Endpoint(address: ipv4VIP, port: own.port)
      bench.network.sessions.clients[end] = sampleClients(0..<5)
      bench.take(group)
      bench.until({ bench.told.count == 1 }) { body(bench, group, end, done) }
    }
  }

  /// Lets the successor's daemon be heard, as one that waits for the address or has it.
  private func hear(_ bench: GroupBench, _ group: Group, isHolding: Bool = false) {
    bench.hear(
      .state(NodeState(node: successor, isHolding: isHolding, version: "1")), by: group)
  }

  /// Lets go for the successor, as the machine orders it.
  private func letGo(_ bench: GroupBench, _ group: Group) {
    let now = group.services.clock.now()
    group.run(.handOverSessions([virtual], to: successor), at: now)
    group.run(.removeAddresses([virtual]), at: now)
    bench.change(group, from: .holding, to: .yielding)
  }

  @Test func `Sessions end after the address is gone and the last clients were told of`() async {
    await runHolder { bench, group, end, done in
      hear(bench, group)
      // It came since the table was told.
      bench.network.sessions.clients[end] = sampleClients(0..<6)
      bench.network.calls = []
      letGo(bench, group)
      #expect(bench.network.calls == ["remove"])
      bench.until({ bench.network.calls.contains("end sessions") }) {
        #expect(bench.network.calls == ["remove", "end sessions"])
        bench.until({ bench.told.contains { $0.added == sampleClients(0..<6) } }) { done() }
      }
    }
  }

  @Test func `Clients that nobody would wake are reset while the address can speak`() async {
    await runHolder { bench, group, _, done in
      bench.network.calls = []
      letGo(bench, group)
      #expect(bench.network.calls == ["end sessions", "remove"])
      bench.until({ bench.network.calls.count == 3 }) {
        #expect(bench.network.calls.last == "end sessions")
        done()
      }
    }
  }

  @Test func `They are woken from here as well, once, after the next holder was seen`() async {
    await runHolder { bench, group, end, done in
      hear(bench, group)
      letGo(bench, group)
      bench.until({ group.sessions.parted != nil }) {
        bench.network.sessions.clients[end] = []
        let before = group.services.clock.now()
        group.sessions.wakeParted(at: before)
        #expect(group.sessions.parted?.wakeAt == nil)
        group.heardClaim(of: ipv4VIP, by: MACAddress(rawValue: 0x0200_0000_0009))
        #expect(group.sessions.parted?.wakeAt != nil)
        bench.until({ bench.network.sessions.tickles.count >= 10 }) {
          #expect(
            Set(bench.network.sessions.tickles.map(\.destination)) == Set(sampleClients(0..<5)))
          #expect(group.sessions.parted == nil)
          done()
        }
      }
    }
  }

  @Test func `A node that holds again at once keeps the sessions that it has by then`() async {
    await runHolder { bench, group, _, done in
      hear(bench, group)
      bench.network.calls = []
      letGo(bench, group)
      bench.take(group)
      bench.until({ group.sessions.share?.hasBegun == true }) {
        #expect(!bench.network.calls.contains("end sessions"))
        #expect(group.sessions.parted == nil)
        done()
      }
    }
  }

  @Test func `What is left of the link to a former master is ended, after the new role is handled`()
    async
  {
    await runHolder { bench, group, _, done in
      let now = group.services.clock.now()
      let call = "end closed to \(successor)"
      group.redis.take(.role(.replica(of: successor), sentAt: now))
      group.redis.take(.lost(.closed, "closed"))
      group.redis.take(.role(.replica(of: successor), sentAt: now))
      #expect(!bench.network.calls.contains(call))
      group.redis.take(.lost(.closed, "closed"))
      group.redis.take(.role(.master, sentAt: now))
      #expect(!bench.network.calls.contains(call))
      bench.until({ bench.network.calls.contains(call) }) {
        #expect(bench.network.calls.count { $0 == call } == 1)
        done()
      }
    }
  }
}

import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Metrics
import PeerKit
import Platform
import Testing
import Wording

@testable import Agent
@testable import Kernel

@Suite(.timeLimit(.minutes(10))) struct GroupProblemTests {
  /// The last word of the group about itself.
  private static func areLinksUp(_ bench: GroupBench) -> Bool? {
    let words = (bench.server?.commands ?? []).last { words in
      guard words.first == "PUBLISH", case .state? = GroupBench.decoded(words[2]) else {
        return false
      }
      return true
    }
    guard let words, case .state(let state)? = GroupBench.decoded(words[2]) else { return nil }
    return state.areLinksUp
  }

  @Test func `A carrier that is lost is a problem at once, and told to the others`() async {
    await GroupBench.runWithRedis { bench, group, done in
      #expect(group.problems.isEmpty)
      bench.until({ Self.areLinksUp(bench) == true }) {
        bench.network.links.troubles[sampleVirtual] = [.carrierLost("eth0")]
        bench.daemon?.networkReported(.linkLost([sampleVirtual]))
        #expect(group.problems.map(\.label) == ["carrier-lost"])
        #expect(group.problems[0].sentence.contains("a failover to this host"))
        #expect(group.counters.alarms == ["carrier-lost": 1])
        bench.until({ Self.areLinksUp(bench) == false }) {
          bench.network.links.troubles = [:]
          bench.daemon?.networkReported(.linkRestored([sampleVirtual]))
          #expect(group.problems.isEmpty && group.moves.areLinksUp)
          bench.until({ Self.areLinksUp(bench) == true }, then: done)
        }
      }
    }
  }

  @Test func `Where the address is here the sentence says how to move it`() async {
    await GroupBench.runWithRedis { bench, group, done in
      bench.take(group)
      bench.network.links.troubles[sampleVirtual] = [.carrierLost("eth0")]
      #expect(
        group.problems.map(\.sentence) == [
          "eth0 of 10.77.0.100 has no carrier: clients can't reach the address; fix the cable or "
            + "the switch port, or move the master: vipctl move mymaster"
        ])
      done()
    }
  }

  @Test func `Only nodes that say lately that they could serve are moved to`() async {
    await GroupBench.runWithRedis { bench, group, done in
      let now = group.services.clock.now()
      let third = Endpoint(address: .v4(IPv4Address(10, 77, 0, 3)), port: 6379)
      bench.hear(
        .state(NodeState(node: otherHolder, isHolding: false, version: "1")), by: group, sender: 7)
      #expect(group.channel.peers.servingNodes(at: now).isEmpty, "an older daemon does not say")
      bench.hear(
        .state(NodeState(node: otherHolder, isHolding: false, version: "2", areLinksUp: true)),
        by: group, sender: 7)
      bench.hear(
        .state(NodeState(node: third, isHolding: false, version: "2", areLinksUp: false)),
        by: group, sender: 8)
      #expect(group.channel.peers.servingNodes(at: now + .seconds(1)) == [otherHolder])
      #expect(group.channel.peers.servingNodes(at: now + .seconds(6)).isEmpty)
      bench.hear(
        .state(
          NodeState(
            node: otherHolder, isHolding: false, version: "2", isPaused: true, areLinksUp: true)),
        by: group, sender: 7)
      #expect(group.channel.peers.servingNodes(at: now + .seconds(1)).isEmpty)
      done()
    }
  }

  @Test func `A claim of a machine that always answers means nothing`() async {
    let known = MACAddress(rawValue: 0x0200_0000_0001)
    await GroupBench.runWithRedis(change: {
      $0.groups[0].ignoredClaimants = [known]
    }) { _, group, done in
      group.heardClaim(of: ipv4VIP, by: known)
      #expect(group.counters.claims == 0)
      group.heardClaim(of: ipv4VIP, by: MACAddress(rawValue: 0x0200_0000_0002))
      #expect(group.counters.claims == 1)
      done()
    }
  }
}

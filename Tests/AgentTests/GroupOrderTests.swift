import Addresses
import FailoverCore
import Links
import PeerKit
import Platform
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct GroupOrderTests {
  @Test func `An address does not wait for the polls that the same fact brings`() async {
    await GroupBench.runWithRedis { bench, running, done in
      let network = bench.network
      var services = running.services
      services.pollSentinels = { _ in network.calls.append("poll") }
      let group = Group(
        section: running.section, configuration: running.configuration, access: Access(),
        channelKey: nil, services: services)
      let (clock, node) = (services.clock, loopback(6379))
      let proof = LeaseProof(provenAt: clock.now() - .milliseconds(100), configEpoch: 0)
      group.handle(.started(StartupFacts(proof: proof, rememberedSentinels: 3)))
      group.handle(.localInstancesChanged([node]))
      group.handle(.localRoleObserved(.replica(of: otherHolder), sentAt: clock.now()))
      for sentinel in [loopback(1), loopback(2), loopback(3)] {
        group.handle(.sentinelConnected(sentinel, runID: "\(sentinel.port)"))
        let view = SentinelView(named: node)
        group.handle(.sentinelReplied(sentinel, view, sentAt: clock.now()))
      }

      network.calls = []
      group.handle(.localRoleObserved(.master, sentAt: clock.now()))
      #expect(group.currentState == .holding)
      #expect(network.calls.first?.hasPrefix("install") == true)
      #expect(network.calls.last == "poll" && network.calls.count { $0 == "poll" } == 1)
      group.end()
      done()
    }
  }
}

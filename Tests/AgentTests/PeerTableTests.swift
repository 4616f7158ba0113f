import Addresses
import ChannelMessages
import FailoverCore
import Testing

@testable import Agent

@Suite struct PeerTableTests {
  private let start = Instant(nanoseconds: 1_000_000_000)
  private let one = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  private let two = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)

  private func state(_ node: Endpoint, holds: Bool) -> NodeState {
    NodeState(node: node, isHolding: holds, version: "1")
  }

  @Test func `Who has just taken is shown until its own word comes`() {
    var peers = PeerTable()
    peers.learn(state(one, holds: true), from: 1, at: start)
    #expect(peers.shownHolder(at: start) == one)
    peers.heardTake(by: two, at: start + .seconds(1))
    #expect(peers.shownHolder(at: start + .seconds(2)) == two)
    // Only what a daemon says of itself is believed where it matters.
    #expect(peers.holder(at: start + .seconds(2)) == one)
    #expect(peers.shownHolder(at: start + .seconds(12)) == two)
    #expect(peers.shownHolder(at: start + .seconds(14)) == nil)
  }

  @Test func `Who is heard for the first time is told apart`() {
    var peers = PeerTable()
    // A daemon that was restarted has drawn another number.
    let heard: [(sender: UInt64, node: Endpoint, isNew: Bool)] = [
      (1, one, true), (1, one, false), (2, one, true), (3, two, true), (2, one, false),
    ]
    for (sender, node, isNew) in heard {
      let isFirst = peers.learn(state(node, holds: false), from: sender, at: start)
      #expect(isFirst == isNew, "\(sender)")
    }
  }

  @Test func `A newer word counts more than the take`() {
    var peers = PeerTable()
    peers.heardTake(by: two, at: start)
    peers.learn(state(two, holds: false), from: 2, at: start + .seconds(1))
    #expect(peers.shownHolder(at: start + .seconds(2)) == nil)
    peers.heardTake(by: two, at: start + .seconds(3))
    peers.learn(state(one, holds: true), from: 1, at: start + .seconds(4))
    #expect(peers.shownHolder(at: start + .seconds(5)) == one)
  }
}

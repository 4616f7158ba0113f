import Addresses
import ChannelMessages
import FailoverCore
import PeerKit
import Testing
import Wording

@testable import Agent

@Suite struct SecondDaemonTests {
  private let node = otherHolder
  private var peers = PeerTable()

  /// The table hears a state line of a sender.
  private mutating func hear(
    of node: Endpoint? = otherHolder, from sender: UInt64 = 7,
    atSecond second: Int64
  ) {
    let state = NodeState(node: node, isHolding: false, version: "1")
    peers.learn(state, from: sender, at: .milliseconds(second * 1_000))
  }

  private func isTold(atSecond second: Int64) -> Bool {
    peers.hasSecondDaemon(of: node, at: .milliseconds(second * 1_000))
  }

  @Test mutating func `Another daemon that goes on speaking for this node is told, until it ends`()
  {
    for second in 1...3 as ClosedRange<Int64> {
      #expect(!isTold(atSecond: second))
      hear(atSecond: second)
    }
    #expect(isTold(atSecond: 3))
    #expect(!isTold(atSecond: 9), "it is silent")
  }

  @Test mutating func `The last word of a daemon that was restarted is no second one`() {
    hear(atSecond: 1)
    hear(atSecond: 2)
    for second in 2...6 as ClosedRange<Int64> { #expect(!isTold(atSecond: second)) }
  }

  @Test mutating func `Daemons of other nodes, and one that came to this node just now, are none`()
  {
    let other = loopback(6379)
    for second in 1...5 as ClosedRange<Int64> {
      hear(of: other, from: 8, atSecond: second)
      hear(of: nil, from: 9, atSecond: second)
    }
    hear(from: 8, atSecond: 6)
    #expect(!isTold(atSecond: 6))
  }

  @Test(.timeLimit(.minutes(10)), arguments: [true, false])
  func `A single decision beside a daemon does not speak for its node`(isDaemon: Bool) async {
    await GroupBench.runWithRedis(keepsState: isDaemon) { bench, _, done in
      let speaks = {
        (bench.server?.commands ?? []).contains { words in
          guard words.first == "PUBLISH", case .state? = GroupBench.decoded(words[2]) else {
            return false
          }
          return true
        }
      }
      // A daemon speaks with the first tick behind an answer of its Redis; there were some by then.
      let isOver = { (bench.server?.commands ?? []).count { $0.first == "ROLE" } >= 4 }
      bench.until({ isDaemon ? speaks() : isOver() }) {
        #expect(speaks() == isDaemon)
        done()
      }
    }
  }

  @Test func `The sentence says where to look`() {
    let problem = ProblemReport.secondDaemon(of: node)
    #expect(problem.label == "second-daemon")
    #expect(problem.sentence.hasPrefix("another vipd speaks for 10.77.0.9:6379 too"))
    #expect(problem.sentence.contains("pgrep -a vipd"))
  }
}

import Addresses
import ChannelMessages
import FailoverCore
import Kernel
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Agent

/// A group beside a Redis that is a master, and another node with a Redis of its own.
struct SelfCheckBench {
  static let ownMAC = MACAddress(rawValue: 0x0200_0a4d_0002)
  static let foreignMAC = MACAddress(rawValue: 0x0200_0a4d_0001)

  let group: Group
  let bench: GroupBench
  let other: FakeServer
  let otherNode: Endpoint

  /// What was published at a server.
  private func spoken(at server: FakeServer?) -> [ChannelMessage.Body] {
    (server?.commands ?? []).compactMap { words in
      words.first == "PUBLISH" ? GroupBench.decoded(words[2]) : nil
    }
  }

  func questions(at server: FakeServer?) -> [AddressCheck] {
    spoken(at: server).compactMap { if case .check(let check) = $0 { check } else { nil } }
  }

  func answers(at server: FakeServer?) -> [AddressCheckAnswer] {
    spoken(at: server).compactMap { if case .checked(let answer) = $0 { answer } else { nil } }
  }

  /// The other node's answer to the check that runs.
  func answer(
    reached: Int = 1, by mac: MACAddress = ownMAC, asker: UInt64? = nil, node: Endpoint? = nil
  ) -> ChannelMessage.Body {
    .checked(
      AddressCheckAnswer(
        node: node ?? otherNode, asker: asker ?? group.channel.sender,
        nonce: group.selfChecks.current?.nonce ?? 0, reached: reached,
        claimants: [.init(address: ipv4VIP, macAddress: mac)], after: .milliseconds(1),
        held: .zero))
  }

  func letGo() {
    group.run(
      .report(
        Transition(from: .holding, to: .standby, reason: .roleChanged, basis: .none)),
      at: group.services.clock.now())
  }

  func calls(at server: FakeServer?) -> Int {
    (server?.commands ?? []).count { $0 == ["ROLE"] }
  }

  /// Runs a group that knows of one other node, if wanted, as the master or as its replica.
  static func run(
    role: String = Captured.roleOfMasterInRESP3, knowsOther: Bool = true,
    _ body: @escaping @Sendable (SelfCheckBench, _ done: @escaping () -> Void) -> Void
  ) async {
    await onLoop { loop, finish in
      let bench = GroupBench(loop: loop)
      let bound = NIOLoopBound(bench, eventLoop: loop)
      bench.redis.role = role
      bench.network.links.ownMACs = [ownMAC]
      let server = FakeServer(loop: loop) { words, writer in
        bound.value.redis.answer(words, &writer)
      }
      let otherRedis = NIOLoopBound(FakeRedis(), eventLoop: loop)
      let other = FakeServer(loop: loop) { words, writer in
        otherRedis.value.answer(words, &writer)
      }
      bench.server = server
      other.open { otherPort in
        server.open { port in
          try? bench.start(port: port) { group in
            let others = knowsOther ? [ReplicaView(endpoint: loopback(otherPort))] : []
            let view = SentinelView(named: loopback(port), replicas: others)
            group.learn(view, from: loopback(1))
            bench.network.report = { [weak group] event in
              guard case .claimed(let address, let mac) = event else { return }
              group?.heardClaim(of: address, by: mac)
            }
            let whole = SelfCheckBench(
              group: group, bench: bench, other: other, otherNode: loopback(otherPort))
            bench.until({ group.redis.role != nil }) {
              body(whole) {
                other.close()
                bench.stop(finish)
              }
            }
          }
        }
      }
    }
  }
}

import Addresses
import ChannelMessages
import FailoverCore
import Metrics
import PeerKit
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct GroupCheckDutyTests {
  @Test func `Who hears the question calls the address, asks who has it, and answers both ways`()
    async
  {
    await SelfCheckBench.run(role: Captured.roleOfReplicaInRESP3) { bench, done in
      bench.bench.network.links.claimants = [
        ipv4VIP: [SelfCheckBench.ownMAC, SelfCheckBench.foreignMAC]
      ]
      bench.bench.hear(
        .check(AddressCheck(node: bench.otherNode, nonce: 7)), by: bench.group, sender: 42)
      bench.bench.until({ !bench.answers(at: bench.other).isEmpty }) {
        let answer = bench.answers(at: bench.other)[0]
        #expect(answer.node == bench.group.instances.own.first)
        #expect(answer.asker == 42 && answer.nonce == 7)
        #expect(answer.reached == 1 && answer.missed.isEmpty)
        #expect(
          answer.claimants.map(\.macAddress) == [SelfCheckBench.ownMAC, SelfCheckBench.foreignMAC])
        #expect(Set(bench.bench.network.links.probed) == [sampleVirtual])
        #expect(bench.calls(at: bench.other) > 0)
        done()
      }
    }
  }

  @Test func `Nothing is called for a node that no Sentinel lists, nor for oneself`() async {
    await SelfCheckBench.run(role: Captured.roleOfReplicaInRESP3) { bench, done in
      for node in [otherHolder, bench.group.instances.own[0]] {
        bench.bench.hear(.check(AddressCheck(node: node, nonce: 7)), by: bench.group)
      }
      #expect(bench.group.selfChecks.duty == nil && bench.bench.network.links.probed.isEmpty)
      done()
    }
  }

  @Test func `A flood of questions costs one look`() async {
    await SelfCheckBench.run(role: Captured.roleOfReplicaInRESP3) { bench, done in
      for number in 0..<1_000 {
        let check = AddressCheck(node: bench.otherNode, nonce: UInt64(number))
        bench.bench.hear(.check(check), by: bench.group, sender: UInt64(100 + number))
      }
      #expect(bench.group.selfChecks.duty?.check.nonce == 0)
      bench.bench.until({ !bench.answers(at: bench.other).isEmpty }) {
        #expect(bench.answers(at: bench.other).allSatisfy { $0.nonce == 0 && $0.asker == 100 })
        done()
      }
    }
  }

  @Test func `A hundred messages about checks are read in a second, and no more`() {
    var intake = MessageIntake(limit: SelfChecker.messagesInSecond)
    let admitted = (0..<1_000).filter { _ in intake.admits(at: .milliseconds(5_000)) }
    #expect(admitted.count == 100)
    #expect(intake.admits(at: .milliseconds(6_000)) == true)
  }

  @Test func `Who still has the address itself says so in place of calling itself`() async {
    await SelfCheckBench.run(role: Captured.roleOfReplicaInRESP3) { bench, done in
      _ = bench.bench.network.addresses.install([sampleVirtual], for: .seconds(5))
      bench.bench.hear(.check(AddressCheck(node: bench.otherNode, nonce: 7)), by: bench.group)
      #expect(bench.group.selfChecks.duty != nil && bench.bench.network.links.probed.isEmpty)
      _ = bench.bench.network.addresses.remove([sampleVirtual])
      bench.bench.until({ !bench.answers(at: bench.other).isEmpty }) {
        #expect(bench.answers(at: bench.other)[0].reached == 1)
        done()
      }
    }
  }

  @Test func `A kind from the future is told once, and no more than eight of them`() {
    var kinds = UnknownKinds()
    let told = (0..<100).filter { kinds.admit("kind\($0 / 2)") }
    #expect(told == [0, 2, 4, 6, 8, 10, 12, 14])
  }

  @Test func `Messages of kinds from the future are counted, and cost nothing else`() async {
    await SelfCheckBench.run(role: Captured.roleOfReplicaInRESP3) { bench, done in
      for number in 1...100 {
        let text = "vipd1 future id=0000000000000009 seq=\(number) new=yes"
        bench.group.received(Array(text.utf8))
      }
      #expect(bench.group.counters.refusedMessages == 100)
      done()
    }
  }
}

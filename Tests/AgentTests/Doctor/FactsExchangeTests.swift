import Addresses
import ChannelMessages
import ControlProtocol
import FailoverCore
import Foundation
import PeerKit
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct FactsExchangeTests {
  private static func state(_ node: Endpoint, _ version: String) -> ChannelMessage.Body {
    .state(NodeState(node: node, isHolding: false, version: version))
  }

  private static func spoken(_ bench: SelfCheckBench) -> [ChannelMessage.Body] {
    (bench.other.commands + (bench.bench.server?.commands ?? [])).compactMap { words in
      words.first == "PUBLISH" ? GroupBench.decoded(words[2]) : nil
    }
  }

  private static func question(_ bench: SelfCheckBench) -> HostFactsQuestion? {
    spoken(bench).lazy.compactMap {
      if case .factsWanted(let question) = $0 { question } else { nil }
    }.first
  }

  private static func parts(_ bench: SelfCheckBench) -> [HostFactsPart] {
    spoken(bench).compactMap { if case .facts(let part) = $0 { part } else { nil } }
  }

  @Test func `Alone, a host tells of itself at once`() async {
    await GroupBench.runWithRedis { _, group, done in
      group.collectFacts { answer in
        #expect(answer.master == "mymaster" && answer.hosts.count == 1)
        let facts = answer.hosts[0].facts.flatMap {
          try? JSONDecoder().decode(HostFactsDocument.self, from: Data($0.utf8))
        }
        #expect(facts?.node == group.instances.followed?.description)
        #expect(facts?.wallMs ?? 0 > 0)
        #expect(facts?.files.map(\.kind).prefix(2) == ["control", "hook-socket"])
        done()
      }
    }
  }

  @Test func `The others are asked, and their parts are put together in any order`() async {
    await SelfCheckBench.run { bench, done in
      bench.bench.hear(Self.state(bench.otherNode, "0.1.0"), by: bench.group)
      bench.group.collectFacts { answer in
        #expect(answer.hosts.map(\.facts).last == "{\"a\":1}")
        #expect(answer.hosts.map(\.node).last == bench.otherNode.description)
        done()
      }
      bench.bench.until({ Self.question(bench) != nil }) {
        guard let question = Self.question(bench) else { return }
        #expect(question.node == bench.group.instances.followed)
        func part(_ number: Int, _ text: String, asker: UInt64, from node: Endpoint) {
          bench.bench.hear(
            .facts(
              HostFactsPart(
                node: node, asker: asker, nonce: question.nonce, number: number, count: 2,
                octets: Array(text.utf8))), by: bench.group)
        }
        let own = bench.group.channel.sender
        // For somebody else, and of somebody who was not asked: neither counts.
        part(1, "{}", asker: own &+ 1, from: bench.otherNode)
        part(1, "{}", asker: own, from: otherHolder)
        part(2, ":1}", asker: own, from: bench.otherNode)
        part(1, "{\"a\"", asker: own, from: bench.otherNode)
      }
    }
  }

  @Test func `Who does not answer is named with the version that it says, and no facts`() async {
    await SelfCheckBench.run { bench, done in
      bench.bench.hear(Self.state(bench.otherNode, "0.0.9"), by: bench.group)
      bench.group.collectFacts { answer in
        #expect(answer.hosts.map(\.version).last == "0.0.9")
        #expect(answer.hosts.count == 2 && answer.hosts[1].facts == nil)
        #expect(answer.hosts[0].facts != nil)
        done()
      }
    }
  }

  @Test func `A question is answered once, in parts that are a document`() async {
    await SelfCheckBench.run { bench, done in
      let question = HostFactsQuestion(node: bench.otherNode, nonce: 7)
      for _ in 1...3 { bench.bench.hear(.factsWanted(question), by: bench.group) }
      bench.bench.until({
        let parts = Self.parts(bench)
        return !parts.isEmpty && Set(parts.map(\.number)).count == parts[0].count
      }) {
        // Each stands at both servers: the master is published to, and the asker told directly.
        let parts = Dictionary(grouping: Self.parts(bench), by: \.number)
        #expect(parts.values.allSatisfy { $0.count <= 2 && Set($0.map(\.nonce)) == [7] })
        let octets = parts.sorted { $0.key < $1.key }.flatMap { $0.value[0].octets }
        let read = try? JSONDecoder().decode(HostFactsDocument.self, from: Data(octets))
        #expect(read?.node == bench.group.instances.followed?.description)
        done()
      }
    }
  }

  @Test func `A group that ends calls back whoever waits`() async {
    await SelfCheckBench.run { bench, done in
      bench.bench.hear(Self.state(bench.otherNode, "0.1.0"), by: bench.group)
      var answers = 0
      bench.group.collectFacts { _ in answers += 1 }
      bench.group.facts.end()
      #expect(answers == 1)
      done()
    }
  }
}

import Addresses
import ChannelMessages
import FailoverCore
import Store
import Testing
import Wording

@testable import Agent
@testable import Control
@testable import Metrics

@Suite(.timeLimit(.minutes(10))) struct GroupSelfCheckTests {
  @Test func `After a take the others are asked, on this Redis and on theirs`() async {
    await SelfCheckBench.run { bench, done in
      bench.bench.take(bench.group)
      // Nothing within the call that takes.
      #expect(bench.group.selfChecks.current == nil)
      bench.bench.until({
        !bench.questions(at: bench.bench.server).isEmpty
          && !bench.questions(at: bench.other).isEmpty
      }) {
        let question = bench.questions(at: bench.other)[0]
        #expect(question == bench.questions(at: bench.bench.server)[0])
        #expect(question.node == bench.group.instances.own.first)
        #expect(question.nonce == bench.group.selfChecks.current?.nonce)
        done()
      }
    }
  }

  @Test func `The first answer is counted, kept, told, and ends the asking`() async {
    await SelfCheckBench.run { bench, done in
      var told: [GroupReport] = []
      bench.bench.daemon?.reportListeners[ObjectIdentifier(bench.other)] = { told.append($0) }
      bench.bench.take(bench.group)
      bench.bench.until({ bench.group.selfChecks.current != nil }) {
        bench.bench.hear(bench.answer(), by: bench.group)
        bench.bench.hear(bench.answer(), by: bench.group)
        let counters = bench.group.counters
        #expect(counters.selfChecks == [.outside: 1] && counters.answering.count == 1)
        let result = bench.group.selfChecks.last
        #expect(result?.outcome == .outside && result?.by == bench.otherNode)
        #expect(result?.macAddress == SelfCheckBench.ownMAC && result?.after != nil)
        #expect(told.count { $0.subject == result.map { .selfCheck($0) } } == 1)
        bench.group.services.history.whenWritten {
          _ = bench.group.services.history.read(["mymaster"]) { parts in
            parts.flatMap(\.entries).map(\.kind).joined(separator: " ")
          } then: { kinds in
            #expect(kinds == "started transition answered")
            done()
          }
        }
      }
    }
  }

  @Test func `Only a node that a Sentinel lists is believed, and only about this daemon's check`()
    async
  {
    await SelfCheckBench.run { bench, done in
      bench.bench.take(bench.group)
      bench.bench.until({ bench.group.selfChecks.current != nil }) {
        bench.bench.hear(bench.answer(node: otherHolder), by: bench.group)
        bench.bench.hear(bench.answer(node: bench.group.instances.own[0]), by: bench.group)
        bench.bench.hear(bench.answer(asker: 5), by: bench.group)
        #expect(bench.group.selfChecks.last == nil && bench.group.counters.selfChecks.isEmpty)
        done()
      }
    }
  }

  @Test func `Another machine that answers on the link is a warning, and nothing is released`()
    async
  {
    await SelfCheckBench.run { bench, done in
      bench.bench.take(bench.group)
      bench.bench.until({ bench.group.selfChecks.current != nil }) {
        let before = bench.bench.network.calls
        bench.bench.hear(bench.answer(by: SelfCheckBench.foreignMAC), by: bench.group)
        #expect(bench.group.selfChecks.last?.isBad == true)
        #expect(bench.group.counters.selfChecks == [.foreign: 1])
        #expect(bench.bench.network.calls == before && bench.group.isHolding)
        done()
      }
    }
  }

  @Test func `What is wrong is looked at again each half minute, and told once it is mended`() async
  {
    await SelfCheckBench.run { bench, done in
      let group = bench.group
      bench.bench.take(group)
      bench.bench.until({ group.selfChecks.current != nil }) {
        guard let first = group.selfChecks.current else { return done() }
        bench.bench.hear(bench.answer(by: SelfCheckBench.foreignMAC), by: group)
        group.selfChecks.tick(at: first.begunAt + .seconds(29))
        #expect(group.selfChecks.current?.nonce == first.nonce)
        group.selfChecks.tick(at: first.begunAt + .seconds(30))
        #expect(group.selfChecks.current?.nonce != first.nonce)
        bench.bench.hear(bench.answer(), by: group)
        #expect(group.counters.selfChecks == [.foreign: 1, .outside: 1])
        // The first answer had the time; this one has none.
        #expect(group.counters.answering.count == 1)
        #expect(group.selfChecks.last?.outcome == .outside && group.selfChecks.last?.after == nil)
        guard let second = group.selfChecks.current else { return done() }
        group.selfChecks.tick(at: second.begunAt + .seconds(300))
        #expect(group.selfChecks.current?.nonce == second.nonce)
        done()
      }
    }
  }

  @Test func `With no other node this host looks for itself`() async {
    await SelfCheckBench.run(knowsOther: false) { bench, done in
      bench.bench.take(bench.group)
      bench.bench.until({ bench.group.selfChecks.last != nil }) {
        #expect(bench.group.selfChecks.last?.outcome == .local)
        #expect(bench.group.counters.selfChecks == [.local: 1])
        // The time is that from outside, or none.
        #expect(bench.group.counters.answering.count == 0)
        done()
      }
    }
  }

  @Test func `Who lets go asks no more, and what was found is forgotten`() async {
    await SelfCheckBench.run { bench, done in
      bench.bench.take(bench.group)
      bench.bench.until({ bench.group.selfChecks.current != nil }) {
        bench.bench.hear(bench.answer(by: SelfCheckBench.foreignMAC), by: bench.group)
        let late = bench.answer()
        bench.letGo()
        bench.bench.hear(late, by: bench.group)
        #expect(bench.group.selfChecks.current == nil && bench.group.selfChecks.last == nil)
        #expect(bench.group.counters.selfChecks == [.foreign: 1])
        done()
      }
    }
  }

  @Test func `The grounds for holding change without another check`() async {
    await SelfCheckBench.run { bench, done in
      bench.bench.take(bench.group)
      bench.bench.until({ bench.group.selfChecks.current != nil }) {
        let nonce = bench.group.selfChecks.current?.nonce
        bench.bench.change(bench.group, from: .holding, to: .holding)
        bench.bench.until({ !bench.questions(at: bench.bench.server).isEmpty }) {
          #expect(bench.group.selfChecks.current?.nonce == nonce)
          done()
        }
      }
    }
  }
}

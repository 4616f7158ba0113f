import Addresses
import FailoverCore
import Platform
import Testing
import Wording

@testable import Agent
@testable import Control

/// What an operator is told of Sentinels that are gone, and what is refused to be forgotten.
@Suite(.timeLimit(.minutes(10))) struct ForgettingTests {
  private static func sentinel(_ host: Int) -> SentinelID {
    Endpoint(address: .v4(IPv4Address(10, 77, 0, UInt8(host))), port: 26379)
  }

  private static func runID(_ host: Int) -> String { String(repeating: "\(host)", count: 40) }

  /// A Sentinel answers, and lists these.
  private static func answer(
    _ group: Group, _ host: Int, lists others: [Int], quorum: Int = 2, phantom: Int? = nil
  ) {
    group.sentinelSaid(.sentinelConnected(sentinel(host), runID: runID(host)))
    // What was asked before the connection stood is void.
    let now = group.services.clock.now()
    let entries = others.map { other in
      ListedSentinel(
        runID: runID(other), endpoint: sentinel(other),
        helloAge: .seconds(other == phantom ? 60 : 0))
    }
    group.sentinelSaid(.sentinelListed(sentinel(host), entries, sentAt: now))
    let view = SentinelView(
      named: otherHolder, configEpoch: 1, quorum: quorum, otherSentinels: others.count)
    group.sentinelSaid(.sentinelReplied(sentinel(host), view, sentAt: now))
  }

  private static func lose(_ group: Group, _ host: Int) {
    group.sentinelSaid(.sentinelDisconnected(sentinel(host), .unreachable))
  }

  private static func sentences(_ group: Group, _ label: String) -> [String] {
    group.problems.filter { $0.label == label }.map(\.sentence)
  }

  private static func refusal(_ group: Group, _ host: Int, isForced: Bool = false) -> String? {
    switch group.forgettable(runID(host), isForced: isForced) {
    case .success: nil
    case .failure(let refusal): refusal.text
    }
  }

  @Test func `A host that reaches no majority forgets nobody, and says that it may be cut off`()
    async
  {
    await GroupBench.runWithRedis { _, group, done in
      // Nobody but the first has heard the others lately: as far as hellos go they may be gone.
      Self.answer(group, 1, lists: [2, 3], phantom: 2)
      Self.answer(group, 2, lists: [1, 3], phantom: 3)
      Self.answer(group, 3, lists: [1, 2], phantom: 2)
      Self.lose(group, 2)
      #expect(Self.refusal(group, 2) == nil, "two of three are a majority")
      Self.answer(group, 1, lists: [2, 3], phantom: 3)
      Self.lose(group, 3)
      let refusal = Self.refusal(group, 3) ?? ""
      #expect(refusal.contains("this host reaches 1 of 3 Sentinels"), "\(refusal)")
      #expect(refusal.contains("reaches 2") && refusal.contains("--force"))
      #expect(Self.refusal(group, 3, isForced: true) == nil)
      done()
    }
  }

  @Test func `Sentinels that vanish together are one problem, without the advice to forget them`()
    async
  {
    await GroupBench.runWithRedis { _, group, done in
      for host in 1...3 {
        let others = (1...3).filter { $0 != host }
        Self.answer(group, host, lists: others, phantom: others[0])
      }
      Self.answer(group, 1, lists: [2, 3], phantom: 2)
      Self.answer(group, 3, lists: [1, 2], phantom: 2)
      Self.lose(group, 2)
      let one = Self.sentences(group, "sentinel-missing")
      #expect(one.count == 1)
      #expect(one.first?.contains("vipctl sentinels forget") == true)
      // The third is lost as well: the word of the one that is left says that nobody lives.
      let now = group.services.clock.now()
      group.sentinelSaid(
        .sentinelListed(
          Self.sentinel(1),
          [2, 3].map {
            ListedSentinel(
              runID: Self.runID($0), endpoint: Self.sentinel($0), helloAge: .seconds(60))
          }, sentAt: now))
      Self.lose(group, 3)
      let all = Self.sentences(group, "sentinel-missing")
      #expect(all.count == 1)
      #expect(all.first?.contains("2 of 3 Sentinels are out of contact at once") == true)
      #expect(all.first?.contains("this host that is cut off") == true)
      #expect(all.first?.contains("vipctl sentinels forget") == false)
      // Where their hosts answer, they were stopped.
      for host in [2, 3] {
        group.sentinelSaid(.sentinelDisconnected(Self.sentinel(host), .refused))
      }
      let gone = Self.sentences(group, "sentinel-missing")
      #expect(gone.count == 1)
      #expect(gone.first?.contains("refuse the connection, so their processes don't run") == true)
      done()
    }
  }

  @Test func `One that is surely gone is forgotten anywhere`() async {
    await GroupBench.runWithRedis { _, group, done in
      Self.answer(group, 1, lists: [2, 3], phantom: 2)
      Self.answer(group, 2, lists: [1, 3])
      Self.lose(group, 2)
      #expect(Self.refusal(group, 2) != nil)
      group.sentinelSaid(.sentinelDisconnected(Self.sentinel(2), .refused))
      #expect(Self.refusal(group, 2) == nil, "its host refuses the connection")
      done()
    }
  }

  @Test func `What is forgotten here and listed by Sentinel stays a problem until its RESET`() async
  {
    await GroupBench.runWithRedis { _, group, done in
      for host in 1...3 {
        Self.answer(group, host, lists: (1...3).filter { $0 != host } + [9], phantom: 9)
      }
      #expect(group.status.sentinelCount == 4)
      group.forgetSentinel(Self.runID(9))
      #expect(group.status.sentinelCount == 3)
      #expect(Self.sentences(group, "sentinel-missing").isEmpty)
      let told = Self.sentences(group, "sentinel-listed")
      #expect(told.count == 1)
      #expect(told.first?.contains("a failover takes 3 votes of 4") == true)
      #expect(told.first?.contains("SENTINEL RESET mymaster") == true)
      for host in 1...3 { Self.answer(group, host, lists: (1...3).filter { $0 != host }) }
      #expect(Self.sentences(group, "sentinel-listed").isEmpty)
      done()
    }
  }

  @Test
  func `As many forgotten as the quorum asks cost the guarantee, unless they are surely gone`()
    async
  {
    await GroupBench.runWithRedis { _, group, done in
      for host in 1...3 {
        Self.answer(group, host, lists: (1...3).filter { $0 != host } + [8, 9], phantom: 9)
      }
      group.forgetSentinel(Self.runID(8))
      let one = group.status.guaranteeLosses
      #expect(!one.contains(.forgottenMayElect(count: 1, quorum: 2)))
      group.forgetSentinel(Self.runID(9))
      #expect(group.status.guaranteeLosses.contains(.forgottenMayElect(count: 2, quorum: 2)))
      group.sentinelSaid(.sentinelDisconnected(Self.sentinel(9), .refused))
      #expect(!group.status.guaranteeLosses.contains(.forgottenMayElect(count: 2, quorum: 2)))
      done()
    }
  }

  @Test func `A quorum that nobody can reach, or that differs, is told`() async {
    await GroupBench.runWithRedis { _, group, done in
      for host in 1...3 { Self.answer(group, host, lists: (1...3).filter { $0 != host }) }
      #expect(Self.sentences(group, "quorum-differs").isEmpty)
      Self.answer(group, 3, lists: [1, 2], quorum: 3)
      #expect(Self.sentences(group, "quorum-differs").first?.contains("from 2 to 3") == true)
      Self.answer(group, 3, lists: [1, 2], quorum: 5)
      let told = Self.sentences(group, "quorum-unreachable")
      #expect(told.first?.contains("the quorum is 5, and 3 Sentinels count") == true)
      #expect(told.first?.contains("SENTINEL SET mymaster quorum 2") == true)
      #expect(Self.sentences(group, "quorum-differs").isEmpty)
      done()
    }
  }

  @Test func `An id that was met once is no problem where all that count are in contact`() async {
    await GroupBench.runWithRedis { _, group, done in
      Self.answer(group, 1, lists: [2])
      Self.answer(group, 2, lists: [1])
      // The second host is built anew, and has another id at the same address.
      Self.lose(group, 2)
      let now = group.services.clock.now()
      group.sentinelSaid(.sentinelConnected(Self.sentinel(2), runID: Self.runID(7)))
      group.sentinelSaid(
        .sentinelListed(
          Self.sentinel(1),
          [ListedSentinel(runID: Self.runID(7), endpoint: Self.sentinel(2), helloAge: .zero)],
          sentAt: now))
      #expect(group.status.sentinelCount == 2)
      #expect(Self.sentences(group, "sentinel-missing").isEmpty)
      done()
    }
  }

  @Test func `An id is found by its beginning, in capitals or not`() async {
    await GroupBench.runWithRedis { _, group, done in
      Self.answer(group, 1, lists: [2])
      Self.answer(group, 2, lists: [1])
      let now = group.services.clock.now()
      let id = "CAFE" + String(repeating: "0", count: 36)
      group.sentinelSaid(
        .sentinelListed(
          Self.sentinel(1),
          [
            ListedSentinel(runID: Self.runID(2), endpoint: Self.sentinel(2), helloAge: .zero),
            ListedSentinel(runID: id, endpoint: Self.sentinel(9), helloAge: .seconds(60)),
          ], sentAt: now))
      #expect(group.forgettable("CAFE0000", isForced: false) == .success(id))
      #expect(group.forgettable("cafe0000", isForced: false) == .success(id))
      done()
    }
  }
}

import Addresses
import Testing

@testable import FailoverCore

/// The mathematics of the Sentinels, by tables.
@Suite struct SentinelRoomTests {
  /// N, the least reported quorum, and what follows: m, q, k, and how many block a majority.
  private static let counts: [(n: Int, reported: Int?, m: Int, q: Int, k: Int, blocking: Int)] = [
    (1, nil, 1, 1, 1, 1), (1, 1, 1, 1, 1, 1), (1, 9, 1, 1, 1, 1),
    (2, nil, 2, 2, 2, 1), (2, 1, 2, 1, 2, 1), (2, 2, 2, 2, 2, 1),
    (3, nil, 2, 2, 2, 2), (3, 1, 2, 1, 3, 2), (3, 2, 2, 2, 2, 2), (3, 3, 2, 3, 2, 2),
    (4, nil, 3, 3, 3, 2), (4, 1, 3, 1, 4, 2), (4, 2, 3, 2, 3, 2), (4, 4, 3, 4, 3, 2),
    (5, nil, 3, 3, 3, 3), (5, 1, 3, 1, 5, 3), (5, 2, 3, 2, 4, 3), (5, 5, 3, 5, 3, 3),
    (7, 2, 4, 2, 6, 4), (7, 0, 4, 1, 7, 4), (7, -3, 4, 1, 7, 4), (64, 33, 33, 33, 33, 32),
  ]

  @Test(arguments: counts)
  func `N and the quorum say how many confirm and how many block`(
    row: (n: Int, reported: Int?, m: Int, q: Int, k: Int, blocking: Int)
  ) {
    let counts = SentinelCounts(sentinels: row.n, quorum: row.reported)
    #expect(counts.majority == row.m)
    #expect(counts.quorum == row.q)
    #expect(counts.confirmations == row.k)
    #expect(counts.blocking == row.blocking)
    // With k that confirm, q others can't agree on a death, nor can they elect a leader.
    #expect(row.n - counts.confirmations < max(counts.quorum, counts.majority))
    #expect(row.n - counts.confirmations < counts.quorum)
  }

  /// Epochs of votes in the order in which they are heard.
  private static let epochs: [[UInt64]] = [
    [1], [1, 2, 3], [3, 2, 1], [2, 9, 4], Array(1...20), Array((1...20).reversed()),
  ]

  @Test(arguments: epochs)
  func `The vote in the newest epoch is kept, whatever the order`(epochs: [UInt64]) {
    var elections = Elections()
    for (index, epoch) in epochs.enumerated() {
      elections.keep(vote("a", epoch, at: index))
    }
    #expect(elections.newestVote?.epoch == epochs.max())
  }

  @Test func `Of two votes in one epoch for one leader the first is kept`() {
    var elections = Elections()
    elections.keep(vote("a", 5, at: 10))
    elections.keep(vote("a", 5, at: 90))
    #expect(elections.newestVote?.heardAt == .milliseconds(10))
  }

  @Test func `A selection whose epoch is heard later is the same selection`() {
    var elections = Elections()
    elections.record(node(2), by: sentinel(1), instead: node(1), epoch: nil, at: .milliseconds(5))
    elections.record(node(2), by: sentinel(1), instead: node(1), epoch: 7, at: .milliseconds(9))
    #expect(elections.selections.map(\.epoch) == [7])
    #expect(elections.selections.map(\.seenAt) == [.milliseconds(5)])
  }

  @Test func `A leader's next selection ends its last one`() {
    var elections = Elections()
    elections.record(node(2), by: sentinel(1), instead: node(1), epoch: 7, at: .milliseconds(5))
    elections.record(node(3), by: sentinel(1), instead: node(1), epoch: 8, at: .milliseconds(9))
    #expect(elections.selections.map(\.isCurrent) == [false, true])
    elections.endSelections(by: sentinel(1))
    #expect(elections.selections.map(\.isCurrent) == [false, false])
  }

  @Test func `Each selection is prepared for once`() throws {
    var elections = Elections()
    elections.record(node(2), by: sentinel(1), instead: node(1), epoch: 7, at: .milliseconds(5))
    let selection = try #require(elections.firstToPrepare { $0.target == node(2) })
    elections.use(selection)
    #expect(elections.firstToPrepare { $0.target == node(2) } == nil)
  }

  @Test func `A node's own word for its selection has its time`() {
    var elections = Elections()
    elections.recordClaim(of: node(2), epoch: nil, at: .milliseconds(0))
    elections.expireClaims(at: .milliseconds(0) + Timing.yieldLifetime - .milliseconds(1))
    #expect(elections.selections.map(\.isCurrent) == [true])
    elections.expireClaims(at: .milliseconds(0) + Timing.yieldLifetime)
    #expect(elections.selections.map(\.isCurrent) == [false])
  }

  @Test func `Another address of this node is no other node`() {
    var naming = NamingHistory()
    naming.record(node(1), local: [node(1), node(2)], at: .milliseconds(1))
    naming.record(node(2), local: [node(1), node(2)], at: .milliseconds(2))
    #expect(naming.current == node(2))
    #expect(naming.previous == nil)
    naming.record(node(3), local: [node(1), node(2)], at: .milliseconds(3))
    #expect(naming.previous == node(2))
    #expect(naming.since == .milliseconds(3))
  }

  @Test func `That a node was down is remembered for its time`() {
    var naming = NamingHistory()
    naming.recordDown(node(1), at: .milliseconds(0))
    #expect(naming.wasDown(node(1), at: .milliseconds(0) + Timing.evidenceLifetime))
    #expect(!naming.wasDown(node(2), at: .milliseconds(0)))
    let late = Instant.milliseconds(1) + Timing.evidenceLifetime
    #expect(!naming.wasDown(node(1), at: late))
  }

  /// When the conditions were looked at and held, and since when they count.
  private static let looks: [(at: [Int64], broken: Int64?, since: Int64?)] = [
    ([0, 400, 800], nil, 0), ([0, 400, 800], 400, 800), ([0, 501], nil, 501), ([0, 500], nil, 0),
    ([0], 0, nil),
  ]

  @Test(arguments: looks)
  func `A wait goes on only while it is looked at`(
    row: (at: [Int64], broken: Int64?, since: Int64?)
  ) {
    var settling = Settling()
    for instant in row.at {
      settling.record(
        holds: instant != row.broken, isUnanimous: false, at: .milliseconds(instant))
    }
    #expect(settling.since == row.since.map { .milliseconds($0) })
  }

  private func vote(_ leader: String, _ epoch: UInt64, at index: Int) -> Elections.Vote {
    Elections.Vote(leader: leader, epoch: epoch, heardAt: .milliseconds(Int64(index)))
  }

  private func node(_ last: UInt8) -> Endpoint {
    Endpoint(address: .v4(IPv4Address(10, 77, 0, last)), port: 6379)
  }

  private func sentinel(_ last: UInt8) -> SentinelID {
    Endpoint(address: .v4(IPv4Address(10, 77, 0, last)), port: 26379)
  }
}

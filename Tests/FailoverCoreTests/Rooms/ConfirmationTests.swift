import Addresses
import Testing

@testable import FailoverCore

/// What one Sentinel's answer proves of this node, and for how long, by tables.
@Suite struct ConfirmationTests {
  private static let me = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  private static let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
  private static let asked = Instant.milliseconds(10_000)

  /// An answer, and the pong that it vouches for: so many milliseconds before it was asked for.
  private static let answers: [(change: @Sendable (inout SentinelView) -> Void, pong: Int64?)] = [
    // The pong is as old as it says, and never younger than the question.
    ({ $0.lastOkPingReply = .milliseconds(700) }, 700),
    ({ $0.lastOkPingReply = .zero }, 0),
    ({ $0.lastOkPingReply = .seconds(-3_600) }, 0),
    // Whoever marks this node down, or does not tell, confirms nothing.
    ({ $0.flags.insert(.subjectivelyDown) }, nil),
    ({ $0.flags.insert(.objectivelyDown) }, nil),
    ({ $0.lastOkPingReply = nil }, nil),
    ({ $0.downAfter = nil }, nil),
    // Whom it names counts, not what it monitors.
    ({ $0.named = other }, nil),
    (
      {
        $0.named = other; $0.master = other
      }, nil
    ),
    // A leader past its promotion: the entry of the promoted replica takes the place of the fields.
    (
      {
        $0.master = other
        $0.flags.insert(.subjectivelyDown)
        $0.replicas = [ReplicaView(endpoint: me, lastOkPingReply: .milliseconds(40))]
      }, 40
    ),
    (
      {
        $0.master = other
        $0.replicas = [ReplicaView(endpoint: me, flags: [.slave, .subjectivelyDown])]
      }, nil
    ),
    (
      {
        $0.master = other; $0.replicas = []
      }, nil
    ),
    // Under two seconds its pings are too rare for its pongs: the poll counts.
    (
      {
        $0.downAfter = .milliseconds(1_999); $0.lastOkPingReply = .milliseconds(700)
      }, 0
    ),
    (
      {
        $0.downAfter = .milliseconds(2_000); $0.lastOkPingReply = .milliseconds(700)
      }, 700
    ),
  ]

  @Test(arguments: answers.indices)
  func `An answer vouches for a pong`(index: Int) {
    var view = SentinelView(named: Self.me, lastOkPingReply: .milliseconds(100))
    Self.answers[index].change(&view)
    let pong = view.confirmedPong(of: [Self.me], sentAt: Self.asked)
    #expect(pong == Self.answers[index].pong.map { Self.asked - .milliseconds($0) })
  }

  /// Pongs of answers in their order, nil for one that confirms nothing, and what stands after them.
  private static let sequences: [(pongs: [Int64?], leavesOpen: Bool, stands: Int64?)] = [
    ([100], false, 100), ([100, 200], false, 200),
    // An answer that shows an older pong proves no less than was proven.
    ([200, 100], false, 200),
    // A denial ends it, what could not be read does not.
    ([200, nil], false, nil), ([200, nil], true, 200), ([200, nil, 50], false, 50),
    ([nil], true, nil),
  ]

  @Test(arguments: sequences)
  func `What was proven stands until it is denied`(
    row: (pongs: [Int64?], leavesOpen: Bool, stands: Int64?)
  ) {
    var record = SentinelRecord(id: Self.other)
    record.connect(runID: "a", at: .milliseconds(0))
    for (index, pong) in row.pongs.enumerated() {
      record.take(
        SentinelView(named: Self.me), pong: pong.map { .milliseconds($0) },
        leavesOpen: row.leavesOpen, sentAt: .milliseconds(1_000 + Int64(index)))
    }
    #expect(record.pongAt == row.stands.map { .milliseconds($0) })
  }

  /// `down-after-milliseconds`, the limit of `lease-limit`, and how long one confirmation lasts.
  private static let leases: [(downAfter: Int64, limit: Int64?, lease: Int64)] = [
    (3_000, nil, 2_600), (2_000, nil, 1_600), (30_000, nil, 5_000), (5_400, nil, 5_000),
    (5_399, nil, 4_999), (1_000, nil, 600), (500, nil, 500), (1, nil, 500),
    (3_000, 1_000, 1_000), (3_000, 9_000, 2_600),
  ]

  @Test(arguments: leases)
  func `A confirmation lasts as long as its Sentinel waits, less a margin`(
    row: (downAfter: Int64, limit: Int64?, lease: Int64)
  ) {
    let limit = row.limit.map { Duration.milliseconds($0) }
    let lease = Timing.lease(downAfter: .milliseconds(row.downAfter), limit: limit)
    #expect(lease == .milliseconds(row.lease))
    var record = SentinelRecord(id: Self.other)
    record.connect(runID: "a", at: .milliseconds(0))
    #expect(record.confirmsUntil(limit: limit) == nil)
    let view = SentinelView(named: Self.me, downAfter: .milliseconds(row.downAfter))
    record.take(view, pong: .milliseconds(200), leavesOpen: false, sentAt: .milliseconds(300))
    #expect(record.confirmsUntil(limit: limit) == Instant.milliseconds(200) + lease)
    // Its connection may end: it waits for as long all the same.
    record.disconnect(.refused, at: .milliseconds(400))
    #expect(record.confirmsUntil(limit: limit) == Instant.milliseconds(200) + lease)
  }
}

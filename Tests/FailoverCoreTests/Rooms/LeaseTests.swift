import Addresses
import Testing

@testable import FailoverCore

/// How long confirmations carry a holder, and the kernel an address, by tables.
@Suite struct LeaseTests {
  private static let me = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)

  /// N by the configuration, the quorum, how old the pongs are, in milliseconds, and when the lease ends.
  ///
  /// Each confirmation lasts for 2600 (`down-after` is 3000); the k-th latest end counts.
  private static let leases: [(configured: Int, quorum: Int, ages: [Int64], ends: Int64?)] = [
    (1, 1, [0], 12_600), (1, 1, [900], 11_700),
    (3, 2, [0, 100, 2_000], 12_500), (3, 2, [0, 2_000], 10_600), (3, 2, [0], nil),
    // A quorum of 1 asks for all, or the one that is missing could call this node down.
    (3, 1, [0, 100, 2_000], 10_600), (3, 1, [0, 100], nil),
    (5, 3, [0, 10, 20, 30, 40], 12_580), (5, 3, [0, 10, 20], 12_580), (5, 3, [0, 10], nil),
    (5, 2, [0, 10, 20, 30], 12_570), (5, 2, [0, 10, 20], nil),
    // Two of two: either could be the majority's missing half.
    (2, 2, [0, 300], 12_300), (2, 2, [0], nil),
  ]

  @Test(arguments: leases)
  func `The lease ends with the last confirmation that is needed`(
    row: (configured: Int, quorum: Int, ages: [Int64], ends: Int64?)
  ) {
    var panel = SentinelPanel(configured: row.configured)
    panel.follow(local: [Self.me])
    let now = Instant.milliseconds(10_000)
    for (index, age) in row.ages.enumerated() {
      let id = Endpoint(address: .v4(IPv4Address(10, 77, 0, UInt8(index + 1))), port: 26379)
      panel.recordConnection(id, runID: "s\(index)", at: .milliseconds(0))
      let view = SentinelView(
        named: Self.me, lastOkPingReply: .milliseconds(age), quorum: row.quorum,
        otherSentinels: row.configured - 1)
      panel.recordView(view, from: id, sentAt: now, at: now)
    }
    #expect(panel.leaseEnd(limit: nil) == row.ends.map { .milliseconds($0) })
  }

  /// What is left of a lease, and for how many seconds the kernel may keep the address.
  private static let seconds: [(left: Int64, seconds: Int)] = [
    (-1_000, 2), (0, 2), (1_600, 2), (2_399, 2), (2_400, 2), (2_600, 2), (3_399, 2), (3_400, 3),
    (4_399, 3), (4_400, 4), (5_000, 4),
  ]

  @Test(arguments: seconds)
  func `A late kernel does not outlast what Sentinel waits, but for what it can count`(
    row: (left: Int64, seconds: Int)
  ) {
    let left = Duration.milliseconds(row.left)
    #expect(Timing.kernelSeconds(leaseLeft: left) == row.seconds)
    let latest = Duration.seconds(row.seconds) + Timing.kernelLateness
    #expect(row.seconds == Timing.minKernelSeconds || latest <= left + Timing.kernelGrace)
  }

  @Test func `A lease that was spent brings nothing back, a newer one does`() {
    var kernel = KernelLease([])
    let spent = Instant.milliseconds(5_000)
    #expect(kernel.isUnspent(spent))
    kernel.spend(spent)
    #expect(!kernel.isUnspent(spent))
    #expect(!kernel.isUnspent(.milliseconds(4_999)))
    #expect(kernel.isUnspent(.milliseconds(5_001)))
  }
}

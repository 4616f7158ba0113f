import Addresses
import Testing

@testable import FailoverCore

/// Whether a Redis may start, by what `status` says of its group.
@Suite struct GuardVerdictTests {
  private let me = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  private let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
  private let sentinel = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 26379)

  /// A holder whose Redis is gone, as the machine shows it, but for what a case changes.
  private func status(_ change: (inout GroupStatus) -> Void) -> GroupStatus {
    let address = VirtualAddress(
      address: .v4(IPv4Address(10, 77, 0, 100)), interface: "eth0", subnetPrefixLength: 24)
    let machine = FailoverMachine(
      configuration: GroupConfiguration(
        masterName: "m", virtualAddresses: [address], deathPolicy: .failover))
    var status = machine.status(at: Instant(nanoseconds: 0))
    status.localInstance = me
    status.lastRole = .master
    status.basis = .sentinels
    status.counts.majority = 2
    status.named = .init(endpoint: me, configEpoch: 1, by: 3, of: 3)
    change(&status)
    return status
  }

  private func verdict(
    isVisible: Bool? = true, _ change: (inout GroupStatus) -> Void = { _ in }
  ) -> GuardVerdict {
    status(change).guardVerdict(isDeathVisible: isVisible)
  }

  @Test func `A dead master waits while its successor is being found`() {
    #expect(verdict() == .wait(.justDied))
    #expect(verdict { $0.death = .asking } == .wait(.asking))
    #expect(verdict { $0.death = .ordered(sentinel) } == .wait(.ordered(sentinel)))
  }

  @Test func `It starts once a majority has come to name another`() {
    let named: (Endpoint?) -> GuardVerdict = { successor in
      verdict {
        $0.death = .ordered(sentinel)
        // Whom they name may be the master before it.
        $0.named = .init(endpoint: other, configEpoch: 2, by: 3, of: 3)
        $0.successor = successor
      }
    }
    #expect(named(nil) == .wait(.ordered(sentinel)))
    #expect(named(other) == .start(.succeeded(by: other)))
  }

  @Test func `Whatever else is so, it starts at once`() {
    #expect(verdict { $0.localRole = .master } == .start(.answers))
    #expect(verdict { $0.deathPolicy = .wait } == .start(.policy))
    #expect(verdict { $0.pause = Pause(until: nil) } == .start(.paused))
    #expect(verdict { $0.lastRole = .replica(of: other) } == .start(.wasNoMaster))
    #expect(verdict { $0.lastRole = nil } == .start(.wasNoMaster))
    #expect(verdict { $0.death = .left(.returned) } == .start(.left(.returned)))
    #expect(verdict { $0.basis = .none } == .start(.unnoticed))
    #expect(verdict(isVisible: false) == .start(.unnoticed))
    #expect(verdict(isVisible: nil) == .start(.unnoticed))
  }
}

import Addresses
import Testing

@testable import FailoverCore

/// What people are shown, where no trace shows it.
@Suite struct OverviewTests {
  private static let virtual = VirtualAddress(
    address: .v4(IPv4Address(10, 77, 0, 100)), interface: "eth0", subnetPrefixLength: 24)
  private static let configuration = GroupConfiguration(
    masterName: "mymaster", virtualAddresses: [virtual])
  private static let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 9)), port: 6379)

  private static func sentinel(_ host: Int) -> SentinelID {
    Endpoint(address: .v4(IPv4Address(10, 77, 0, UInt8(host))), port: 26379)
  }

  /// A machine in contact with three Sentinels that list two more, which said nothing for a minute.
  private func machine(at now: Instant) -> FailoverMachine {
    var machine = FailoverMachine(configuration: Self.configuration)
    _ = machine.handle(.started(StartupFacts()), at: now)
    for host in 1...3 {
      let id = Self.sentinel(host)
      _ = machine.handle(.sentinelConnected(id, runID: "s\(host)"), at: now)
      let entries = ([1, 2, 3, 8, 9].filter { $0 != host }).map { other in
        ListedSentinel(
          runID: "s\(other)", endpoint: Self.sentinel(other),
          helloAge: other > 3 ? .seconds(60) : .zero)
      }
      _ = machine.handle(.sentinelListed(id, entries, sentAt: now), at: now)
      let view = SentinelView(named: Self.other, configEpoch: 1, quorum: 2, otherSentinels: 4)
      _ = machine.handle(.sentinelReplied(id, view, sentAt: now), at: now)
    }
    return machine
  }

  @Test func `As many forgotten as the quorum asks weaken the guarantee while they may live`() {
    let now = Instant(nanoseconds: 1_000_000_000)
    var machine = machine(at: now)
    let loss = GuaranteeLoss.forgottenMayElect(count: 2, quorum: 2)
    _ = machine.handle(.forgetRequested("s8"), at: now)
    #expect(!machine.status(at: now).guaranteeLosses.contains(loss))
    _ = machine.handle(.forgetRequested("s9"), at: now)
    #expect(machine.status(at: now).guaranteeLosses == [loss])
    #expect(machine.status(at: now).guarantee == .bounded)
    _ = machine.handle(.sentinelDisconnected(Self.sentinel(9), .refused), at: now)
    #expect(machine.status(at: now).guaranteeLosses.isEmpty)
  }

  /// Sentinels name the master before a promotion for a second after it.
  @Test func `A node that was named before this one was promoted is no successor of it`() {
    let start = Instant(nanoseconds: 1_000_000_000)
    let local = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
    var machine = machine(at: start)
    func name(_ node: Endpoint, at now: Instant) {
      for host in 1...3 {
        let view = SentinelView(named: node, configEpoch: 1, quorum: 2, otherSentinels: 4)
        _ = machine.handle(.sentinelReplied(Self.sentinel(host), view, sentAt: now), at: now)
      }
    }
    func observe(_ role: LocalRole, at now: Instant) {
      _ = machine.handle(.localRoleObserved(role, sentAt: now), at: now)
    }
    _ = machine.handle(.localInstancesChanged([local]), at: start)
    observe(.replica(of: Self.other), at: start)
    #expect(machine.status(at: start).successor == Self.other)
    let flip = start + .milliseconds(100)
    observe(.master, at: flip)
    name(Self.other, at: flip)
    #expect(machine.status(at: flip).successor == nil)
    let naming = flip + .seconds(1)
    name(local, at: naming)
    #expect(machine.status(at: naming).successor == nil)
    let next = naming + .seconds(1)
    name(Self.other, at: next)
    #expect(machine.status(at: next).successor == Self.other)
  }

  @Test func `What was forgotten and is listed by none is not remembered after a minute`() {
    let start = Instant(nanoseconds: 1_000_000_000)
    var machine = machine(at: start)
    _ = machine.handle(.forgetRequested("s8"), at: start)
    _ = machine.handle(.forgetRequested("s9"), at: start)
    for poll in 1...330 {
      let now = start + .milliseconds(200) * poll
      for host in 1...3 {
        let entries = [1, 2, 3].filter { $0 != host }.map {
          ListedSentinel(runID: "s\($0)", endpoint: Self.sentinel($0), helloAge: .zero)
        }
        let view = SentinelView(named: Self.other, configEpoch: 1, quorum: 2, otherSentinels: 2)
        _ = machine.handle(
          .sentinelListed(Self.sentinel(host), entries, sentAt: now), at: now)
        _ = machine.handle(.sentinelReplied(Self.sentinel(host), view, sentAt: now), at: now)
      }
      let forgotten = machine.knownSentinels.filter { $0.fate == .forgotten }.map(\.runID)
      if poll < 300 { #expect(forgotten == ["s8", "s9"], "\(poll)") }
    }
    #expect(machine.knownSentinels.map(\.runID).sorted() == ["s1", "s2", "s3"])
  }

  @Test func `Who answered a probe is said to answer until another probe goes unanswered`() {
    let mac = MACAddress(rawValue: 7)
    var now = Instant(nanoseconds: 1_000_000_000)
    var probe = DuplicateProbe(Self.configuration)
    func turn() -> Turn { Turn(at: now, alarms: StandingAlarms()) }
    var first = turn()
    #expect(!probe.requireClean(isAwaited: false, &first))
    #expect(probe.claimant == nil)
    probe.complete(1, claimedBy: mac, isAwaited: false, &first)
    #expect(probe.claimant == mac)
    now = now + Timing.probeRetry
    var second = turn()
    #expect(!probe.requireClean(isAwaited: false, &second))
    #expect(probe.isUnderWay && probe.claimant == mac)
    probe.complete(2, claimedBy: nil, isAwaited: false, &second)
    #expect(probe.claimant == nil)
  }

  @Test func `A claim to a held address is shown until the holding ends`() {
    let now = Instant(nanoseconds: 1_000_000_000)
    var announcer = Announcer(Self.configuration)
    var turn = Turn(at: now, alarms: StandingAlarms())
    announcer.begin(&turn)
    announcer.recordClaim(Self.virtual.address, by: MACAddress(rawValue: 9), &turn)
    #expect(
      announcer.lastClaim
        == AddressClaimSeen(address: Self.virtual.address, mac: MACAddress(rawValue: 9), at: now))
    announcer.end()
    #expect(announcer.lastClaim == nil)
  }
}

import Addresses
import FailoverCore
import Store
import Testing

@testable import Agent

@Suite struct PhaseWatchTests {
  private let addresses: [VirtualAddress] = []
  private var watch = PhaseWatch()

  /// Lets the watch see a fact, the orders that follow it, each 1 ms later, and the transition.
  private mutating func see(
    _ event: Event = .woke, at milliseconds: Int64, _ orders: [Effect] = [],
    _ transition: (from: StateName, to: StateName, basis: LeaseBasis)? = nil
  ) -> [String] {
    watch.begin(event, at: .milliseconds(milliseconds))
    var now = milliseconds
    for order in orders {
      now += 1
      watch.carriedOut(order, at: .milliseconds(now))
    }
    guard let transition else { return [] }
    return watch.phases(
      of: Transition(
        from: transition.from, to: transition.to, reason: .started, basis: transition.basis),
      at: .milliseconds(now)
    ).map { "\($0.name) \($0.microseconds)" }
  }

  private func role(_ role: LocalRole) -> Event {
    .localRoleObserved(role, sentAt: .milliseconds(0))
  }

  private var taking: [Effect] {
    [.installAddresses(addresses, .seconds(3)), .announce(addresses, AnnouncementPlan())]
  }

  @Test("A take at the flip has the selection, the flip, both orders, and later the naming")
  func fastPath() {
    var test = self
    _ = test.see(role(.replica(of: nil)), at: 0)
    #expect(test.see(at: 100, [.readLocalRole], (.standby, .prepared, .none)) == [])
    #expect(
      test.see(role(.master), at: 400, taking, (.prepared, .holding, .provisional)) == [
        "selected 0", "flip 299000", "installed 300000", "announced 301000",
      ])
    // A renewal in between is no step.
    _ = test.see(at: 600, [.installAddresses(addresses, .seconds(3))])
    #expect(
      test.see(at: 1_300, [], (.holding, .holding, .sentinels)) == [
        "selected 0", "flip 299000", "installed 300000", "announced 301000", "named 1199000",
      ])
    #expect(test.see(at: 1_400, [], (.holding, .blind, .refusals)) == [])
  }

  @Test("A take that is decided later than the flip says when")
  func normalPath() {
    var test = self
    _ = test.see(role(.replica(of: nil)), at: 0)
    _ = test.see(role(.master), at: 100)
    #expect(
      test.see(at: 1_100, taking, (.standby, .holding, .sentinels)) == [
        "flip 0", "decided 1000000", "installed 1001000", "announced 1002000",
      ])
  }

  @Test("Without a flip, or with an old one, a take begins at the decision")
  func coldStart() {
    var test = self
    _ = test.see(role(.master), at: 0)
    let expected = ["decided 0", "installed 1000", "announced 2000"]
    #expect(test.see(at: 5_000, taking, (.standby, .holding, .sentinels)) == expected)
    test = self
    _ = test.see(role(.replica(of: nil)), at: 0)
    _ = test.see(role(.master), at: 1)
    #expect(test.see(at: 60_002, taking, (.standby, .holding, .sentinels)) == expected)
  }

  @Test("A Redis that became a replica again has no flip")
  func demoted() {
    var test = self
    _ = test.see(role(.replica(of: nil)), at: 0)
    _ = test.see(role(.master), at: 1)
    _ = test.see(role(.replica(of: nil)), at: 2)
    #expect(
      test.see(at: 3, taking, (.standby, .holding, .sentinels)) == [
        "decided 0", "installed 1000", "announced 2000",
      ])
  }

  @Test("A release has the end of the sessions, the removal and the notice")
  func release() {
    var test = self
    _ = test.see(at: 0, taking, (.standby, .holding, .sentinels))
    let notice = Notice.yielded(
      from: Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 1),
      target: Endpoint(address: .v4(IPv4Address(10, 0, 0, 2)), port: 1), epoch: 1, nonce: 0)
    let orders: [Effect] = [
      .endSessions(addresses), .removeAddresses(addresses), .endSessions(addresses),
      .stopAnnouncing, .keepProof(nil), .publish(notice, also: nil),
    ]
    #expect(
      test.see(at: 100, orders, (.holding, .yielding, .none)) == [
        "decided 0", "sessions-ended 1000", "removed 2000", "told 6000",
      ])
    // A kernel lifetime that ends by itself has no steps.
    _ = test.see(at: 200, taking, (.standby, .holding, .sentinels))
    #expect(test.see(at: 300, [], (.holding, .standby, .none)) == [])
  }

  @Test("The time of a takeover is that from the flip to the first announcement")
  func takeover() {
    let phases: [HistoryEntry.Phase] = [
      .init(name: "selected", microseconds: 0), .init(name: "flip", microseconds: 300),
      .init(name: "announced", microseconds: 450),
    ]
    #expect(PhaseWatch.takeover(phases) == .microseconds(150))
    #expect(PhaseWatch.takeover(Array(phases.dropFirst(2))) == nil)
    #expect(PhaseWatch.takeover(phases + [.init(name: "named", microseconds: 900)]) == nil)
  }
}

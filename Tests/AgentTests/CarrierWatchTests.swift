import Addresses
import FailoverCore
import PeerKit
import Testing

@testable import Agent
@testable import Metrics

private let start = Instant(nanoseconds: 1_000_000_000_000)
private let second = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
private let third = Endpoint(address: .v4(IPv4Address(10, 77, 0, 3)), port: 6379)
private let vip = VirtualAddress(
  address: .v4(IPv4Address(10, 77, 0, 100)), interface: "eth0", subnetPrefixLength: 24)

private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

/// A holder that three Sentinels confirm, with two replicas whose interfaces are up.
private func facts(
  isHolder: Bool = true, provenAt: [Int64] = [150, 150, 150],
  replicas: [Endpoint] = [second, third],
  serving: Set<Endpoint> = [second, third]
) -> CarrierWatch.Facts {
  CarrierWatch.Facts(
    isHolder: isHolder, provenAt: provenAt.map(at), needed: 2, replicas: replicas,
    serving: serving)
}

private func decision(
  after milliseconds: Int64 = 200, _ facts: CarrierWatch.Facts
) -> CarrierWatch.Decision {
  var watch = CarrierWatch()
  watch.lose([vip], at: start)
  return watch.decide(at: at(milliseconds)) { facts }
}

@Suite struct CarrierWatchTests {
  @Test func `Nothing moves while there is a carrier, or before it is missing for long enough`() {
    var watch = CarrierWatch()
    #expect(watch.decide(at: at(500)) { facts() } == .stay)
    #expect(watch.areLinksUp)
    #expect(decision(after: 199, facts()) == .stay)
    watch.lose([vip], at: start)
    #expect(!watch.areLinksUp)
    watch.restore([vip])
    #expect(watch.decide(at: at(500)) { facts() } == .stay)
  }

  @Test func `Where every replica has its carrier Sentinel may choose`() {
    #expect(decision(facts()) == .moveAnywhere)
    #expect(decision(facts(replicas: [third])) == .moveAnywhere)
  }

  @Test func `Where some have none, or do not say, one that has is named`() {
    #expect(decision(facts(serving: [third])) == .move(to: third))
  }

  @Test func `Where no other is better nothing moves`() {
    #expect(decision(facts(serving: [])) == .stay)
    #expect(decision(facts(replicas: [])) == .stay)
    #expect(decision(facts(isHolder: false)) == .stay)
  }

  @Test func `While the Sentinels were not heard since, the cable may be theirs too`() {
    #expect(decision(facts(provenAt: [150, -10, -10])) == .stay)
    #expect(decision(facts(provenAt: [150, 150, -10])) == .moveAnywhere)
  }

  @Test func `A dead Sentinel does not keep the master where its cable is cut`() throws {
    var status = holderStatus()
    status.state = .holding
    // One of three is dead: two confirm, two must, and none more may fail.
    status.sentinelCount = 3
    status.counts.confirmations = 2
    status.toleratedSentinelLosses = 0
    for (place, milliseconds) in [150, 150, -9_000 as Int64].enumerated() {
      status.sentinels[place].provenAt = at(milliseconds)
    }
    let facts = CarrierWatch.Facts(of: status, replicas: [second], serving: [second])
    #expect(decision(facts) == .moveAnywhere)
    status.sentinels[1].provenAt = at(-9_000)
    let few = CarrierWatch.Facts(of: status, replicas: [second], serving: [second])
    #expect(decision(few) == .stay)
  }

  @Test func `A carrier that flaps moves the master once a minute at most`() {
    var watch = CarrierWatch()
    watch.lose([vip], at: start)
    #expect(watch.decide(at: at(200)) { facts() } == .moveAnywhere)
    #expect(watch.decide(at: at(300)) { facts() } == .stay)
    watch.restore([vip])
    watch.lose([vip], at: at(1_000))
    let later = facts(provenAt: [60_100, 60_100])
    #expect(watch.decide(at: at(60_199)) { later } == .stay)
    #expect(watch.decide(at: at(60_200)) { later } == .moveAnywhere)
  }

  @Test func `A move that changed nothing is tried again within seconds, less and less often`() {
    var watch = CarrierWatch()
    watch.lose([vip], at: start)
    #expect(watch.decide(at: at(200)) { facts() } == .moveAnywhere)
    var ended: Int64 = 300
    for pause: Int64 in [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
      watch.changedNothing(at: at(ended))
      #expect(watch.decide(at: at(ended + pause - 1)) { facts() } == .stay)
      #expect(watch.decide(at: at(ended + pause)) { facts() } == .moveAnywhere)
      ended += pause + 100
    }
    // A cable that was mended and breaks again begins anew, after the rest of the last move.
    watch.restore([vip])
    watch.lose([vip], at: at(ended))
    watch.changedNothing(at: at(ended))
    let later = facts(provenAt: [ended + 1_000, ended + 1_000])
    #expect(watch.decide(at: at(ended + 1_999)) { later } == .stay)
    #expect(watch.decide(at: at(ended + 2_000)) { later } == .moveAnywhere)
  }

  @Test func `What keeps it from moving is looked at again`() {
    var watch = CarrierWatch()
    watch.lose([vip], at: start)
    #expect(watch.decide(at: at(200)) { facts(serving: []) } == .stay)
    #expect(watch.decide(at: at(900)) { facts() } == .moveAnywhere)
  }
}

import Addresses
import FailoverCore
import PeerKit
import Testing

@testable import Agent

private let here = IPv4Address(10, 77, 0, 1)
private let virtual = IPv4Address(10, 77, 0, 100)

private func node(_ address: IPv4Address = here, _ port: UInt16 = 6379) -> Endpoint {
  Endpoint(address: .v4(address), port: port)
}

private let foreign = node(IPv4Address(10, 77, 0, 2))
private let sentinels = (1...3).map { node(IPv4Address(10, 77, 0, $0), 26_379) }

/// A finder on a host with some addresses.
private struct Bench {
  var finder = InstanceFinder()
  var own: Set<IPAddress> = [.v4(here), .v4(IPv4Address(127, 0, 0, 1))]

  /// Lets Sentinels name a master and its replicas; all of them unless said otherwise.
  mutating func name(
    _ master: Endpoint, by places: [Int] = [0, 1, 2], replicas: [ReplicaView] = [],
    flags: InstanceFlags = .master
  ) {
    for place in places {
      let view = SentinelView(named: master, flags: flags, replicas: replicas)
      if finder.learn(view, from: sentinels[place]) { refresh() }
    }
  }

  mutating func refresh() {
    _ = finder.refresh(isOwn: own.contains, virtual: [.v4(virtual)])
  }
}

private func replica(_ endpoint: Endpoint, _ flags: InstanceFlags = []) -> ReplicaView {
  ReplicaView(endpoint: endpoint, flags: flags)
}

@Suite struct InstanceFinderTests {
  @Test(arguments: ["127.0.0.1", "127.0.1.1", "::1", "127.8.9.10"])
  func `A loopback address is nobody's own`(text: String) throws {
    var bench = Bench()
    let endpoint = Endpoint(address: try #require(IPAddress(text)), port: 6379)
    bench.own.insert(endpoint.address)
    bench.name(endpoint)
    #expect(bench.finder.own.isEmpty)
    #expect(bench.finder.isNobody(endpoint))
    #expect(bench.finder.masters { $0.address.isLoopback }.map(\.by) == sentinels)
  }

  @Test func `A loopback replica beside the own instance is not followed`() {
    var bench = Bench()
    bench.name(foreign, replicas: [replica(loopback(6379)), replica(node())])
    #expect(bench.finder.own == [node()])
  }

  @Test func `Of two instances here the master is followed, whichever is lower`() {
    for master: UInt16 in [6378, 6380] {
      var bench = Bench()
      bench.name(node(here, master), replicas: [replica(node())])
      #expect(bench.finder.own == [node(here, master), node()])
    }
  }

  @Test func `A temporary replica on a lower port comes and goes without being followed`() {
    var bench = Bench()
    bench.name(node(), replicas: [replica(foreign)])
    bench.name(node(), replicas: [replica(foreign), replica(node(here, 6378))])
    #expect(bench.finder.own == [node(), node(here, 6378)])
    bench.name(node(), replicas: [replica(foreign)])
    #expect(bench.finder.own == [node()])
    // Nor beside a replica.
    bench.name(foreign, replicas: [replica(node())])
    bench.name(foreign, replicas: [replica(node()), replica(node(here, 6378))])
    #expect(bench.finder.followed == node())
  }

  @Test func `A replaced master is left once most Sentinels name the other one here`() {
    var bench = Bench()
    let other = node(here, 6380)
    bench.name(node(), replicas: [replica(other)])
    bench.name(other, by: [1], replicas: [replica(node())])
    #expect(bench.finder.followed == node())
    bench.name(other, by: [2], replicas: [replica(node())])
    #expect(bench.finder.followed == other)
    bench.name(other, by: [0], replicas: [replica(node())])
    #expect(bench.finder.own == [other, node()])
  }

  @Test func `A live master is not left for a replica here that is only selected`() {
    var bench = Bench()
    bench.name(node(), replicas: [replica(node(here, 6380), .promoted)])
    #expect(bench.finder.followed == node())
  }

  @Test func `For a dead master the selected replica here is followed, to see its promotion`() {
    var bench = Bench()
    let other = node(here, 6380)
    bench.name(node(), replicas: [replica(other)])
    bench.name(node(), replicas: [replica(other)], flags: [.master, .subjectivelyDown])
    #expect(bench.finder.followed == other)
    var later = Bench()
    later.name(foreign, replicas: [replica(node()), replica(other)])
    later.name(
      foreign, replicas: [replica(node()), replica(other, .promoted)],
      flags: [.master, .objectivelyDown])
    #expect(later.finder.followed == other)
  }

  @Test func `A second entry that is dead is not followed, also if it is lower`() {
    var bench = Bench()
    let stale = node(IPv4Address(10, 70, 0, 1))
    bench.own.insert(stale.address)
    bench.name(foreign, replicas: [replica(stale, .subjectivelyDown), replica(node())])
    #expect(bench.finder.followed == node())
  }

  @Test func `One instance under two addresses of this host is followed at one of them`() {
    var bench = Bench()
    let sixth = Endpoint("[fd77::1]:6379")
    guard let sixth else { return }
    bench.own.insert(sixth.address)
    bench.name(sixth, by: [0])
    bench.name(node(), by: [1])
    let first = bench.finder.followed
    for _ in 0..<3 {
      bench.name(node(), by: [1], replicas: [replica(foreign)])
      bench.name(sixth, by: [0], replicas: [replica(foreign)])
      bench.name(node(), by: [1])
      bench.name(sixth, by: [0])
      #expect(bench.finder.followed == first)
    }
    #expect(Set(bench.finder.own) == [node(), sixth])
  }

  @Test func `A Sentinel out of contact has no vote, and what it named is still known`() {
    var bench = Bench()
    let other = node(here, 6380)
    bench.name(node(), replicas: [replica(other)])
    for sentinel in sentinels.dropFirst() { bench.finder.silence(sentinel) }
    bench.name(other, by: [0], replicas: [replica(node())])
    #expect(bench.finder.followed == node())
    bench.name(other, by: [1], replicas: [replica(node())])
    #expect(bench.finder.followed == other)
    #expect(bench.finder.known == [node(), other])
  }

  @Test func `The file's word counts more than the Sentinels'`() {
    var bench = Bench()
    bench.finder.fix(node(here, 7000))
    bench.name(node())
    #expect(bench.finder.own == [node(here, 7000)])
  }

  @Test func `A host name is the host's own if any of its addresses is`() throws {
    let addresses = try ["fd77::9", "10.77.0.1", "fd77::1"].map { try #require(IPAddress($0)) }
    let pick: (Set<IPAddress>) -> IPAddress? = { own in
      InstanceFinder.address(among: addresses, isOwn: own.contains)
    }
    #expect(pick([addresses[2]]) == addresses[2])
    #expect(pick([addresses[1], addresses[2]]) == addresses[1])
    #expect(pick([]) == addresses[1])
    #expect(
      InstanceFinder.address(among: addresses.reversed()) { _ in false } == addresses[1],
      "the order of a name server's answer makes no difference")
  }

  @Test func `A host's own name that also stands for loopback means the real address`() throws {
    let addresses = try ["127.0.1.1", "10.77.0.1"].map { try #require(IPAddress($0)) }
    #expect(InstanceFinder.address(among: addresses) { _ in true } == addresses[1])
    #expect(InstanceFinder.address(among: [addresses[0]]) { _ in true } == addresses[0])
  }
}

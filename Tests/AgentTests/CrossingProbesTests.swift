import Addresses
import FailoverCore
import Links
import Platform
import Testing

@testable import Agent

/// Hosts on one link that want one address, in a world of milliseconds that a test steers.
private struct Link {
  struct Host {
    let mac: MACAddress
    /// When it begins to probe.
    var beginsAt: Int
    /// How long after its probe it takes: at once, or at a promotion that it waits for.
    var takesAfter: Int
    var probe: ProbeRun?
    var sentAt: Int?
    var hasTaken = false

    var isAwaited: Bool { takesAfter > 0 }
  }

  enum Frame { case probe, claim }

  let addresses: [VirtualAddress]
  var hosts: [Host]
  /// How long a frame travels.
  let latency: Int
  /// Whether a host reads before it looks at its timers, in one millisecond.
  let readsFirst: Bool
  private var frames: [(at: Int, from: Int, frame: Frame)] = []

  init(addresses: [VirtualAddress], hosts: [Host], latency: Int, readsFirst: Bool) {
    self.addresses = addresses
    self.hosts = hosts
    self.latency = latency
    self.readsFirst = readsFirst
  }

  private var contested: IPAddress? { addresses.map(\.address).min() }

  /// Runs until a while after the first take; the hosts that have the address then.
  mutating func run(until end: Int) -> [Int] {
    var takenAt: Int?
    for now in 0...end {
      if hosts.contains(where: \.hasTaken) { takenAt = takenAt ?? now }
      // Whoever did not probe before it meets one that answers.
      if let takenAt, now - takenAt > 90 { break }
      if readsFirst { deliver(at: now) }
      for index in hosts.indices { act(index, at: now) }
      if !readsFirst { deliver(at: now) }
    }
    return hosts.indices.filter { hosts[$0].hasTaken }
  }

  private func instant(_ time: Int) -> Instant { Instant(nanoseconds: 0) + .milliseconds(time) }

  private mutating func send(_ frame: Frame, from index: Int, at now: Int) {
    frames.append((now + latency, index, frame))
  }

  private mutating func deliver(at now: Int) {
    let due = frames.filter { $0.at <= now }
    frames.removeAll { $0.at <= now }
    for (_, from, frame) in due {
      for index in hosts.indices where index != from { hear(frame, index, from: from, at: now) }
    }
  }

  private mutating func hear(_ frame: Frame, _ index: Int, from: Int, at now: Int) {
    guard let address = contested else { return }
    if hosts[index].hasTaken {
      // The kernel answers.
      if frame == .probe { send(.claim, from: index, at: now) }
      return
    }
    let mac = hosts[from].mac
    switch frame {
    case .claim: hosts[index].probe?.heard(address, by: mac)
    case .probe:
      let (host, time) = (hosts[index], instant(now))
      let crossing = hosts[index].probe?.crossed(
        address, by: mac, own: host.mac, isAwaited: host.isAwaited, at: time)
      if crossing == .insists { send(.probe, from: index, at: now) }
    }
  }

  private mutating func act(_ index: Int, at now: Int) {
    guard !hosts[index].hasTaken, now >= hosts[index].beginsAt else { return }
    guard let sentAt = hosts[index].sentAt, let probe = hosts[index].probe else {
      hosts[index].probe = ProbeRun(id: 1, addresses: addresses)
      hosts[index].probe?.roundsSent = 1
      hosts[index].sentAt = now
      return send(.probe, from: index, at: now)
    }
    if let completedAt = probe.completedAt {
      let age = (instant(now) - completedAt).wholeMilliseconds
      if probe.claimedBy != nil {
        // It tries again, after a while.
        if age >= 250 { begin(index) }
      } else if age > 1_000 {
        begin(index)
      } else if age >= hosts[index].takesAfter {
        take(index, at: now)
      }
      return
    }
    guard now >= sentAt + 20 else { return }
    if probe.roundsSent >= ProbeRun.rounds || probe.claimedBy != nil {
      let end = instant(now)
      hosts[index].probe?.completedAt = end
      if probe.claimedBy == nil, hosts[index].takesAfter == 0 { take(index, at: now) }
    } else {
      hosts[index].probe?.roundsSent += 1
      hosts[index].sentAt = now
      send(.probe, from: index, at: now)
    }
  }

  private mutating func begin(_ index: Int) {
    hosts[index].probe = nil
    hosts[index].sentAt = nil
  }

  private mutating func take(_ index: Int, at now: Int) {
    hosts[index].hasTaken = true
    send(.claim, from: index, at: now)
  }
}

private func mac(_ number: UInt64) -> MACAddress { MACAddress(rawValue: 0x0200_0a4d_0000 + number) }

private func addresses(_ texts: [String]) -> [VirtualAddress] {
  texts.compactMap { IPAddress($0) }.map {
    VirtualAddress(address: $0, interface: "eth0", subnetPrefixLength: 24)
  }
}

@Suite struct CrossingProbesTests {
  private static let families = [["10.77.0.100"], ["fd77::100"], ["fd77::100", "10.77.0.100"]]

  @Test(arguments: families)
  func `Of two hosts whose probes cross exactly one takes, whoever begins`(texts: [String]) {
    for latency in [0, 1, 3] {
      for readsFirst in [false, true] {
        for (first, second) in [(0, 0), (0, 70), (70, 0), (70, 110), (110, 70)] {
          let reach = 60 + max(first, second)
          for offset in -reach...reach {
            var link = Link(
              addresses: addresses(texts),
              hosts: [
                .init(mac: mac(1), beginsAt: max(0, -offset), takesAfter: first),
                .init(mac: mac(2), beginsAt: max(0, offset), takesAfter: second),
              ], latency: latency, readsFirst: readsFirst)
            let holders = link.run(until: 1_500)
            #expect(
              holders.count == 1,
              "\(holders) with \(offset) ms, \(latency) ms, \(first) and \(second) ms")
          }
        }
      }
    }
  }

  @Test func `Of three hosts whose probes cross exactly one takes`() {
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
      for second in stride(from: 0, through: 50, by: 5) {
        for third in stride(from: 0, through: 100, by: 3) {
          for waits in [[0, 0, 0], [50, 0, 0], [0, 50, 0], [0, 0, 50], [50, 50, 50]] {
            let begins = [0, second, third]
            var link = Link(
              addresses: addresses(["10.77.0.100"]),
              hosts: (0..<3).map {
                .init(mac: mac(UInt64(order[$0])), beginsAt: begins[$0], takesAfter: waits[$0])
              }, latency: 1, readsFirst: true)
            let holders = link.run(until: 1_500)
            #expect(holders.count == 1, "\(holders) of \(order), \(begins), \(waits)")
          }
        }
      }
    }
  }

  @Test func `A probe for another address, or long after one's own, changes nothing`() {
    var probe = ProbeRun(id: 1, addresses: addresses(["10.77.0.100", "10.77.0.101"]))
    let now = Instant(nanoseconds: 0)
    let crossed: (inout ProbeRun, String, Duration) -> ProbeRun.Crossing? = {
      probe, text, age in
      IPAddress(text).map {
        probe.crossed($0, by: mac(1), own: mac(2), isAwaited: true, at: now + age)
      }
    }
    #expect(crossed(&probe, "10.77.0.102", .zero) == .ignores)
    // Only one address of a group decides.
    #expect(crossed(&probe, "10.77.0.101", .zero) == .ignores)
    probe.completedAt = now
    #expect(crossed(&probe, "10.77.0.100", .seconds(2)) == .ignores)
    #expect(crossed(&probe, "10.77.0.100", .milliseconds(500)) == .yields)
    #expect(probe.claimedBy == mac(1))
  }

  @Test func `A flood of probes is not answered by a flood`() {
    var probe = ProbeRun(id: 1, addresses: [sampleVirtual])
    let answers = (0..<1_000).count { _ in
      probe.crossed(
        ipv4VIP, by: mac(2), own: mac(1), isAwaited: false, at: Instant(nanoseconds: 0))
        == .insists
    }
    #expect(answers == 16)
  }
}

@Suite(.timeLimit(.minutes(10))) struct GroupProbeTests {
  /// Begins a probe by the machine's order, which needs no Sentinels here.
  private func probe(_ group: Group) {
    group.run(.probe(7, [sampleVirtual]), at: group.services.clock.now())
  }

  @Test func `A probe of a lower Ethernet address counts as a claim while one's own is under way`()
    async
  {
    await GroupBench.runWithRedis { bench, group, done in
      probe(group)
      group.heardProbe(of: ipv4VIP, by: mac(1), own: mac(2))
      #expect(group.prober.probe?.claimedBy == mac(1))
      bench.until({ group.prober.probe?.completedAt != nil }) {
        #expect(bench.network.links.probed == [sampleVirtual], "no second round, nor an answer")
        done()
      }
    }
  }

  @Test func `A probe of a higher one is answered by a probe, and one's own goes on`() async {
    await GroupBench.runWithRedis { bench, group, done in
      probe(group)
      group.heardProbe(of: ipv4VIP, by: mac(3), own: mac(2))
      #expect(bench.network.links.probed == [sampleVirtual, sampleVirtual])
      bench.until({ group.prober.probe?.completedAt != nil }) {
        #expect(group.prober.probe?.claimedBy == nil)
        done()
      }
    }
  }

  @Test func `A holder polls its Sentinels when somebody probes, and not for each packet`() async {
    await GroupBench.runWithRedis { bench, running, done in
      var services = running.services
      var polls = 0
      services.pollSentinels = { _ in polls += 1 }
      let group = Group(
        section: running.section, configuration: running.configuration, access: Access(),
        channelKey: nil, services: services)
      bench.take(group)
      for _ in 0..<5 { group.heardProbe(of: ipv4VIP, by: mac(1), own: mac(2)) }
      #expect(polls == 1)
      #expect(bench.network.links.probed.isEmpty)
      group.end()
      done()
    }
  }
}

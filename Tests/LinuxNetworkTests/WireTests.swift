import Addresses
import Glibc
import Packets
import Testing

@testable import LinuxNetwork

@Suite("On the wire", .enabled(if: isRoot, "needs root"))
struct WireTests {
  @Test("A gratuitous ARP arrives as a request and then as a reply, octet for octet")
  func gratuitousARP() async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let wiretap = try Wiretap(on: right, type: EthernetHeader.arpType)
      var announcer = try Announcer()
      try announcer.announce(try address("10.77.0.100"), on: left)
      let request = bytes(
        "ff ff ff ff ff ff 02 00 0a 4d 00 01 08 06",  // Ethernet
        "00 01 08 00 06 04 00 01",  // request
        "02 00 0a 4d 00 01 0a 4d 00 64",  // sender
        "00 00 00 00 00 00 0a 4d 00 64")  // target
      let reply = bytes(
        "ff ff ff ff ff ff 02 00 0a 4d 00 01 08 06",  // Ethernet
        "00 01 08 00 06 04 00 02",  // reply
        "02 00 0a 4d 00 01 0a 4d 00 64",  // sender
        "02 00 0a 4d 00 01 0a 4d 00 64")  // target
      #expect(try wiretap.next() == request)
      #expect(try wiretap.next() == reply)
    }
  }

  @Test("A neighbour advertisement arrives octet for octet")
  func advertisement() async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let wiretap = try Wiretap(on: right, type: EthernetHeader.ipv6Type)
      var announcer = try Announcer()
      try announcer.announce(try address("fd77::100"), on: left)
      let expected = bytes(
        "33 33 00 00 00 01 02 00 0a 4d 00 01 86 dd",  // Ethernet
        "60 00 00 00 00 20 3a ff",  // IPv6: 32 octets of ICMPv6, hop limit 255
        "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // source
        "ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01",  // destination
        "88 00 4d 62 20 00 00 00",  // advertisement, override
        "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // target
        "02 01 02 00 0a 4d 00 01")  // target link-layer address
      // The kernel's own multicast reports cross the same cable.
      var frame = try wiretap.next()
      while frame != expected && frame.count > 54 && frame[54] != 0x88 {
        frame = try wiretap.next()
      }
      #expect(frame == expected)
    }
  }

  @Test(
    "A kernel that knew the old holder believes the announcement at once",
    arguments: ["10.77.0.100", "fd77::100"])
  func believed(text: String) async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let watcher = try ClaimWatcher(on: right, for: [try address(text)])
      try host.ip("neigh add \(text) lladdr 02:00:00:00:00:99 dev right nud stale")
      var announcer = try Announcer()
      try announcer.announce(try address(text), on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      let entry = try host.ipOutput("neigh show \(text) dev right")
      #expect(entry.contains("02:00:0a:4d:00:01"), "\(entry)")
    }
  }

  @Test("Ordinary ARP and IPv6 traffic for a watched address wakes nobody")
  func ordinaryTraffic() async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let (ipv4, ipv6) = (IPv4Address(10, 77, 0, 100), try address("fd77::100"))
      guard case .v6(let target) = ipv6 else { return }
      var watcher = try ClaimWatcher(on: right, for: [.v4(ipv4), ipv6])
      let client = MACAddress(rawValue: 0x0200_0a4d_0009)
      let sender = try PacketSocket()
      var frame = [UInt8](repeating: 0, count: 128)

      let question = ARPPacket(
        operation: .request, senderHardwareAddress: client,
        senderAddress: IPv4Address(10, 77, 0, 9), targetHardwareAddress: .zero,
        targetAddress: ipv4)
      var span = frame.mutableSpan
      let length = try question.encodeFrame(into: &span)
      try sender.send(
        frame, count: length, type: EthernetHeader.arpType, to: .broadcast, on: left)

      var solicitation = NeighbourSolicitation(probeFor: target, from: client)
      solicitation.source = IPv6Address(high: 0xfd77_0000_0000_0000, low: 9)
      solicitation.sourceHardwareAddress = client
      span = frame.mutableSpan
      let octets = try solicitation.encodeFrame(into: &span)
      try sender.send(
        frame, count: octets, type: EthernetHeader.ipv6Type, to: solicitation.receiver, on: left)

      // A real claim after them is the first thing that the watcher hears.
      var announcer = try Announcer()
      try announcer.announce(ipv6, on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      #expect(try watcher.claims().map(\.kind) == [.neighbourAdvertisement])
      #expect(watcher.malformedFrames == 0)
    }
  }

  @Test("What this host announces itself is no claim of another")
  func ownAnnouncement() async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let virtual = try address("10.77.0.100")
      var watcher = try ClaimWatcher(on: left, for: [virtual])
      var announcer = try Announcer()
      try announcer.announce(virtual, on: left)
      try announcer.announce(virtual, on: right)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      let claims = try watcher.claims()
      #expect(claims.map(\.macAddress) == [right.macAddress, right.macAddress])
    }
  }

  @Test(
    "Of two probes that cross each is heard at the other end, with the Ethernet addresses to compare",
    arguments: ["10.77.0.100", "fd77::100"])
  func crossingProbes(text: String) async throws {
    try await Namespace.withCable { host in
      let virtual = try address(text)
      let ends = try [host.link("left"), host.link("right")]
      var left = try ClaimWatcher(on: ends[0], for: [virtual])
      var right = try ClaimWatcher(on: ends[1], for: [virtual])
      var announcer = try Announcer()
      for end in ends { try announcer.probe(virtual, on: end) }
      #expect(waitUntilReadable(left.fileDescriptors))
      #expect(waitUntilReadable(right.fileDescriptors))
      let (heardLeft, heardRight) = (try left.claims(), try right.claims())
      #expect(heardLeft.map(\.macAddress) == [right.macAddress])
      #expect(heardRight.map(\.macAddress) == [left.macAddress])
      for claim in heardLeft + heardRight {
        #expect(claim.isTentative && claim.address == virtual)
      }
      #expect(left.macAddress.rawValue < right.macAddress.rawValue)
    }
  }

  @Test("A watcher takes other addresses without being made anew")
  func watchOthers() async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let (first, second) = (try address("10.77.0.100"), try address("fd77::100"))
      var watcher = try ClaimWatcher(on: right, for: [first])
      var announcer = try Announcer()
      try watcher.watch([second], on: right)
      try announcer.announce(first, on: left)
      try announcer.announce(second, on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      #expect(try watcher.claims().map(\.address) == [second])
      try watcher.watch([], on: right)
      try announcer.announce(first, on: left)
      try announcer.announce(second, on: left)
      try watcher.watch([first], on: right)
      try announcer.announce(first, on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      #expect(try watcher.claims().map(\.address) == [first, first])
    }
  }

  @Test("The interface receives the group to which a probe for a watched IPv6 address goes")
  func membership() async throws {
    try await Namespace.withCable { host in
      let right = try host.link("right")
      let group = "33:33:ff:ab:cd:ef"  // of ff02::1:ffab:cdef
      var watcher = try ClaimWatcher(on: right, for: [try address("fd77::12ab:cdef")])
      #expect(try host.ipOutput("maddress show dev right").contains(group))
      try watcher.watch([try address("fd77::100")], on: right)
      #expect(try !host.ipOutput("maddress show dev right").contains(group))
    }
  }

  @Test("More addresses than a program holds are watched all the same", arguments: [false, true])
  func tooMany(isIPv6: Bool) async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let addresses = (1...5000).map { number -> IPAddress in
        isIPv6
          ? .v6(IPv6Address(high: 0xfd77_0000_0000_0000 + UInt64(number), low: 1))
          : .v4(IPv4Address(rawValue: 0x0a4d_0000 + UInt32(number)))
      }
      var watcher = try ClaimWatcher(on: right, for: Set(addresses))
      #expect(watcher.isFilteredInKernel == false)
      var announcer = try Announcer()
      try announcer.announce(try address(isIPv6 ? "fd78::1" : "10.78.0.1"), on: left)
      try announcer.announce(addresses[4999], on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      #expect(Set(try watcher.claims().map(\.address)) == [addresses[4999]])
      try watcher.watch([addresses[0]], on: right)
      #expect(watcher.isFilteredInKernel == true)
    }
  }

  @Test("A watcher survives that its link goes down, and hears again when it is up")
  func linkDown() async throws {
    try await Namespace.withCable { host in
      let (left, right) = (try host.link("left"), try host.link("right"))
      let virtual = try address("10.77.0.100")
      var watcher = try ClaimWatcher(on: right, for: [virtual])
      try host.ip("link set right down")
      #expect(try watcher.claims() == [])
      try host.ip("link set right up")
      try host.waitForCarrier()
      var announcer = try Announcer()
      try announcer.announce(virtual, on: left)
      #expect(waitUntilReadable(watcher.fileDescriptors))
      #expect(try watcher.claims().count == 2)
    }
  }

  @Test("A watcher goes over to an interface that took the place of its own")
  func replacedLink() async throws {
    try await Namespace.withCable { host in
      let virtual = Set([try address("10.77.0.100"), try address("fd77::100")])
      var watcher = try ClaimWatcher(on: try host.link("right"), for: virtual)
      try host.ip("link delete left")
      #expect(try watcher.claims() == [])
      try host.layCable()
      let (left, right) = (try host.link("left"), try host.link("right"))
      try watcher.watch(virtual, on: right)
      var announcer = try Announcer()
      for address in virtual { try announcer.announce(address, on: left) }
      #expect(waitUntilReadable(watcher.fileDescriptors))
      let claims = try watcher.claims()
      #expect(Set(claims.map(\.address)) == virtual)
      #expect(claims.allSatisfy { $0.interface == right.index })
    }
  }

  @Test("Sending on a link that is down fails, and names the link")
  func sendDown() async throws {
    try await Namespace.withCable { host in
      try host.ip("link set left down")
      let left = try host.link("left")
      let virtual = try address("10.77.0.100")
      let error = SystemCallError(call: .send, errno: .networkDown, object: "a frame on left")
      #expect(throws: LinkLayerError.callFailed(error)) {
        var announcer = try Announcer()
        try announcer.announce(virtual, on: left)
      }
    }
  }

  @Test("An interface without ARP takes no announcement")
  func noARP() async throws {
    try await Namespace.withCable { host in
      try host.ip("link set left arp off")
      let left = try host.link("left")
      let virtual = try address("10.77.0.100")
      #expect(throws: LinkLayerError.unsuitable(link: "left", .noARP)) {
        var announcer = try Announcer()
        try announcer.announce(virtual, on: left)
      }
    }
  }
}

/// Reads every frame of a type that comes in at a link.
private struct Wiretap: ~Copyable {
  let socket: PacketSocket
  let link: Link

  init(on link: Link, type: UInt16) throws {
    let socket = try PacketSocket()
    try socket.bind(to: link, type: type)
    self.socket = socket
    self.link = link
  }

  /// The next frame; fails when none comes for ten seconds.
  func next() throws -> [UInt8] {
    try #require(waitUntilReadable([socket.fileDescriptor]))
    var frame = [UInt8](repeating: 0, count: PacketSocket.maxFrame)
    let received = try socket.receive(into: &frame, on: link)
    return Array(frame.prefix(try #require(received).count))
  }
}

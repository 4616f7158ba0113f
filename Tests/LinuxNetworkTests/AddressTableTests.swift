import Addresses
import LinuxNetwork
import Testing

@Suite("Address table", .enabled(if: isRoot, "needs root"))
struct AddressTableTests {
  @Test("An added IPv4 address is there as a host prefix with its lifetime")
  func addIPv4() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      let virtual = try address("10.77.0.100")
      var table = try AddressTable()
      #expect(
        try table.apply(.replace(virtual, on: left.index, lifetime: .seconds(50))) == .done)
      let assigned = try #require(try table.addresses().first { $0.address == virtual })
      #expect(assigned.prefixLength == 32)
      #expect(assigned.interface == left.index)
      #expect([.seconds(50), .seconds(49)].contains(assigned.validLifetime))
      #expect(assigned.preferredLifetime == assigned.validLifetime)
      #expect(!assigned.flags.contains(.permanent))
    }
  }

  @Test("An added IPv6 address is usable at once and never a source by choice")
  func addIPv6() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      let virtual = try address("fd77::100")
      var table = try AddressTable()
      try table.apply(.replace(virtual, on: left.index, lifetime: .seconds(50)))
      let assigned = try #require(try table.addresses().first { $0.address == virtual })
      #expect(assigned.prefixLength == 128)
      #expect([.seconds(50), .seconds(49)].contains(assigned.validLifetime))
      #expect(assigned.preferredLifetime == .seconds(0))
      #expect(assigned.flags.isSuperset(of: [.noDuplicateDetection, .deprecated]))
      #expect(!assigned.flags.contains(.tentative))
    }
  }

  @Test("A renewal sets the lifetime anew", arguments: ["10.77.0.100", "fd77::100"])
  func renew(text: String) async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      let virtual = try address(text)
      var table = try AddressTable()
      for lifetime in [AddressLifetime.seconds(5), .seconds(1000), .infinite, .seconds(500)] {
        try table.apply(.replace(virtual, on: left.index, lifetime: lifetime))
      }
      let assigned = try table.addresses().filter { $0.address == virtual }
      #expect(assigned.count == 1)
      #expect([.seconds(500), .seconds(499)].contains(assigned.first?.validLifetime))
    }
  }

  @Test("An address for ever has no end", arguments: ["10.77.0.100", "fd77::100"])
  func infinite(text: String) async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      let virtual = try address(text)
      var table = try AddressTable()
      try table.apply(.replace(virtual, on: left.index, lifetime: .infinite))
      let assigned = try #require(try table.addresses().first { $0.address == virtual })
      #expect(assigned.validLifetime == .infinite)
    }
  }

  @Test(
    "Adding what is there and deleting what isn't are outcomes, not errors",
    arguments: ["10.77.0.100", "fd77::100"])
  func expectedOutcomes(text: String) async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left").index
      let missing = InterfaceIndex(rawValue: 9999)
      let virtual = try address(text)
      var table = try AddressTable()
      let outcomes = try table.apply([
        .delete(virtual, on: left),
        .add(virtual, on: left, lifetime: .seconds(60)),
        .add(virtual, on: left, lifetime: .seconds(60)),
        .delete(virtual, prefixLength: 24, on: left),
        .delete(virtual, on: left),
        .delete(virtual, on: missing),
      ])
      #expect(outcomes == [.absent, .done, .alreadyPresent, .absent, .done, .absent])
    }
  }

  @Test("A refusal carries the kernel's own words, and spares the other changes")
  func refusal() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left").index
      let missing = InterfaceIndex(rawValue: 9999)
      let (first, second) = (try address("10.77.0.100"), try address("10.77.0.101"))
      var table = try AddressTable()
      let outcomes = try table.apply([
        .replace(first, on: left, lifetime: .seconds(60)),
        .replace(first, on: missing, lifetime: .seconds(60)),
        .replace(second, on: left, lifetime: .seconds(60)),
      ])
      let refusal = KernelRefusal(
        request: "RTM_NEWADDR 10.77.0.100/32 on interface 9999", errno: .noDevice,
        message: "ipv4: Device not found")
      #expect(outcomes == [.done, .refused(refusal), .done])
      #expect(throws: NetlinkError.refused(refusal)) {
        var table = try AddressTable()
        try table.apply(.replace(first, on: missing, lifetime: .seconds(60)))
      }
    }
  }

  @Test("The node's own address survives the end of a VIP in its subnet")
  func ownAddressSurvives() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left").index
      let (virtual, own) = (try address("10.77.0.100"), try address("10.77.0.1"))
      var table = try AddressTable()
      var monitor = try NetworkMonitor()
      // The VIP first, as after a reboot: were it a /24, it would now be the primary one.
      try table.apply(.replace(virtual, on: left, lifetime: .seconds(1)))
      try host.ip("address add 10.77.0.1/24 dev left")
      var isGone = false
      while !isGone {
        try #require(waitUntilReadable([monitor.fileDescriptor]))
        isGone = try monitor.receive().contains { event in
          if case .addressRemoved(let assigned) = event {
            assigned.address == virtual
          } else {
            false
          }
        }
      }
      let addresses = LocalAddresses(try table.addresses())
      #expect(addresses.interfaces(with: own) == [left])
      #expect(!addresses.contains(virtual))
      #expect(addresses.hasSubnet(containing: virtual, on: left))
    }
  }

  @Test("An address is deleted wherever it is and whatever its prefix length")
  func deleteEverywhere() async throws {
    try await Namespace.withCable { host in
      try host.ip("address add 10.77.0.100/24 dev right")
      try host.ip("address add 10.77.0.100/32 dev left")
      try host.ip("address add fd77::100/64 dev right nodad")
      try host.ip("address add 10.77.0.1/24 dev left")
      var table = try AddressTable()
      let deleted = try table.deleteEverywhere([
        try address("10.77.0.100"), try address("fd77::100"), try address("10.77.0.200"),
      ])
      #expect(deleted.count == 3)
      #expect(deleted.allSatisfy { $0.1 == .done })
      let left = LocalAddresses(try table.addresses())
      #expect(!left.contains(try address("10.77.0.100")))
      #expect(!left.contains(try address("fd77::100")))
      #expect(left.contains(try address("10.77.0.1")))
    }
  }

  @Test("A thousand addresses are added and deleted in one call", arguments: [false, true])
  func thousand(isIPv6: Bool) async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left").index
      let addresses = (0..<1000).map { number -> IPAddress in
        isIPv6
          ? .v6(IPv6Address(high: 0xfd77_0000_0000_0000, low: UInt64(number + 256)))
          : .v4(IPv4Address(rawValue: 0x0a4d_1000 + UInt32(number)))
      }
      var table = try AddressTable()
      let added = try table.apply(
        addresses.map { .replace($0, on: left, lifetime: .seconds(600)) })
      #expect(added == Array(repeating: .done, count: 1000))
      #expect(Set(try table.addresses().map(\.address)).isSuperset(of: addresses))
      let deleted = try table.deleteEverywhere(Set(addresses))
      #expect(deleted.map(\.1) == Array(repeating: .done, count: 1000))
      #expect(
        try table.apply(addresses.map { .delete($0, on: left) })
          == Array(repeating: .absent, count: 1000))
    }
  }

  @Test("Links are described as ip-link(8) describes them")
  func links() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      #expect(left.macAddress == MACAddress("02:00:0a:4d:00:01"))
      #expect(left.mtu == 1500)
      #expect(left.operationalState == .up)
      #expect(left.flags.isSuperset(of: [.up, .running, .broadcast, .multicast, .carrier]))
      #expect(left.master == nil)
      let loopback = try host.link("lo")
      #expect(loopback.flags.contains(.loopback))
      #expect(loopback.macAddress == nil)
      try host.ip("link add name bridge type bridge")
      try host.ip("link set left master bridge")
      #expect(try host.link("left").master == host.link("bridge").index)
      try host.ip("link set right arp off")
      #expect(try host.link("right").flags.contains(.noARP))
    }
  }
}

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
}

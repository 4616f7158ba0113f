import Addresses
import LinuxNetwork
import Testing

@Suite("Network monitor", .enabled(if: isRoot, "needs root"))
struct NetworkMonitorTests {
  @Test("An address that an operator flushes is reported as removed")
  func flush() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      let virtual = try address("10.77.0.100")
      var table = try AddressTable()
      var monitor = try NetworkMonitor()
      try table.apply(.replace(virtual, on: left.index, lifetime: .seconds(60)))
      try expect(&monitor) { event in
        if case .addressUpdated(let assigned) = event { assigned.address == virtual } else { false }
      }
      try host.ip("address flush dev left")
      try expect(&monitor) { event in
        if case .addressRemoved(let assigned) = event { assigned.address == virtual } else { false }
      }
    }
  }

  @Test(
    "The kernel removes an address whose lifetime ends, and says so",
    arguments: [
      "10.77.0.100", "fd77::100",
    ])
  func expiry(text: String) async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      let virtual = try address(text)
      var table = try AddressTable()
      var monitor = try NetworkMonitor()
      try table.apply(.replace(virtual, on: left.index, lifetime: .seconds(1)))
      try expect(&monitor) { event in
        if case .addressRemoved(let assigned) = event { assigned.address == virtual } else { false }
      }
      #expect(try !table.addresses().contains { $0.address == virtual })
    }
  }

  @Test("An interface that goes down is reported")
  func linkDown() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      #expect(left.isUsable)
      var monitor = try NetworkMonitor()
      try host.ip("link set left down")
      try expect(&monitor) { event in
        if case .linkUpdated(let link) = event {
          link.index == left.index && !link.isUsable
        } else {
          false
        }
      }
    }
  }

  @Test("Lost notifications are an event, and later ones are heard again")
  func overrun() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left").index
      let virtual = try address("10.77.0.100")
      var table = try AddressTable()
      var monitor = try NetworkMonitor()
      let changes = (0..<2000).map { _ in
        AddressChange.replace(virtual, on: left, lifetime: .seconds(600))
      }
      for _ in 0..<4 { _ = try table.apply(changes) }
      try expect(&monitor) { $0 == .overrun }
      while try !monitor.receive().isEmpty {}
      try table.apply(.delete(virtual, on: left))
      try expect(&monitor) { event in
        if case .addressRemoved(let assigned) = event { assigned.address == virtual } else { false }
      }
    }
  }

  @Test("An interface that is removed is reported")
  func linkRemoved() async throws {
    try await Namespace.withCable { host in
      let left = try host.link("left")
      var monitor = try NetworkMonitor()
      try host.ip("link delete left")
      try expect(&monitor) { event in
        if case .linkRemoved(let link) = event {
          link.name == "left" && link.index == left.index
        } else {
          false
        }
      }
    }
  }

  /// Reads events until one is as wanted; fails when none comes for ten seconds.
  private func expect(
    _ monitor: inout NetworkMonitor, _ isWanted: (NetworkEvent) -> Bool
  ) throws {
    while true {
      try #require(waitUntilReadable([monitor.fileDescriptor]))
      if try monitor.receive().contains(where: isWanted) { return }
    }
  }
}

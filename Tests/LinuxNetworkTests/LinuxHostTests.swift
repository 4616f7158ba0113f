import Addresses
import FailoverCore
import LinuxNetwork
import Logging
import Testing

@testable import Kernel

/// What a host reported.
private final class Reports {
  var events: [HostNetworkEvent] = []
}

extension Namespace {
  fileprivate func host(
    watching addresses: [VirtualAddress]
  ) throws -> (host: LinuxHost, reports: Reports) {
    let reports = Reports()
    let descriptors = try #require(DescriptorWatch())
    let host = try LinuxHost(
      descriptors: descriptors, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { reports.events.append($0) }
    host.watch(addresses)
    // The host's own addresses are news once; what follows is the test's.
    reports.events = []
    return (host, reports)
  }

  /// Reads what the kernel tells until a report satisfies a condition.
  fileprivate func wait(
    _ host: LinuxHost, _ reports: Reports, for condition: (HostNetworkEvent) -> Bool
  ) throws {
    while !reports.events.contains(where: condition) {
      try #require(waitUntilReadable([host.monitor.fileDescriptor]), "\(reports.events)")
      host.readable(host.monitor.fileDescriptor)
    }
  }

  /// Gives addresses to an interface as another program does, and waits until they can be used.
  fileprivate func addUsable(_ prefixes: [String], to name: String) throws {
    for prefix in prefixes {
      var monitor = try NetworkMonitor()
      let wanted = try address(String(prefix.prefix { $0 != "/" }))
      try ip("address add \(prefix) dev \(name)" + (wanted.hostPrefixLength == 128 ? " nodad" : ""))
      var isUsable = false
      while !isUsable {
        try #require(waitUntilReadable([monitor.fileDescriptor]))
        for case .addressUpdated(let assigned) in try monitor.receive() {
          isUsable = isUsable || assigned.address == wanted
        }
      }
    }
  }

  /// Every copy of an address here, as `interface/length`, with `!` behind one without a lifetime.
  fileprivate func copies(of text: String) throws -> Set<String> {
    var table = try AddressTable()
    let names = Dictionary(uniqueKeysWithValues: try table.links().map { ($0.index, $0.name) })
    let wanted = try address(text)
    return Set(
      try table.addresses().filter { $0.address == wanted }.map {
        "\(names[$0.interface] ?? "?")/\($0.prefixLength)"
          + ($0.validLifetime == .infinite ? "!" : "")
      })
  }
}

private func virtual(_ text: String, dev interface: String = "left") throws -> VirtualAddress {
  VirtualAddress(
    address: try address(text), interface: interface, subnetPrefixLength: 24)
}

@Suite(.enabled(if: isRoot, "needs root")) struct LinuxHostTests {
  @Test func `What one group's question finds of another's address is reported to the other`()
    async throws
  {
    try await Namespace.withCable { namespace in
      let (mine, other) = (try virtual("10.77.0.100"), try virtual("10.77.0.101"))
      let (host, reports) = try namespace.host(watching: [mine, other])
      try namespace.addUsable(["10.77.0.100/32", "10.77.0.101/32"], to: "left")
      #expect(host.present(among: [mine]).map(\.virtualAddress) == [mine])
      #expect(reports.events.contains(.appeared(other)))
      #expect(!reports.events.contains(.appeared(mine)))
    }
  }

  @Test func `A carrier that goes and comes is reported, once each`() async throws {
    try await Namespace.withCable { namespace in
      let vip = try virtual("10.77.0.100")
      let (host, reports) = try namespace.host(watching: [vip])
      #expect(host.canCarry(vip))
      try namespace.ip("link set right down")
      try namespace.wait(host, reports) { $0 == .linkLost([vip]) }
      #expect(!host.canCarry(vip))
      #expect(host.troubles(of: vip).first == .carrierLost("left"))
      #expect(host.install([vip], for: .seconds(60)).isEmpty, "without a carrier, but it is up")
      try namespace.ip("link set right up")
      try namespace.wait(host, reports) { $0 == .linkRestored([vip]) }
      #expect(reports.events.count { $0 == .linkLost([vip]) } == 1)
    }
  }

  @Test func `An interface that is taken away and made again is followed by its name`() async throws
  {
    try await Namespace.withCable { namespace in
      let vip = try virtual("10.77.0.100")
      let (host, reports) = try namespace.host(watching: [vip])
      try namespace.ip("link del left")
      try namespace.wait(host, reports) { $0 == .linkLost([vip]) }
      #expect(host.troubles(of: vip) == [.interfaceMissing])
      #expect(host.install([vip], for: .seconds(60)).count == 1)
      try namespace.layCable()
      try namespace.wait(host, reports) { $0 == .linkRestored([vip]) }
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
    }
  }

  @Test func `A renamed interface is no longer there under its old name`() async throws {
    try await Namespace.withCable { namespace in
      let vip = try virtual("10.77.0.100")
      let (host, reports) = try namespace.host(watching: [vip])
      try namespace.ip("link set left down")
      try namespace.ip("link set left name other")
      try namespace.ip("link set other up")
      try namespace.wait(host, reports) { $0 == .linkLost([vip]) }
      while host.troubles(of: vip) != [.interfaceMissing] {
        try #require(waitUntilReadable([host.monitor.fileDescriptor]))
        host.readable(host.monitor.fileDescriptor)
      }
    }
  }

  @Test func `Another name of an interface is as good as its name`() async throws {
    try await Namespace.withCable { namespace in
      try namespace.ip("link property add dev left altname enp1s0-of-this-host")
      let vip = try virtual("10.77.0.100", dev: "enp1s0-of-this-host")
      let (host, _) = try namespace.host(watching: [vip])
      #expect(host.interfaceName(of: vip) == "left")
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      #expect(try namespace.copies(of: "10.77.0.100") == ["left/32"])
    }
  }

  @Test func `dev auto follows the subnet to another interface, and the address with it`()
    async throws
  {
    try await Namespace.withCable { namespace in
      try namespace.ip("address add 10.77.0.1/24 dev left")
      let vip = try virtual("10.77.0.100", dev: "auto")
      let (host, reports) = try namespace.host(watching: [vip])
      #expect(host.interfaceName(of: vip) == "left")
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      try namespace.ip("address del 10.77.0.1/24 dev left")
      try namespace.ip("address add 10.77.0.1/24 dev right")
      while host.interfaceName(of: vip) != "right" {
        try #require(waitUntilReadable([host.monitor.fileDescriptor]))
        host.readable(host.monitor.fileDescriptor)
      }
      #expect(reports.events.contains(.linkRestored([vip])), "to be announced there")
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      #expect(try namespace.copies(of: "10.77.0.100") == ["right/32"])
    }
  }

  @Test(arguments: [
    ("10.77.0.1/24", "10.77.0.100/24", "10.77.0.100", "left/32"),
    ("10.77.0.1/24", "10.77.0.100/32", "10.77.0.100", "left/32"),
    ("fd77::1/64", "fd77::100/64", "fd77::100", "left/128"),
    ("fd77::1/64", "fd77::100/128", "fd77::100", "left/128"),
  ])
  func `What another program left is leased, and no copy stays beside it`(
    own: String, left: String, text: String, leased: String
  ) async throws {
    try await Namespace.withCable { namespace in
      try namespace.addUsable([own, left], to: "left")
      try namespace.addUsable([String(left.prefix { $0 != "/" })], to: "right")
      let vip = try virtual(text)
      let (host, _) = try namespace.host(watching: [vip])
      #expect(host.present(among: [vip]).contains { $0.remaining == nil })
      let connection = try Connection(
        from: try address(String(own.split(separator: "/")[0])),
        to: Endpoint(address: vip.address, port: 6_379))
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      #expect(try namespace.copies(of: text) == [leased])
      #expect(
        try namespace.copies(of: String(own.split(separator: "/")[0]))
          == ["left/\(own.split(separator: "/")[1])!"])
      try connection.talk()
      let routes = try namespace.ipOutput("route show table main dev left")
      let routes6 = try namespace.ipOutput("-6 route show table main dev left")
      #expect(routes.contains("10.77.0.0/24") || routes6.contains("fd77::/64"))
      #expect(!routes6.contains("fd77::/64 proto kernel metric 256 expires"), "\(routes6)")
    }
  }

  @Test func `A copy that is added beside the leased one goes with the next renewal`() async throws
  {
    try await Namespace.withCable { namespace in
      try namespace.ip("address add 10.77.0.1/24 dev left")
      let vip = try virtual("10.77.0.100")
      let (host, reports) = try namespace.host(watching: [vip])
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      try namespace.ip("address add 10.77.0.100/24 dev left")
      try namespace.ip("address add 10.77.0.9/24 dev left")
      try namespace.wait(host, reports) { $0 == .ownAddressesChanged }
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      #expect(try namespace.copies(of: "10.77.0.100") == ["left/32"])
      #expect(try namespace.copies(of: "10.77.0.9") == ["left/24!"])
    }
  }

  @Test func `A copy that has others hanging on it stays, and is told`() async throws {
    try await Namespace.withCable { namespace in
      try namespace.ip("address add 10.77.0.100/24 dev left")
      try namespace.ip("address add 10.77.0.1/24 dev left")
      let vip = try virtual("10.77.0.100")
      let (host, _) = try namespace.host(watching: [vip])
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      #expect(try namespace.copies(of: "10.77.0.100") == ["left/32", "left/24!"])
      #expect(host.troubles(of: vip) == [.staticCopy(prefixLength: 24, interface: "left")])
      #expect(host.remove([vip]).isEmpty)
      #expect(try namespace.copies(of: "10.77.0.1") == ["left/24!"])
    }
  }

  @Test func `An IPv6 address serves at once on a link that looks for duplicates`() async throws {
    try await Namespace.withCable { namespace in
      // With duplicate address detection this one would never leave the tentative state.
      try namespace.ip("address add fd77::100/64 dev right nodad")
      let vip = try virtual("fd77::100")
      let (host, _) = try namespace.host(watching: [vip])
      #expect(host.install([vip], for: .seconds(60)).isEmpty)
      var table = try AddressTable()
      let left = try namespace.link("left").index
      let assigned = try #require(
        try table.addresses().first { $0.address == vip.address && $0.interface == left })
      #expect(assigned.flags.contains(.noDuplicateDetection))
      #expect(assigned.flags.isDisjoint(with: [.tentative, .duplicateFound]))
    }
  }
}

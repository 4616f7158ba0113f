import Addresses
import FailoverCore
import LinuxNetwork
import Testing

@testable import Kernel

private func link(
  _ index: UInt32, _ name: String, flags: Link.Flags = [.up, .running], _ others: [String] = []
) -> Link {
  Link(
    index: InterfaceIndex(rawValue: index), name: name,
    macAddress: MACAddress(rawValue: UInt64(index)),
    mtu: 1_500, flags: flags, operationalState: .up, alternativeNames: others)
}

private func assigned(
  _ text: String, on index: UInt32, flags: AssignedAddress.Flags = [.permanent]
) throws -> AssignedAddress {
  let prefix = try #require(Prefix(text))
  return AssignedAddress(
    address: prefix.address, prefixLength: prefix.length,
    interface: InterfaceIndex(rawValue: index), validLifetime: .infinite,
    preferredLifetime: .infinite, flags: flags)
}

private func virtual(_ text: String, dev interface: String) throws -> VirtualAddress {
  VirtualAddress(
    address: try #require(IPAddress(text)), interface: interface, subnetPrefixLength: 24)
}

private func table(
  _ links: [Link], _ addresses: [String: UInt32] = [:], virtual: [String] = []
) throws -> LinkTable {
  var table = LinkTable()
  for link in links { table.links[link.index] = link }
  table.assigned = try addresses.sorted { $0.key < $1.key }.map {
    try assigned($0.key, on: $0.value)
  }
  table.virtual = Set(virtual.compactMap { IPAddress($0) })
  return table
}

@Suite struct LinkTableTests {
  private let eth0 = link(2, "eth0", ["enp1s0", "wan"])
  private let eth1 = link(3, "eth1")

  @Test func `An interface is found by its name and by each other name of it`() throws {
    let table = try table([eth0, eth1])
    for name in ["eth0", "enp1s0", "wan"] {
      #expect(table.choice(for: try virtual("10.77.0.100", dev: name)) == .link(eth0))
    }
    #expect(table.choice(for: try virtual("10.77.0.100", dev: "eth9")) == .missing)
  }

  @Test func `A name counts before another interface's other name`() throws {
    let table = try table([eth0, link(4, "wan")])
    #expect(table.choice(for: try virtual("10.77.0.100", dev: "wan")).link?.index.rawValue == 4)
  }

  @Test func `dev auto is the interface whose smallest subnet holds the address`() throws {
    let table = try table([eth0, eth1], ["10.77.0.1/16": 2, "10.77.0.2/24": 3, "fd77::1/64": 2])
    #expect(table.choice(for: try virtual("10.77.0.100", dev: "auto")) == .link(eth1))
    #expect(table.choice(for: try virtual("10.77.9.100", dev: "auto")) == .link(eth0))
    #expect(table.choice(for: try virtual("fd77::100", dev: "auto")) == .link(eth0))
  }

  @Test func `dev auto is refused where no subnet, or two alike, hold the address`() throws {
    let table = try table([eth0, eth1], ["10.77.0.1/24": 2, "10.77.0.2/24": 3])
    #expect(
      table.choice(for: try virtual("10.77.0.100", dev: "auto")) == .several(["eth0", "eth1"]))
    #expect(table.choice(for: try virtual("10.78.0.100", dev: "auto")) == .noSubnet)
  }

  @Test func `A virtual address says nothing of a subnet`() throws {
    let table = try table([eth0], ["10.77.0.100/24": 2], virtual: ["10.77.0.100"])
    #expect(table.choice(for: try virtual("10.77.0.100", dev: "auto")) == .noSubnet)
  }

  @Test func `Copies beside the leased one go, and the node's own addresses never`() throws {
    let secondary = AssignedAddress.Flags([.secondary, .permanent])
    let all = [
      try assigned("10.77.0.1/24", on: 2), try assigned("10.77.0.100/32", on: 2),
      try assigned("10.77.0.100/24", on: 2, flags: secondary),
      try assigned("10.77.0.100/32", on: 3), try assigned("10.77.0.101/24", on: 3),
    ]
    let one = try #require(IPAddress("10.77.0.100"))
    let other = try #require(IPAddress("10.77.0.101"))
    let places = [one: InterfaceIndex(rawValue: 2), other: InterfaceIndex(rawValue: 2)]
    #expect(all.strayCopies(of: places) == [all[2], all[3]], "a primary takes others along")
  }
}

@Suite struct AddressTroubleTests {
  private let own = ["10.77.0.1/24": UInt32(2), "fd77::1/64": 2]

  private func troubles(
    _ addresses: [String: UInt32], of text: String = "10.77.0.100", dev: String = "eth0",
    link: Link = link(2, "eth0"), settings: HostSettings = HostSettings()
  ) throws -> [AddressTrouble] {
    let table = try table([link], addresses, virtual: [text])
    let address = try virtual(text, dev: dev)
    return table.troubles(of: address, at: table.choice(for: address), settings)
  }

  @Test func `Nothing is wrong on an interface that is up and in the subnet`() throws {
    #expect(try troubles(own).isEmpty)
    #expect(try troubles(own, of: "fd77::100").isEmpty)
  }

  @Test func `A missing carrier, a link that is down and one that is not there are told apart`()
    throws
  {
    #expect(try troubles(own, link: link(2, "eth0", flags: [.up])) == [.carrierLost("eth0")])
    #expect(try troubles(own, link: link(2, "eth0", flags: [])) == [.interfaceDown("eth0")])
    #expect(try troubles(own, dev: "eth7") == [.interfaceMissing])
    #expect(try troubles([:], dev: "auto") == [.noInterface])
  }

  @Test func `No address in the subnet is trouble, unless a route leads there`() throws {
    #expect(try troubles(["10.78.0.1/24": 2]) == [.noSubnet("eth0")])
    var settings = HostSettings()
    settings.onLink = ["eth0": [try #require(Prefix("10.77.0.0/24"))]]
    #expect(try troubles(["10.78.0.1/24": 2], settings: settings).isEmpty)
    settings.onLink = ["eth1": [try #require(Prefix("10.77.0.0/24"))]]
    settings.pathFiltered = ["eth0"]
    #expect(
      try troubles(["10.78.0.1/24": 2], settings: settings)
        == [.pathFiltered("eth0"), .noSubnet("eth0")])
  }

  @Test func `A copy that can't be removed is told, with its prefix length`() throws {
    #expect(
      try troubles(["10.77.0.100/24": 2, "10.78.0.1/24": 2])
        == [.staticCopy(prefixLength: 24, interface: "eth0"), .noSubnet("eth0")])
  }

  @Test func `Settings that keep an address from serving count for its family only`() throws {
    var settings = HostSettings()
    settings.ipv6Off = ["eth0"]
    #expect(try troubles(own, settings: settings).isEmpty)
    #expect(
      try troubles(["10.77.0.1/24": 2], of: "fd77::100", settings: settings) == [.ipv6Off("eth0")])
    settings = HostSettings()
    settings.arpIgnored = ["eth0"]
    #expect(try troubles(own, settings: settings) == [.arpIgnored("eth0")])
    #expect(try troubles(own, of: "fd77::100", settings: settings).isEmpty)
  }

  @Test func `The sentence names the addresses, and the move where the address is here`() throws {
    let one = try virtual("10.77.0.100", dev: "eth0")
    let trouble = AddressTrouble.carrierLost("eth0")
    #expect(
      trouble.sentence(of: [one], move: "vipctl move m")
        == "eth0 of 10.77.0.100 has no carrier: clients can't reach the address; fix the cable or "
        + "the switch port, or move the master: vipctl move m")
    #expect(
      trouble.sentence(of: [one, try virtual("10.77.0.101", dev: "eth0")], move: nil)
        == "eth0 of 10.77.0.100 and 1 more has no carrier: a failover to this host would leave "
        + "clients without the address; fix the cable or the switch port")
    #expect(
      AddressTrouble.noSubnet("eth0").sentence(of: [one], move: nil)
        .hasSuffix("ip route add 10.77.0.0/24 dev eth0"))
  }
}

import Addresses
import FailoverCore
import LinuxNetwork
import Testing

@testable import Kernel

/// What a kernel has, as a test says it.
private func kernel(_ texts: String...) throws -> [AssignedAddress] {
  try texts.map { text in
    let prefix = try #require(Prefix(text))
    return AssignedAddress(
      address: prefix.address, prefixLength: prefix.length,
      interface: InterfaceIndex(rawValue: 2), validLifetime: .infinite,
      preferredLifetime: .infinite)
  }
}

private func virtual(_ text: String, dev interface: String = "eth0") throws -> VirtualAddress {
  VirtualAddress(
    address: try #require(IPAddress(text)), interface: interface, subnetPrefixLength: 24)
}

@Suite struct AddressPresenceTests {
  /// A host that watches the addresses of two groups, and has its own one.
  private func presence(
    _ mine: VirtualAddress, _ other: VirtualAddress
  ) throws -> AddressPresence {
    var presence = AddressPresence()
    let newcomers = presence.watch([mine, other])
    #expect(newcomers == [mine, other])
    let news = presence.take(try kernel("10.77.0.1/24"), askedFor: [mine, other])
    #expect(news == [.ownAddressesChanged])
    return presence
  }

  @Test func `A question of one group tells the others what it finds of theirs`() throws {
    let (mine, other) = (try virtual("10.77.0.100"), try virtual("10.77.0.101"))
    var presence = try presence(mine, other)
    let all = try kernel("10.77.0.1/24", "10.77.0.100/32", "10.77.0.101/32")
    let found = presence.take(all, askedFor: [mine])
    #expect(found == [.appeared(other)])
    #expect(presence.present == [mine, other])
    // The kernel's own word of it comes later, and is no difference.
    let later = presence.take(all, askedFor: [])
    #expect(later.isEmpty)
    let lost = presence.take(try kernel("10.77.0.1/24"), askedFor: [mine])
    #expect(lost == [.vanished(other)])
  }

  @Test func `A loss that was mended before it could be told is no news any more`() throws {
    let (mine, other) = (try virtual("10.77.0.100"), try virtual("10.77.0.101"))
    var presence = try presence(mine, other)
    let found = presence.take(
      try kernel("10.77.0.1/24", "10.77.0.100/32", "10.77.0.101/32"), askedFor: [])
    #expect(found.allSatisfy(presence.holds))
    // `networkctl reconfigure` takes both; whoever hears of the first puts both back.
    let lost = presence.take(try kernel("10.77.0.1/24"), askedFor: [])
    #expect(Set(lost.map { "\($0)" }).count == 2)
    #expect(lost.allSatisfy(presence.holds))
    let installed = [presence.installed(mine), presence.installed(other)]
    #expect(installed == [true, true])
    #expect(!lost.contains(where: presence.holds))
  }

  @Test func `The host's own addresses are everybody's news, whoever asked`() throws {
    let (mine, other) = (try virtual("10.77.0.100"), try virtual("10.77.0.101"))
    var presence = try presence(mine, other)
    let news = presence.take(
      try kernel("10.77.0.1/24", "10.88.0.1/24"), askedFor: [mine, other])
    #expect(news == [.ownAddressesChanged])
    #expect(presence.isOwn(try #require(IPAddress("10.88.0.1"))))
  }

  @Test func `A change of what is watched swallows nothing of what was watched before`() throws {
    let (mine, other) = (try virtual("10.77.0.100"), try virtual("10.77.0.101"))
    var presence = try presence(mine, other)
    let third = try virtual("10.77.0.102")
    let newcomers = presence.watch([mine, other, third])
    #expect(newcomers == [third])
    let all = try kernel("10.77.0.1/24", "10.77.0.101/32", "10.77.0.102/32")
    let news = presence.take(all, askedFor: newcomers)
    #expect(news == [.appeared(other)])
    #expect(presence.present == [other, third])
  }

  @Test func `An address whose interface changed in the configuration is another one`() throws {
    let (mine, other) = (try virtual("10.77.0.100"), try virtual("10.77.0.101"))
    var presence = try presence(mine, other)
    let installed = [presence.installed(mine), presence.installed(mine)]
    #expect(installed == [true, false])
    let elsewhere = try virtual("10.77.0.100", dev: "eth1")
    let newcomers = presence.watch([elsewhere, other])
    #expect(newcomers == [elsewhere] && presence.present.isEmpty)
    let wasThere = presence.removed(mine)
    #expect(!wasThere)
  }
}

package import Addresses
package import FailoverCore
package import LinuxNetwork

extension [AssignedAddress] {
  /// Those of some virtual addresses that may be removed.
  ///
  /// As a /32 or /128 it was installed as a virtual address. With a subnet's prefix length it may
  /// also be the node's own, which must never go: a mistake in the configuration must not take a
  /// host off the net. An address that somebody added by hand beside the node's own is *secondary*
  /// (IPv4, `net/ipv4/devinet.c`), or not the only one of its subnet there (IPv6).
  package func movable(_ addresses: Set<IPAddress>) -> [AssignedAddress] {
    filter { addresses.contains($0.address) && isMovable($0) }
  }

  /// Whether an address is none of the node's own.
  func isMovable(_ assigned: AssignedAddress) -> Bool {
    if assigned.prefixLength == assigned.address.hostPrefixLength { return true }
    switch assigned.address {
    case .v4: return assigned.flags.contains(.secondary) || isAlone(assigned)
    case .v6(let address):
      return contains { other in
        other.interface == assigned.interface && other.address != assigned.address
          && other.prefixLength < 128 && !address.isLinkLocal
          && other.prefix?.contains(assigned.address) == true
      }
    }
  }
}

extension [AssignedAddress] {
  /// Whether an IPv4 address is the only one of its prefix length on an interface whose others have
  /// it in their subnets.
  ///
  /// The host stays in the network without it. What is secondary to an address goes with it
  /// (`net/ipv4/devinet.c __inet_del_ifa`): of the same subnet and length, so there is nothing.
  private func isAlone(_ assigned: AssignedAddress) -> Bool {
    let around = filter { other in
      other.interface == assigned.interface && other.address != assigned.address
        && other.prefixLength < other.address.hostPrefixLength
        && other.prefix?.contains(assigned.address) == true
    }
    return !around.isEmpty && around.allSatisfy { $0.prefixLength != assigned.prefixLength }
  }
}

extension LinkTable {
  /// What keeps a virtual address from serving on this host, at the place where it belongs.
  package func troubles(
    of address: VirtualAddress, at place: Choice, _ settings: HostSettings
  ) -> [AddressTrouble] {
    let link: Link
    switch place {
    case .link(let found): link = found
    case .missing: return [.interfaceMissing]
    case .noSubnet: return [.noInterface]
    case .several(let names): return [.severalInterfaces(names)]
    }
    var troubles: [AddressTrouble] = []
    if !link.flags.contains(.up) {
      troubles.append(.interfaceDown(link.name))
    } else if !link.isUsable {
      troubles.append(.carrierLost(link.name))
    }
    for copy in staticCopies where copy.address == address.address {
      let name = links[copy.interface]?.name ?? "an interface"
      troubles.append(.staticCopy(prefixLength: copy.prefixLength, interface: name))
    }
    let isNeighbour =
      hasSubnet(containing: address.address, on: link.index)
      || settings.reaches(address.address, on: link.name)
    switch address.address {
    case .v4:
      if settings.arpIgnored.contains(link.name) { troubles.append(.arpIgnored(link.name)) }
      if !isNeighbour, settings.pathFiltered.contains(link.name) {
        troubles.append(.pathFiltered(link.name))
      }
    case .v6:
      // Without IPv6 there can be no subnet either.
      if settings.ipv6Off.contains(link.name) { return troubles + [.ipv6Off(link.name)] }
    }
    // A link that is down has no routes, and IPv6 addresses go with it.
    if !isNeighbour, link.flags.contains(.up) { troubles.append(.noSubnet(link.name)) }
    return troubles
  }
}

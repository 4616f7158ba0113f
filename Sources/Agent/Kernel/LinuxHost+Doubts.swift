import Addresses
import FailoverCore
import LinuxNetwork

extension [AssignedAddress] {
  /// Those of some virtual addresses that may be removed.
  ///
  /// As a /32 or /128 it was installed as a virtual address. With a subnet's prefix length it may
  /// also be the node's own, which must never go: a mistake in the configuration must not take a
  /// host off the net. An address that somebody added by hand beside the node's own is *secondary*
  /// (IPv4, `net/ipv4/devinet.c`), or not the only one of its subnet there (IPv6).
  func movable(_ addresses: Set<IPAddress>) -> [AssignedAddress] {
    filter { addresses.contains($0.address) && isMovable($0) }
  }

  /// Whether an address is none of the node's own.
  func isMovable(_ assigned: AssignedAddress) -> Bool {
    if assigned.prefixLength == assigned.address.hostPrefixLength { return true }
    switch assigned.address {
    case .v4: return assigned.flags.contains(.secondary)
    case .v6(let address):
      return contains { other in
        other.interface == assigned.interface && other.address != assigned.address
          && other.prefixLength < 128 && !address.isLinkLocal
          && other.prefix?.contains(assigned.address) == true
      }
    }
  }
}

extension LinuxHost {
  func doubts(about address: VirtualAddress) -> [String] {
    guard let link = links[address.interface] else {
      return ["\(address): this host has no interface of that name"]
    }
    guard let assigned = try? table.addresses() else { return [] }
    var doubts: [String] = []
    for own in assigned where own.address == address.address && !assigned.isMovable(own) {
      doubts.append(
        "\(address) is there with /\(own.prefixLength): an address of this node, or of another "
          + "program, which is left alone. A virtual address must be nobody's own")
    }
    if !LocalAddresses(assigned).hasSubnet(containing: address.address, on: link.index) {
      doubts.append(
        "\(address) is in no subnet of the interface: hosts on the link will not look for it there")
    }
    return doubts
  }
}

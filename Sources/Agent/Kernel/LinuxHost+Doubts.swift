import Addresses
import FailoverCore
import LinuxNetwork

extension AssignedAddress {
  /// Whether it is a /32 or /128, as every virtual address is installed.
  ///
  /// Anything else is the node's own or another program's, and is never removed: a mistake in the
  /// configuration must not take a host off the net.
  var isHostPrefix: Bool { prefixLength == address.hostPrefixLength }
}

extension LinuxHost {
  func doubts(about address: VirtualAddress) -> [String] {
    guard let link = links[address.interface] else {
      return ["\(address): this host has no interface of that name"]
    }
    guard let assigned = try? table.addresses() else { return [] }
    var doubts: [String] = []
    for own in assigned where own.address == address.address && !own.isHostPrefix {
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

public import Addresses

/// One change to the kernel's table of addresses.
///
/// An address is always added as a host prefix, /32 or /128. A /24 that happens to be the first of
/// its subnet on an interface becomes *primary*, and its expiry takes the node's own address along
/// (`net/ipv4/devinet.c __inet_del_ifa`).
///
/// An IPv4 address can be used when the call returns. IPv6 is different: the kernel puts the route
/// that lets packets in from a work queue (`addrconf.c addrconf_dad_work`), some tens of
/// microseconds later or more on a busy host, and until then a connection attempt is lost and
/// costs its client a second. `NetworkEvent.addressUpdated` says when that is done: announce then.
public enum AddressChange: Hashable, Sendable {
  /// Adds an address that should not be there yet (`ip addr add`).
  case add(IPAddress, on: InterfaceIndex, lifetime: AddressLifetime)
  /// Adds an address, or renews the lifetime of the one that is there (`ip addr replace`).
  ///
  /// The kernel adds the address also where it has just expired: whoever renews has to know that
  /// it is still right to hold it.
  case replace(IPAddress, on: InterfaceIndex, lifetime: AddressLifetime)
  /// Removes an address with this prefix length; another length is another address.
  case delete(IPAddress, prefixLength: UInt8, on: InterfaceIndex)

  /// Removes an address that was added as a host prefix.
  public static func delete(_ address: IPAddress, on interface: InterfaceIndex) -> AddressChange {
    .delete(address, prefixLength: address.hostPrefixLength, on: interface)
  }
}

/// What the kernel made of one change.
public enum AddressChangeOutcome: Equatable, Sendable {
  /// The change was made.
  case done
  /// The address to add was there already; its lifetime is unchanged.
  case alreadyPresent
  /// The address to delete, or its whole interface, was not there.
  case absent
  /// The kernel refused.
  case refused(KernelRefusal)
}

extension AddressChange: CustomStringConvertible {
  /// The netlink request with its object, as an error shows it.
  public var description: String {
    switch self {
    case .add(let address, let interface, _), .replace(let address, let interface, _):
      "RTM_NEWADDR \(address)/\(address.hostPrefixLength) on interface \(interface)"
    case .delete(let address, let length, let interface):
      "RTM_DELADDR \(address)/\(length) on interface \(interface)"
    }
  }
}

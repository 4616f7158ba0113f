import Addresses
package import FailoverCore

/// Something about this host that keeps a virtual address from serving here, now or once it comes.
package enum AddressTrouble: Hashable, Sendable {
  /// No interface has the name, or the other name, that the configuration says.
  case interfaceMissing
  /// `dev auto`, and no interface has an address in a subnet that holds the virtual one.
  case noInterface
  /// `dev auto`, and several interfaces have such an address.
  case severalInterfaces([String])
  /// Somebody set the interface down.
  case interfaceDown(String)
  /// The interface has no carrier.
  case carrierLost(String)
  /// No address and no route of the interface covers the virtual address.
  case noSubnet(String)
  /// Another program's copy of the address is there, and can't be removed without harm.
  case staticCopy(prefixLength: UInt8, interface: String)
  /// IPv6 is switched off on the interface.
  case ipv6Off(String)
  /// The interface answers no ARP at all.
  case arpIgnored(String)
  /// The interface drops what comes from a source that it has no route to.
  case pathFiltered(String)

  /// The troubles of some addresses in order, each with those that have it.
  package static func grouped(
    _ addresses: [VirtualAddress], _ troubles: (VirtualAddress) -> [AddressTrouble]
  ) -> [(trouble: AddressTrouble, addresses: [VirtualAddress])] {
    var order: [AddressTrouble] = []
    var whose: [AddressTrouble: [VirtualAddress]] = [:]
    for address in addresses {
      for trouble in troubles(address) {
        if whose[trouble] == nil { order.append(trouble) }
        whose[trouble, default: []].append(address)
      }
    }
    return order.map { ($0, whose[$0] ?? []) }
  }

  /// The label of the metric.
  package var label: String {
    switch self {
    case .interfaceMissing, .noInterface, .severalInterfaces: "interface-missing"
    case .interfaceDown: "interface-down"
    case .carrierLost: "carrier-lost"
    case .noSubnet: "no-subnet"
    case .staticCopy: "address-static"
    case .ipv6Off: "ipv6-off"
    case .arpIgnored: "sysctl-arp-ignore"
    case .pathFiltered: "sysctl-rp-filter"
    }
  }

  /// Whether the interface can't carry traffic.
  var isOfLink: Bool {
    switch self {
    case .interfaceMissing, .noInterface, .severalInterfaces, .interfaceDown, .carrierLost: true
    case .noSubnet, .staticCopy, .ipv6Off, .arpIgnored, .pathFiltered: false
    }
  }

  /// The cause, then what to do.
  ///
  /// `move` is the command that brings the master elsewhere; nothing if the address is not here.
  package func sentence(of addresses: [VirtualAddress], move: String?) -> String {
    guard let first = addresses.first else { return label }
    let others = addresses.count == 1 ? "" : " and \(addresses.count - 1) more"
    let which = "\(first.address)\(others)"
    switch self {
    case .interfaceMissing:
      return "the interface \(first.interface) of \(which) does not exist: create it, or name "
        + "another in the 'vip' line (ip link shows all)"
    case .noInterface:
      return "no interface has an address in a subnet that holds \(which): add one, or name the "
        + "interface in the 'vip' line instead of auto"
    case .severalInterfaces(let names):
      return "\(names.joined(separator: " and ")) are in the subnet of \(which): name one of them "
        + "in the 'vip' line instead of auto"
    case .interfaceDown(let name):
      return "\(name) of \(which) is down, \(Self.cost(move)): ip link set \(name) up"
    case .carrierLost(let name):
      return "\(name) of \(which) has no carrier: \(Self.cost(move)); fix the cable or the switch "
        + "port" + (move.map { ", or move the master: \($0)" } ?? "")
    case .noSubnet(let name):
      return "\(name) has no address in the subnet of \(which), so it can't answer its neighbours: "
        + "give it one, or a route: ip route add \(Self.subnet(of: first)) dev \(name)"
    case .staticCopy(let length, let interface):
      return
        "\(first.address)/\(length) is configured on \(interface) by another program, and can't be "
        + "taken from it: remove it from netplan, networkd or keepalived, or two hosts can have it"
    case .ipv6Off(let name):
      return "IPv6 is off on \(name), so \(which) can't be there: "
        + "sysctl net.ipv6.conf.\(Self.sysctl(name)).disable_ipv6=0"
    case .arpIgnored(let name):
      return "\(name) answers no ARP (arp_ignore is 8), so no neighbour finds \(which): "
        + "sysctl net.ipv4.conf.\(Self.sysctl(name)).arp_ignore=0, and all.arp_ignore likewise"
    case .pathFiltered(let name):
      return "\(name) drops what its neighbours send to \(which), for no route to them leads back "
        + "there (rp_filter is 1): add a route, or set net.ipv4.conf.\(Self.sysctl(name)).rp_filter=2"
    }
  }

  private static func cost(_ move: String?) -> String {
    move == nil
      ? "a failover to this host would leave clients without the address"
      : "clients can't reach the address"
  }

  /// In a name that sysctl(8) reads, a dot of the interface is a slash.
  private static func sysctl(_ name: String) -> String { name.replacing(".", with: "/") }

  private static func subnet(of address: VirtualAddress) -> String {
    let prefix = Prefix(address: address.address, length: address.subnetPrefixLength)
    return prefix.map { "\($0.network)" } ?? "\(address.address)"
  }
}

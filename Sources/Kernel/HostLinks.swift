package import Addresses
package import FailoverCore

/// The interfaces of the virtual addresses: what is sent on the link, and whether it can carry them.
package protocol HostLinks: AnyObject {
  /// Tells the link where an address is, once: an ARP pair, or a neighbour advertisement.
  func announce(_ address: VirtualAddress) -> AddressProblem?
  /// Asks the link once who has an address; answers arrive as claims.
  func probe(_ address: VirtualAddress) -> AddressProblem?
  /// What keeps an address from serving on this host, once it comes or now.
  func troubles(of address: VirtualAddress) -> [AddressTrouble]
  /// Whether the interface of an address can carry traffic, as far as is known.
  func canCarry(_ address: VirtualAddress) -> Bool
  /// The interface that an address belongs to; nothing if that can't be told.
  func interfaceName(of address: VirtualAddress) -> String?
  /// What is known of the settings of interfaces; whoever reads them keeps them here.
  var settings: HostSettings { get set }
  /// Whether an Ethernet address is one of the host's own.
  func isOwn(_ macAddress: MACAddress) -> Bool
}

package import Addresses
package import FailoverCore

/// The host's network: three seams, with the kernel behind them, or a fake in tests.
package struct HostNetwork {
  package let addresses: any HostAddresses
  package let links: any HostLinks
  package let sessions: any HostSessions
}

extension HostNetwork {
  /// The network of this host.
  package init(_ host: LinuxHost) {
    self.init(addresses: host, links: host, sessions: LinuxSessions(of: host))
  }
}

/// An order for one address that failed.
package struct AddressProblem: Equatable {
  package var address: VirtualAddress
  package var failure: AddressFailure
}

/// What the host's network reports by itself.
package enum HostNetworkEvent: Equatable {
  /// The kernel has a watched address now.
  case appeared(VirtualAddress)
  /// The kernel no longer has a watched address.
  case vanished(VirtualAddress)
  /// Another machine claims a watched address.
  case claimed(IPAddress, by: MACAddress)
  /// The interface of watched addresses can't carry traffic any more.
  case linkLost([VirtualAddress])
  /// The interface of watched addresses can carry traffic again, or its Ethernet address changed.
  case linkRestored([VirtualAddress])
  /// Another machine asks who has a watched address, and is about to take it; `own` is this host's
  /// Ethernet address on the same link.
  case probed(IPAddress, by: MACAddress, own: MACAddress)
  /// The host's own addresses changed.
  case ownAddressesChanged
}

/// Why the host's network can't be used at all.
package struct HostNetworkError: Error, Equatable {
  let text: String
}

public import Addresses

/// The host's own addresses, at the moment of a dump.
public struct LocalAddresses: Equatable, Sendable {
  /// Every address of every interface.
  public let assigned: [AssignedAddress]

  private let byAddress: Set<IPAddress>

  /// Makes the set from a dump.
  public init(_ assigned: [AssignedAddress]) {
    self.assigned = assigned
    self.byAddress = Set(assigned.map(\.address))
  }

  /// Whether an address is this host's, a loopback one included.
  public func contains(_ address: IPAddress) -> Bool {
    address.isLoopback || byAddress.contains(address)
  }

  /// The interfaces that have an address.
  public func interfaces(with address: IPAddress) -> [InterfaceIndex] {
    assigned.filter { $0.address == address }.map(\.interface)
  }

  /// Whether an interface has an address whose subnet contains another address.
  ///
  /// Host prefixes don't count: each contains only itself, and a VIP is one.
  public func hasSubnet(containing address: IPAddress, on interface: InterfaceIndex) -> Bool {
    assigned.contains { own in
      own.interface == interface && own.prefixLength < own.address.hostPrefixLength
        && own.prefix?.contains(address) == true
    }
  }
}

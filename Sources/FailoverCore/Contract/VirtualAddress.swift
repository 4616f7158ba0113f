public import Addresses

/// A virtual IP ("VIP" in prose): an address that follows the master, and where it belongs.
public struct VirtualAddress: Hashable, Sendable {
  /// The address.
  ///
  /// The kernel gets it as a host prefix, /32 or /128.
  public var address: IPAddress
  /// `dev auto`: the interface whose subnet holds the address, whichever that is.
  public static let automaticInterface = "auto"

  /// The name of the interface that carries it, another name of it, or `automaticInterface`.
  public var interface: String
  /// The prefix length of the subnet in which it must lie, to check the configuration with.
  public var subnetPrefixLength: UInt8

  /// Makes a virtual address.
  public init(address: IPAddress, interface: String, subnetPrefixLength: UInt8) {
    self.address = address
    self.interface = interface
    self.subnetPrefixLength = subnetPrefixLength
  }
}

extension VirtualAddress: CustomStringConvertible {
  /// The address and its interface, as in `10.77.0.100 on eth0`; the address alone where that is found by its
  /// subnet.
  public var description: String {
    interface == Self.automaticInterface ? "\(address)" : "\(address) on \(interface)"
  }
}

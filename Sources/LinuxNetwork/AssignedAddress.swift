public import Addresses

/// An address as the kernel has it on an interface (rtnetlink(7), `RTM_NEWADDR`).
public struct AssignedAddress: Hashable, Sendable {
  /// The flags of an address (`IFA_F_…`, linux/if_addr.h).
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public let rawValue: UInt32

    /// Makes flags from the kernel's bits.
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// IPv4: another address of the same subnet is primary; it falls when that one is removed.
    public static let secondary = Flags(rawValue: 0x01)
    /// IPv6: no duplicate address detection.
    public static let noDuplicateDetection = Flags(rawValue: 0x02)
    /// IPv6: duplicate address detection found another holder.
    public static let duplicateFound = Flags(rawValue: 0x08)
    /// Not chosen as the source of new connections, as its preferred lifetime is over.
    public static let deprecated = Flags(rawValue: 0x20)
    /// IPv6: duplicate address detection is not finished; the address can't be used yet.
    public static let tentative = Flags(rawValue: 0x40)
    /// The address has no lifetime.
    public static let permanent = Flags(rawValue: 0x80)
  }

  /// The address.
  public var address: IPAddress
  /// The length of the prefix that was given with it.
  public var prefixLength: UInt8
  /// The interface that has it.
  public var interface: InterfaceIndex
  /// What is left of its life.
  public var validLifetime: AddressLifetime
  /// How long new connections may still choose it as their source.
  public var preferredLifetime: AddressLifetime
  /// Its flags.
  public var flags: Flags

  /// Makes an address.
  public init(
    address: IPAddress, prefixLength: UInt8, interface: InterfaceIndex,
    validLifetime: AddressLifetime, preferredLifetime: AddressLifetime, flags: Flags = []
  ) {
    self.address = address
    self.prefixLength = prefixLength
    self.interface = interface
    self.validLifetime = validLifetime
    self.preferredLifetime = preferredLifetime
    self.flags = flags
  }

  /// The subnet that the prefix names.
  public var prefix: Prefix? { Prefix(address: address, length: prefixLength) }
}

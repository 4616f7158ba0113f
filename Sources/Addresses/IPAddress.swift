/// An IP address of either version.
///
/// Addresses are compared as addresses, never as text: `::FFFF:10.0.0.1` and `10.0.0.1` are the
/// same host, and `11.2.3.4` does not contain `1.2.3.4`.
public enum IPAddress: Hashable, Sendable {
  /// An IPv4 address.
  case v4(IPv4Address)
  /// An IPv6 address.
  case v6(IPv6Address)

  /// Parses an address of either version; an IPv4-mapped IPv6 address becomes the IPv4 one.
  public init?(_ text: some StringProtocol) {
    if let address = IPv4Address(text) {
      self = .v4(address)
    } else if let address = IPv6Address(text) {
      self = address.mappedIPv4.map(IPAddress.v4) ?? .v6(address)
    } else {
      return nil
    }
  }

  /// The length of a prefix that covers this address alone: 32 or 128.
  public var hostPrefixLength: UInt8 {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// The 4 or 16 octets in network order.
  public var octets: [UInt8] {
    switch self {
    case .v4(let address): address.octets
    case .v6(let address): address.octets
    }
  }

  /// Whether this is the unspecified address.
  public var isUnspecified: Bool {
    switch self {
    case .v4(let address): address.isUnspecified
    case .v6(let address): address.isUnspecified
    }
  }

  /// Whether this is a loopback address.
  public var isLoopback: Bool {
    switch self {
    case .v4(let address): address.isLoopback
    case .v6(let address): address.isLoopback
    }
  }

  /// The loopback address of the same family.
  public var loopback: IPAddress {
    switch self {
    case .v4: .v4(IPv4Address(127, 0, 0, 1))
    case .v6: .v6(IPv6Address(high: 0, low: 1))
    }
  }

  /// Whether this is a link-local address.
  public var isLinkLocal: Bool {
    switch self {
    case .v4(let address): address.isLinkLocal
    case .v6(let address): address.isLinkLocal
    }
  }

  /// Whether this is a multicast address.
  public var isMulticast: Bool {
    switch self {
    case .v4(let address): address.isMulticast
    case .v6(let address): address.isMulticast
    }
  }
}

extension IPAddress: CustomStringConvertible {
  /// The canonical text form.
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }
}

extension IPAddress: Comparable {
  /// Orders IPv4 before IPv6, then by numerical value.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    switch (left, right) {
    case (.v4(let left), .v4(let right)): left < right
    case (.v6(let left), .v6(let right)): left < right
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }
}

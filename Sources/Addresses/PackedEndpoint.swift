/// An endpoint in 18 octets, to keep and compare by the ten thousand.
///
/// An IPv4 address stands as the IPv4-mapped one (RFC 4291 §2.5.5.2), which no IPv6 peer has.
public struct PackedEndpoint: Hashable, Sendable {
  /// The first 64 bits of the address, in host byte order.
  public let high: UInt64
  /// The last 64 bits of the address, in host byte order.
  public let low: UInt64
  /// The port.
  public let port: UInt16

  /// Makes an endpoint of its parts.
  @inlinable
  public init(high: UInt64, low: UInt64, port: UInt16) {
    self.high = high
    self.low = low
    self.port = port
  }

  /// Makes an endpoint of an IPv4 address as a number in host byte order.
  @inlinable
  public init(ipv4 address: UInt32, port: UInt16) {
    self.init(high: 0, low: 0xffff_0000_0000 | UInt64(address), port: port)
  }

  /// Packs an endpoint.
  public init(_ endpoint: Endpoint) {
    switch endpoint.address {
    case .v4(let address): self.init(ipv4: address.rawValue, port: endpoint.port)
    case .v6(let address): self.init(high: address.high, low: address.low, port: endpoint.port)
    }
  }

  /// Whether the address is one of IPv4.
  @inlinable
  public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

  /// The endpoint.
  public var endpoint: Endpoint {
    let address = IPv6Address(high: high, low: low)
    return Endpoint(
      address: address.mappedIPv4.map(IPAddress.v4) ?? .v6(address), port: port)
  }
}

extension PackedEndpoint: Comparable {
  /// Orders by address, then by port.
  @inlinable
  public static func < (left: PackedEndpoint, right: PackedEndpoint) -> Bool {
    if left.high != right.high { return left.high < right.high }
    if left.low != right.low { return left.low < right.low }
    return left.port < right.port
  }
}

extension PackedEndpoint: CustomStringConvertible {
  /// `10.0.0.1:6379` or `[fd77::1]:6379`.
  public var description: String { endpoint.description }
}

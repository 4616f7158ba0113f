/// An address with a prefix length, as in `10.77.0.100/24` (RFC 4632 §3.1).
public struct Prefix: Hashable, Sendable {
  /// The address, host bits included.
  public var address: IPAddress
  /// The number of leading bits that name the network: 0 to 32, or 0 to 128.
  public var length: UInt8

  /// Makes a prefix; nothing if the length is too great for the address.
  public init?(address: IPAddress, length: UInt8) {
    guard length <= address.hostPrefixLength else { return nil }
    self.address = address
    self.length = length
  }

  /// Parses `10.77.0.100/24`; without a length the prefix covers the address alone.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let address = IPAddress(first) else { return nil }
    guard parts.count == 2 else {
      self.init(address: address, length: address.hostPrefixLength)
      return
    }
    let digits = parts[1].utf8
    guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
      let length = UInt8(parts[1])
    else { return nil }
    self.init(address: address, length: length)
  }

  /// The same network with the host bits clear, as in `10.77.0.0/24`.
  public var network: Prefix {
    var network = self
    switch address {
    case .v4(let host):
      let mask = length == 0 ? 0 : ~UInt32(0) << (32 - UInt32(length))
      network.address = .v4(IPv4Address(rawValue: host.rawValue & mask))
    case .v6(let host):
      let high = length == 0 ? 0 : ~UInt64(0) << (64 - UInt64(min(length, 64)))
      let low = length <= 64 ? 0 : ~UInt64(0) << (128 - UInt64(length))
      network.address = .v6(IPv6Address(high: host.high & high, low: host.low & low))
    }
    return network
  }

  /// Whether an address lies in this network.
  ///
  /// Never true across IP versions.
  public func contains(_ other: IPAddress) -> Bool {
    guard address.hostPrefixLength == other.hostPrefixLength else { return false }
    var bits = Int(length)
    for (left, right) in zip(address.octets, other.octets) {
      if bits <= 0 { return true }
      let mask: UInt8 = bits >= 8 ? 0xff : ~(0xff >> UInt8(bits))
      if left & mask != right & mask { return false }
      bits -= 8
    }
    return true
  }
}

extension Prefix: CustomStringConvertible {
  /// The address, a slash and the length.
  public var description: String { "\(address)/\(length)" }
}

/// A 48-bit Ethernet address (IEEE 802, EUI-48).
public struct MACAddress: Hashable, Sendable {
  /// The address in the low 48 bits, first octet highest.
  public let rawValue: UInt64

  /// The broadcast address, `ff:ff:ff:ff:ff:ff`.
  public static let broadcast = MACAddress(rawValue: 0xffff_ffff_ffff)
  /// The address of all zeros: "not known" in an ARP request (RFC 826).
  public static let zero = MACAddress(rawValue: 0)

  /// Makes an address from the low 48 bits of a number.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue & 0xffff_ffff_ffff
  }

  /// Makes an address from six octets; nothing for another number of them.
  public init?(octets: some Collection<UInt8>) {
    guard octets.count == 6 else { return nil }
    self.init(rawValue: octets.reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Parses `02:00:0a:4d:00:01`.
  public init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var value: UInt64 = 0
    for part in parts {
      guard part.count == 2, let high = part.first.flatMap(hexDigit),
        let low = part.dropFirst().first.flatMap(hexDigit)
      else { return nil }
      value = value << 8 | UInt64(high << 4 | low)
    }
    guard parts.count == 6 else { return nil }
    self.init(rawValue: value)
  }

  /// The six octets in transmission order.
  public var octets: [UInt8] {
    stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: rawValue >> UInt64($0)) }
  }

  /// The Ethernet group address of an IPv6 multicast address, `33:33:…` (RFC 2464 §7).
  public init(multicastFor address: IPv6Address) {
    self.init(rawValue: 0x3333_0000_0000 | address.low & 0xffff_ffff)
  }
}

extension MACAddress: CustomStringConvertible {
  /// Six pairs of lower-case hexadecimal digits with colons.
  public var description: String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}

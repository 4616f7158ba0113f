/// An IPv4 address (RFC 791 §2.3).
public struct IPv4Address: Hashable, Sendable {
  /// The address as a number in host byte order: `10.0.0.1` is `0x0a00_0001`.
  public let rawValue: UInt32

  /// Makes an address from a number in host byte order.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Makes an address from its four octets, in the order in which they are written and sent.
  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    self.rawValue =
      UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
  }

  /// Parses a dotted quad, strictly.
  ///
  /// Four decimal octets without leading zeros: the forms with fewer parts, with octal or
  /// hexadecimal parts, that `inet_aton(3)` accepts are refused, because two readers can take
  /// them for two addresses.
  public init?(_ text: some StringProtocol) {
    var value: UInt32 = 0
    var octets = 0
    var octet: UInt32 = 0
    var digits = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if digits > 0 && octet == 0 { return nil }
        octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
        digits += 1
        if octet > 255 { return nil }
      case UInt8(ascii: "."):
        guard digits > 0, octets < 3 else { return nil }
        value = value << 8 | octet
        octets += 1
        octet = 0
        digits = 0
      default:
        return nil
      }
    }
    guard octets == 3, digits > 0 else { return nil }
    self.rawValue = value << 8 | octet
  }

  /// The four octets in network order.
  public var octets: [UInt8] {
    [
      UInt8(truncatingIfNeeded: rawValue >> 24), UInt8(truncatingIfNeeded: rawValue >> 16),
      UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue),
    ]
  }

  /// Whether this is `0.0.0.0` (RFC 1122 §3.2.1.3).
  public var isUnspecified: Bool { rawValue == 0 }
  /// Whether this is in 127.0.0.0/8 (RFC 1122 §3.2.1.3).
  public var isLoopback: Bool { rawValue >> 24 == 127 }
  /// Whether this is in 224.0.0.0/4 (RFC 5771).
  public var isMulticast: Bool { rawValue >> 28 == 0xe }
  /// Whether this is in 169.254.0.0/16 (RFC 3927).
  public var isLinkLocal: Bool { rawValue >> 16 == 0xa9fe }
}

extension IPv4Address: CustomStringConvertible {
  /// The dotted quad.
  public var description: String {
    octets.map(String.init).joined(separator: ".")
  }
}

extension IPv4Address: Comparable {
  /// Orders by numerical value.
  public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
    left.rawValue < right.rawValue
  }
}

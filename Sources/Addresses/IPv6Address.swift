/// An IPv6 address (RFC 4291), without a zone.
public struct IPv6Address: Hashable, Sendable {
  /// The first 64 bits, in host byte order.
  public let high: UInt64
  /// The last 64 bits, in host byte order.
  public let low: UInt64

  /// Makes an address from its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Makes an address from its 16 octets in network order; nothing for another number of them.
  public init?(octets: some Collection<UInt8>) {
    guard octets.count == 16 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for octet in octets {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(octet)
    }
    self.init(high: high, low: low)
  }

  /// Parses the text forms of RFC 4291 §2.2, the one with a dotted quad at the end included.
  ///
  /// A zone (`%eth0`) is refused: a virtual address names its interface beside it.
  public init?(_ text: some StringProtocol) {
    guard let groups = IPv6TextParser.groups(of: String(text)) else { return nil }
    self.init(
      high: groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
      low: groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
  }

  /// The 16 octets in network order.
  public var octets: [UInt8] {
    [high, low].flatMap { half in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
    }
  }

  /// The eight groups of 16 bits.
  public var groups: [UInt16] {
    [high, low].flatMap { half in
      stride(from: 48, through: 0, by: -16).map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
    }
  }

  /// Whether this is `::` (RFC 4291 §2.5.2).
  public var isUnspecified: Bool { high == 0 && low == 0 }
  /// Whether this is `::1` (RFC 4291 §2.5.3).
  public var isLoopback: Bool { high == 0 && low == 1 }
  /// Whether this is in ff00::/8 (RFC 4291 §2.7).
  public var isMulticast: Bool { high >> 56 == 0xff }
  /// Whether this is in fe80::/10 (RFC 4291 §2.5.6).
  public var isLinkLocal: Bool { high >> 54 == 0x3fa }

  /// The IPv4 address of an IPv4-mapped one, `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
  ///
  /// A server with a dual-stack socket reports its IPv4 peers so.
  public var mappedIPv4: IPv4Address? {
    guard high == 0, low >> 32 == 0xffff else { return nil }
    return IPv4Address(rawValue: UInt32(truncatingIfNeeded: low))
  }

  /// The solicited-node multicast address, `ff02::1:ffxx:xxxx` (RFC 4291 §2.7.1).
  public var solicitedNodeMulticast: IPv6Address {
    IPv6Address(high: 0xff02_0000_0000_0000, low: 0x1_ff00_0000 | low & 0xff_ffff)
  }
}

extension IPv6Address: CustomStringConvertible {
  /// The canonical text form of RFC 5952 §4.
  public var description: String {
    if let mapped = mappedIPv4 { return "::ffff:\(mapped)" }
    let groups = self.groups
    let hex = groups.map { String($0, radix: 16) }
    guard let run = longestRunOfZeros(in: groups) else { return hex.joined(separator: ":") }
    let before = hex[..<run.lowerBound].joined(separator: ":")
    let after = hex[run.upperBound...].joined(separator: ":")
    return "\(before)::\(after)"
  }

  /// The first longest run of two or more zero groups (RFC 5952 §4.2).
  private func longestRunOfZeros(in groups: [UInt16]) -> Range<Int>? {
    var longest = 0..<1
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<index + 1
      }
    }
    return longest.count >= 2 ? longest : nil
  }
}

extension IPv6Address: Comparable {
  /// Orders by numerical value.
  public static func < (left: IPv6Address, right: IPv6Address) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

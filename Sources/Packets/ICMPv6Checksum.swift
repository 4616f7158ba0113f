import Addresses

/// The checksum of an ICMPv6 message over its pseudo-header (RFC 4443 §2.3, RFC 8200 §8.1).
enum ICMPv6Checksum {
  /// Computes the checksum that a message should carry.
  ///
  /// - Parameters:
  ///   - source: the source of the IPv6 header.
  ///   - destination: the destination of the IPv6 header.
  ///   - message: the ICMPv6 message, from its type to its last octet.
  ///   - checksumAt: the even offset of the checksum, which counts as zero.
  /// - Returns: the checksum.
  static func compute(
    source: IPv6Address, destination: IPv6Address, message: Span<UInt8>, checksumAt: Int
  ) -> UInt16 {
    var sum: UInt64 = 0
    for half in [source.high, source.low, destination.high, destination.low] {
      sum += half >> 48 + (half >> 32 & 0xffff) + (half >> 16 & 0xffff) + (half & 0xffff)
    }
    sum += UInt64(message.count) + UInt64(NeighbourMessage.icmpv6)
    var offset = 0
    while offset + 1 < message.count {
      if offset != checksumAt { sum += UInt64(message.uint16(at: offset)) }
      offset += 2
    }
    if offset < message.count { sum += UInt64(message[offset]) << 8 }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
  }
}

/// The checksum of IPv4 and TCP headers: a sum in one's complement (RFC 1071).
struct InternetChecksum {
  private var sum: UInt64 = 0

  /// Adds octets from an even offset of the header.
  mutating func add(_ octets: Span<UInt8>) {
    var offset = 0
    while offset + 1 < octets.count {
      sum += UInt64(octets.uint16(at: offset))
      offset += 2
    }
    if offset < octets.count { sum += UInt64(octets[offset]) << 8 }
  }

  /// Adds four words of 16 bits.
  mutating func add(_ words: UInt64) {
    sum += words >> 48 + (words >> 32 & 0xffff) + (words >> 16 & 0xffff) + (words & 0xffff)
  }

  /// The checksum of what was added.
  var value: UInt16 {
    var sum = sum
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
  }
}

import Addresses

extension Span where Element == UInt8 {
  /// Throws unless there is room for some octets.
  func require(_ needed: Int) throws(PacketError) {
    guard count >= needed else { throw .truncated(needed: needed, available: count) }
  }

  /// The 16-bit number in network order at an offset that the caller has checked.
  func uint16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
  }

  /// The 32-bit number in network order at an offset that the caller has checked.
  func uint32(at offset: Int) -> UInt32 {
    UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset + 2))
  }

  /// The 64-bit number in network order at an offset that the caller has checked.
  func uint64(at offset: Int) -> UInt64 {
    UInt64(uint32(at: offset)) << 32 | UInt64(uint32(at: offset + 4))
  }

  /// The Ethernet address at an offset that the caller has checked.
  func macAddress(at offset: Int) -> MACAddress {
    MACAddress(rawValue: UInt64(uint16(at: offset)) << 32 | UInt64(uint32(at: offset + 2)))
  }

  /// The IPv4 address at an offset that the caller has checked.
  func ipv4Address(at offset: Int) -> IPv4Address {
    IPv4Address(rawValue: uint32(at: offset))
  }

  /// The IPv6 address at an offset that the caller has checked.
  func ipv6Address(at offset: Int) -> IPv6Address {
    IPv6Address(high: uint64(at: offset), low: uint64(at: offset + 8))
  }
}

extension MutableSpan where Element == UInt8 {
  /// Throws unless there is room for some octets.
  func require(_ needed: Int) throws(PacketError) {
    guard count >= needed else { throw .bufferTooSmall(needed: needed, available: count) }
  }

  /// Writes a number in network order at an offset that the caller has checked.
  mutating func store(_ value: some FixedWidthInteger & UnsignedInteger, at offset: Int) {
    let octets = value.bitWidth / 8
    for index in 0..<octets {
      let shift = (octets - 1 - index) * 8
      self[offset + index] = UInt8(truncatingIfNeeded: value >> shift)
    }
  }

  /// Writes an Ethernet address at an offset that the caller has checked.
  mutating func store(_ address: MACAddress, at offset: Int) {
    store(UInt16(truncatingIfNeeded: address.rawValue >> 32), at: offset)
    store(UInt32(truncatingIfNeeded: address.rawValue), at: offset + 2)
  }

  /// Writes an IPv4 address at an offset that the caller has checked.
  mutating func store(_ address: IPv4Address, at offset: Int) {
    store(address.rawValue, at: offset)
  }

  /// Writes an IPv6 address at an offset that the caller has checked.
  mutating func store(_ address: IPv6Address, at offset: Int) {
    store(address.high, at: offset)
    store(address.low, at: offset + 8)
  }
}

import Addresses

/// The header of one message (netlink(7), `nlmsghdr`).
struct NetlinkMessageHeader: Equatable {
  /// Octets in a header.
  static let length = 16

  var type: UInt16
  var flags: UInt16
  var sequence: UInt32
}

/// Reads what the kernel sent, with a check before every access.
///
/// Requests are built with libmnl; answers are read here, since a wrong length in them has to be an
/// error and not a stray pointer.
enum NetlinkReader {
  /// Visits the messages of a datagram in order, each with its payload.
  static func forEachMessage(
    in datagram: Span<UInt8>,
    _ body: (NetlinkMessageHeader, Span<UInt8>) throws(NetlinkError) -> Void
  ) throws(NetlinkError) {
    var offset = 0
    while offset < datagram.count {
      guard datagram.count - offset >= NetlinkMessageHeader.length else {
        throw .malformed(.truncated)
      }
      let length = Int(datagram.hostUInt32(at: offset))
      guard length >= NetlinkMessageHeader.length, length <= datagram.count - offset else {
        throw .malformed(.truncated)
      }
      let header = NetlinkMessageHeader(
        type: datagram.hostUInt16(at: offset + 4), flags: datagram.hostUInt16(at: offset + 6),
        sequence: datagram.hostUInt32(at: offset + 8))
      let payload = datagram.extracting(offset + NetlinkMessageHeader.length..<offset + length)
      try body(header, payload)
      offset += aligned(length)
    }
  }

  /// Visits the attributes that follow a message's fixed part (netlink(7), `nlattr`).
  static func forEachAttribute(
    in payload: Span<UInt8>, after fixed: Int,
    _ body: (_ type: UInt16, _ value: Span<UInt8>) throws(NetlinkError) -> Void
  ) throws(NetlinkError) {
    var offset = aligned(fixed)
    while offset < payload.count {
      guard payload.count - offset >= 4 else { throw .malformed(.truncated) }
      let length = Int(payload.hostUInt16(at: offset))
      guard length >= 4, length <= payload.count - offset else { throw .malformed(.truncated) }
      let type = payload.hostUInt16(at: offset + 2) & Kernel.attributeTypeMask
      try body(type, payload.extracting(offset + 4..<offset + length))
      offset += aligned(length)
    }
  }

  /// Reads an `NLMSG_ERROR`: nothing for an acknowledgement, or the error with the kernel's words.
  ///
  /// Layout: a negative error number, the header of the request, the rest of the request unless
  /// the flag `NLM_F_CAPPED` is set, then attributes if the flag `NLM_F_ACK_TLVS` is set
  /// (linux/netlink.h, `NLMSGERR_ATTR_…`).
  static func refusal(
    in payload: Span<UInt8>, flags: UInt16
  ) throws(NetlinkError) -> (errno: Errno, message: String?)? {
    guard payload.count >= 4 else { throw .malformed(.truncated) }
    let code = Int32(bitPattern: payload.hostUInt32(at: 0))
    guard code != 0 else { return nil }
    let errno = Errno(rawValue: code == .min ? .max : abs(code))
    guard flags & Kernel.acknowledgementAttributes != 0 else { return (errno, nil) }
    guard payload.count >= 4 + NetlinkMessageHeader.length else { throw .malformed(.truncated) }
    let echoed =
      flags & Kernel.capped != 0 ? NetlinkMessageHeader.length : Int(payload.hostUInt32(at: 4))
    var message: String?
    try forEachAttribute(in: payload, after: 4 + echoed) { type, value throws(NetlinkError) in
      if type == Kernel.errorMessage { message = value.text }
    }
    return (errno, message)
  }

  /// Rounds up to the alignment of messages and attributes, 4 octets.
  static func aligned(_ length: Int) -> Int { (length + 3) & ~3 }
}

extension Span where Element == UInt8 {
  /// The 16-bit number in the host's order at an offset that the caller has checked.
  func hostUInt16(at offset: Int) -> UInt16 {
    UInt16(littleEndian: UInt16(self[offset]) | UInt16(self[offset + 1]) << 8)
  }

  /// The 32-bit number in the host's order at an offset that the caller has checked.
  func hostUInt32(at offset: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(self[offset + index]) << UInt32(index * 8) }
    return UInt32(littleEndian: value)
  }

  /// The whole value as a 32-bit number in the host's order.
  func uint32Value(type: UInt16) throws(NetlinkError) -> UInt32 {
    guard count == 4 else { throw .malformed(.badAttribute(type: type)) }
    return hostUInt32(at: 0)
  }

  /// The whole value as an address of either version, in network order.
  func addressValue(type: UInt16) throws(NetlinkError) -> IPAddress {
    switch count {
    case 4: return .v4(IPv4Address(self[0], self[1], self[2], self[3]))
    case 16:
      if let address = IPv6Address(octets: octets) { return .v6(address) }
      throw .malformed(.badAttribute(type: type))
    default: throw .malformed(.badAttribute(type: type))
    }
  }

  /// The octets as an array.
  var octets: [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(count)
    for index in 0..<count { octets.append(self[index]) }
    return octets
  }

  /// The octets before the first zero as text; what is not UTF-8 is replaced.
  var text: String {
    String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
  }
}

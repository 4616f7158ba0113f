import Addresses

/// What neighbour solicitations and advertisements share on the wire (RFC 4861 §4.3, §4.4).
///
/// Both are an ICMPv6 header, 32 bits that only the advertisement uses, a target and options,
/// directly behind an IPv6 header: RFC 6980 forbids fragments, and no host sends another
/// extension header here.
struct NeighbourMessage {
  /// Where the fields stand, in octets from the start of the frame (RFC 8200 §3, RFC 4861 §4.3).
  enum Offset {
    static let versionAndClass = 14
    static let payloadLength = 18
    static let nextHeader = 20
    static let hopLimit = 21
    static let source = 22
    static let destination = 38
    static let message = 54
    static let type = 54
    static let code = 55
    static let checksum = 56
    static let flags = 58
    static let target = 62
    static let options = 78
  }

  /// The next header number of ICMPv6 (RFC 4443 §1).
  static let icmpv6: UInt8 = 58
  /// A router would have lowered it, so the sender is on this link (RFC 4861 §3.1).
  static let hopLimit: UInt8 = 255
  /// Octets in a message without options.
  static let length = 24
  /// Octets in a link-layer address option for Ethernet (RFC 2464 §6).
  static let linkLayerOptionLength = 8
  /// The option that carries the sender's link-layer address (RFC 4861 §4.6.1).
  static let sourceLinkLayerOption: UInt8 = 1
  /// The option that carries the target's link-layer address (RFC 4861 §4.6.1).
  static let targetLinkLayerOption: UInt8 = 2

  var ethernet: EthernetHeader
  var source: IPv6Address
  var destination: IPv6Address
  var type: UInt8
  var flags: UInt32
  var target: IPv6Address
  var sourceLinkLayerAddress: MACAddress?
  var targetLinkLayerAddress: MACAddress?
}

extension NeighbourMessage {
  /// Reads a frame and makes the checks of RFC 4861 §7.1 that both messages share.
  init(decodingFrame frame: Span<UInt8>, type expected: UInt8) throws(PacketError) {
    let message = try Self.checkedLength(of: frame, type: expected)
    let end = Offset.message + message
    let ethernet = try EthernetHeader(decoding: frame)
    self.init(
      ethernet: ethernet,
      source: frame.ipv6Address(at: Offset.source),
      destination: frame.ipv6Address(at: Offset.destination),
      type: expected,
      flags: frame.uint32(at: Offset.flags),
      target: frame.ipv6Address(at: Offset.target))
    guard !target.isMulticast else {
      throw .unexpected(.multicastTarget, value: UInt32(truncatingIfNeeded: target.high >> 48))
    }
    let computed = ICMPv6Checksum.compute(
      source: source, destination: destination,
      message: frame.extracting(Offset.message..<end), checksumAt: Offset.checksum - Offset.message)
    let found = frame.uint16(at: Offset.checksum)
    guard found == computed else { throw .checksumMismatch(found: found, computed: computed) }
    try readOptions(of: frame, end: end)
  }

  /// The octets of the ICMPv6 message, after the checks of both headers.
  private static func checkedLength(
    of frame: Span<UInt8>, type expected: UInt8
  ) throws(PacketError) -> Int {
    try frame.require(Offset.message + length)
    let etherType = frame.uint16(at: EthernetHeader.Offset.type)
    guard etherType == EthernetHeader.ipv6Type else {
      throw .unexpected(.etherType, value: UInt32(etherType))
    }
    let version = frame[Offset.versionAndClass] >> 4
    guard version == 6 else { throw .unexpected(.version, value: UInt32(version)) }
    guard frame[Offset.nextHeader] == icmpv6 else {
      throw .unexpected(.nextHeader, value: UInt32(frame[Offset.nextHeader]))
    }
    guard frame[Offset.hopLimit] == hopLimit else {
      throw .unexpected(.hopLimit, value: UInt32(frame[Offset.hopLimit]))
    }
    guard frame[Offset.type] == expected else {
      throw .unexpected(.messageType, value: UInt32(frame[Offset.type]))
    }
    guard frame[Offset.code] == 0 else {
      throw .unexpected(.messageCode, value: UInt32(frame[Offset.code]))
    }
    let payload = Int(frame.uint16(at: Offset.payloadLength))
    guard payload >= length else { throw .truncated(needed: length, available: payload) }
    try frame.require(Offset.message + payload)
    return payload
  }

  /// Reads the options; unknown ones are skipped (RFC 4861 §4.6).
  ///
  /// Bounded: every option takes 8 octets at least.
  private mutating func readOptions(of frame: Span<UInt8>, end: Int) throws(PacketError) {
    var offset = Offset.options
    while offset < end {
      guard offset + 2 <= end else { throw .truncated(needed: offset + 2, available: end) }
      let octets = Int(frame[offset + 1]) * 8
      guard octets > 0, offset + octets <= end else {
        throw .unexpected(.optionLength, value: UInt32(frame[offset + 1]))
      }
      if octets == Self.linkLayerOptionLength {
        switch frame[offset] {
        case Self.sourceLinkLayerOption:
          sourceLinkLayerAddress = frame.macAddress(at: offset + 2)
        case Self.targetLinkLayerOption:
          targetLinkLayerAddress = frame.macAddress(at: offset + 2)
        default: break
        }
      }
      offset += octets
    }
  }

  /// Writes a whole Ethernet frame with its checksum; returns the octets written.
  func encodeFrame(into buffer: inout MutableSpan<UInt8>) throws(PacketError) -> Int {
    let option = sourceLinkLayerAddress ?? targetLinkLayerAddress
    let payload = Self.length + (option == nil ? 0 : Self.linkLayerOptionLength)
    let end = Offset.message + payload
    try buffer.require(end)
    ethernet.encode(into: &buffer)
    buffer.store(UInt32(6) << 28, at: Offset.versionAndClass)
    buffer.store(UInt16(payload), at: Offset.payloadLength)
    buffer[Offset.nextHeader] = Self.icmpv6
    buffer[Offset.hopLimit] = Self.hopLimit
    buffer.store(source, at: Offset.source)
    buffer.store(destination, at: Offset.destination)
    buffer[Offset.type] = type
    buffer[Offset.code] = 0
    buffer.store(flags, at: Offset.flags)
    buffer.store(target, at: Offset.target)
    if let option {
      buffer[Offset.options] =
        sourceLinkLayerAddress == nil ? Self.targetLinkLayerOption : Self.sourceLinkLayerOption
      buffer[Offset.options + 1] = 1
      buffer.store(option, at: Offset.options + 2)
    }
    let checksum = ICMPv6Checksum.compute(
      source: source, destination: destination,
      message: buffer.span.extracting(Offset.message..<end),
      checksumAt: Offset.checksum - Offset.message)
    buffer.store(checksum, at: Offset.checksum)
    return end
  }
}

public import Addresses

/// A neighbour solicitation: a host asks who has an IPv6 address (RFC 4861 §4.3).
public struct NeighbourSolicitation: Hashable, Sendable {
  /// Octets in a frame of a duplicate probe, which has no option.
  public static let probeFrameLength = 78
  /// The ICMPv6 type (RFC 4861 §4.3).
  public static let messageType: UInt8 = 135

  /// The source of the Ethernet frame.
  public var sender: MACAddress
  /// The destination of the Ethernet frame.
  public var receiver: MACAddress
  /// The source of the IPv6 header; `::` in a duplicate probe.
  public var source: IPv6Address
  /// The destination of the IPv6 header.
  public var destination: IPv6Address
  /// The address that is asked for.
  public var target: IPv6Address
  /// The sender's Ethernet address, if the option is there.
  public var sourceHardwareAddress: MACAddress?

  /// Makes a duplicate probe, which asks who has an address (RFC 4862 §5.4.2).
  ///
  /// The source is `::`, so the answer goes to all nodes, and no cache learns anything.
  public init(probeFor address: IPv6Address, from hardwareAddress: MACAddress) {
    self.sender = hardwareAddress
    self.receiver = MACAddress(multicastFor: address.solicitedNodeMulticast)
    self.source = IPv6Address(high: 0, low: 0)
    self.destination = address.solicitedNodeMulticast
    self.target = address
  }

  /// Whether this is a duplicate probe (RFC 4862 §5.4.3) and not a resolution.
  public var isProbe: Bool { source.isUnspecified }

  /// Reads a whole Ethernet frame, with the checks of RFC 4861 §7.1.1.
  public init(decodingFrame frame: Span<UInt8>) throws(PacketError) {
    let message = try NeighbourMessage(decodingFrame: frame, type: Self.messageType)
    self.sender = message.ethernet.source
    self.receiver = message.ethernet.destination
    self.source = message.source
    self.destination = message.destination
    self.target = message.target
    self.sourceHardwareAddress = message.sourceLinkLayerAddress
    guard isProbe else { return }
    guard destination == target.solicitedNodeMulticast else {
      throw .unexpected(.destination, value: UInt32(truncatingIfNeeded: destination.high >> 32))
    }
    guard sourceHardwareAddress == nil else {
      throw .unexpected(
        .sourceLinkLayerOption, value: UInt32(NeighbourMessage.sourceLinkLayerOption))
    }
  }

  /// Writes a whole Ethernet frame with its checksum.
  ///
  /// - Parameter buffer: where the frame goes; octets after it stay as they are.
  /// - Returns: the octets written.
  /// - Throws: `bufferTooSmall`.
  public func encodeFrame(into buffer: inout MutableSpan<UInt8>) throws(PacketError) -> Int {
    try NeighbourMessage(
      ethernet: EthernetHeader(
        destination: receiver, source: sender, type: EthernetHeader.ipv6Type),
      source: source, destination: destination, type: Self.messageType, flags: 0,
      target: target, sourceLinkLayerAddress: sourceHardwareAddress
    ).encodeFrame(into: &buffer)
  }
}

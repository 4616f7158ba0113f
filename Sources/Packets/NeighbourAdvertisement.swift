public import Addresses

/// A neighbour advertisement: an IPv6 host says at which Ethernet address it is (RFC 4861 §4.4).
public struct NeighbourAdvertisement: Hashable, Sendable {
  /// Octets in a frame with a target link-layer address option.
  public static let frameLength = 86
  /// The ICMPv6 type (RFC 4861 §4.4).
  public static let messageType: UInt8 = 136
  /// The link-local scope all-nodes address, `ff02::1` (RFC 4291 §2.7.1).
  public static let allNodes = IPv6Address(high: 0xff02_0000_0000_0000, low: 1)

  /// The flags of an advertisement (RFC 4861 §4.4).
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The flags as they stand in the first 32 bits after the checksum.
    public let rawValue: UInt32

    /// Makes flags from their bits.
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// *R*: the sender is a router.
    public static let router = Flags(rawValue: 1 << 31)
    /// *S*: this answers a solicitation.
    public static let solicited = Flags(rawValue: 1 << 30)
    /// *O*: an existing cache entry should be overwritten.
    public static let override = Flags(rawValue: 1 << 29)
  }

  /// The source of the Ethernet frame.
  public var sender: MACAddress
  /// The destination of the Ethernet frame.
  public var receiver: MACAddress
  /// The source of the IPv6 header.
  public var source: IPv6Address
  /// The destination of the IPv6 header.
  public var destination: IPv6Address
  /// The flags.
  public var flags: Flags
  /// The address that the advertisement is about.
  public var target: IPv6Address
  /// The target's Ethernet address, if the option is there.
  public var targetHardwareAddress: MACAddress?

  /// Makes an unsolicited advertisement that all neighbours should believe (RFC 4861 §7.2.6).
  ///
  /// Source and target are the address itself; *Override* is set, so that a cache that still has
  /// the old holder takes this one.
  ///
  /// - Parameters:
  ///   - address: the address that has moved here.
  ///   - hardwareAddress: the Ethernet address of the interface.
  ///   - isRouter: whether this host forwards IPv6.
  public init(
    unsolicitedFor address: IPv6Address, from hardwareAddress: MACAddress, isRouter: Bool = false
  ) {
    self.sender = hardwareAddress
    self.receiver = MACAddress(multicastFor: Self.allNodes)
    self.source = address
    self.destination = Self.allNodes
    self.flags = isRouter ? [.override, .router] : [.override]
    self.target = address
    self.targetHardwareAddress = hardwareAddress
  }

  /// Reads a whole Ethernet frame, with the checks of RFC 4861 §7.1.2.
  public init(decodingFrame frame: Span<UInt8>) throws(PacketError) {
    let message = try NeighbourMessage(decodingFrame: frame, type: Self.messageType)
    self.sender = message.ethernet.source
    self.receiver = message.ethernet.destination
    self.source = message.source
    self.destination = message.destination
    self.flags = Flags(rawValue: message.flags & 0xe000_0000)
    self.target = message.target
    self.targetHardwareAddress = message.targetLinkLayerAddress
    if destination.isMulticast && flags.contains(.solicited) {
      throw .unexpected(.destination, value: UInt32(truncatingIfNeeded: destination.high >> 32))
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
      source: source, destination: destination, type: Self.messageType, flags: flags.rawValue,
      target: target, targetLinkLayerAddress: targetHardwareAddress
    ).encodeFrame(into: &buffer)
  }
}

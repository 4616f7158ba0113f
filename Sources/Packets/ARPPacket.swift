public import Addresses

/// An ARP packet for IPv4 over Ethernet (RFC 826).
public struct ARPPacket: Hashable, Sendable {
  /// What the packet asks or says: `ar$op` (RFC 826).
  public struct Operation: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public var rawValue: UInt16

    /// Makes an operation from its number.
    public init(rawValue: UInt16) {
      self.rawValue = rawValue
    }

    /// `ares_op$REQUEST`.
    public static let request = Operation(rawValue: 1)
    /// `ares_op$REPLY`.
    public static let reply = Operation(rawValue: 2)
  }

  /// Octets in a frame that carries the packet; the driver pads it to Ethernet's least length.
  public static let frameLength = EthernetHeader.length + 28

  /// Where the fields stand, in octets from the start of the frame (RFC 826 *Packet format*).
  enum Offset {
    static let hardwareType = 14
    static let protocolType = 16
    static let hardwareLength = 18
    static let protocolLength = 19
    static let operation = 20
    static let senderHardwareAddress = 22
    static let senderAddress = 28
    static let targetHardwareAddress = 32
    static let targetAddress = 38
  }

  /// `ares_hrd$Ethernet`.
  static let ethernet: UInt16 = 1
  /// The protocol type of IPv4.
  static let ipv4: UInt16 = 0x0800

  /// What the packet asks or says.
  public var operation: Operation
  /// `ar$sha`, the sender's Ethernet address.
  public var senderHardwareAddress: MACAddress
  /// `ar$spa`, the sender's IPv4 address.
  public var senderAddress: IPv4Address
  /// `ar$tha`, the target's Ethernet address.
  public var targetHardwareAddress: MACAddress
  /// `ar$tpa`, the target's IPv4 address.
  public var targetAddress: IPv4Address

  /// Makes a packet.
  public init(
    operation: Operation,
    senderHardwareAddress: MACAddress,
    senderAddress: IPv4Address,
    targetHardwareAddress: MACAddress,
    targetAddress: IPv4Address
  ) {
    self.operation = operation
    self.senderHardwareAddress = senderHardwareAddress
    self.senderAddress = senderAddress
    self.targetHardwareAddress = targetHardwareAddress
    self.targetAddress = targetAddress
  }

  /// A gratuitous ARP as a request: the *ARP Announcement* of RFC 5227 §2.3.
  ///
  /// The target hardware address is zero, as RFC 5227 §1.1 wants it in every request.
  public static func gratuitousRequest(
    for address: IPv4Address, from hardwareAddress: MACAddress
  ) -> ARPPacket {
    ARPPacket(
      operation: .request, senderHardwareAddress: hardwareAddress, senderAddress: address,
      targetHardwareAddress: .zero, targetAddress: address)
  }

  /// A gratuitous ARP as a reply (RFC 5944 §4.6).
  ///
  /// Some devices honour only this form. The target hardware address is the sender's: Linux takes
  /// the reply for gratuitous only then (`net/ipv4/arp.c arp_is_garp`).
  public static func gratuitousReply(
    for address: IPv4Address, from hardwareAddress: MACAddress
  ) -> ARPPacket {
    ARPPacket(
      operation: .reply, senderHardwareAddress: hardwareAddress, senderAddress: address,
      targetHardwareAddress: hardwareAddress, targetAddress: address)
  }

  /// A duplicate probe: asks who has an address without claiming it (RFC 5227 §1.1).
  ///
  /// The sender address is `0.0.0.0`, so that no cache learns anything from it.
  public static func probe(
    for address: IPv4Address, from hardwareAddress: MACAddress
  ) -> ARPPacket {
    ARPPacket(
      operation: .request, senderHardwareAddress: hardwareAddress,
      senderAddress: IPv4Address(rawValue: 0), targetHardwareAddress: .zero,
      targetAddress: address)
  }

  /// Whether this asks who has the target address without claiming it (RFC 5227 §1.1).
  public var isProbe: Bool {
    operation == .request && senderAddress.isUnspecified && !targetAddress.isUnspecified
  }

  /// Whether this announces the sender's address to all (RFC 5227 §1.1, RFC 5944 §4.6).
  public var isGratuitous: Bool {
    senderAddress == targetAddress && !senderAddress.isUnspecified
  }
}

extension ARPPacket {
  /// Reads a whole Ethernet frame; what follows the packet is padding and ignored.
  public init(decodingFrame frame: Span<UInt8>) throws(PacketError) {
    try frame.require(Self.frameLength)
    let header = try EthernetHeader(decoding: frame)
    guard header.type == EthernetHeader.arpType else {
      throw .unexpected(.etherType, value: UInt32(header.type))
    }
    let hardwareType = frame.uint16(at: Offset.hardwareType)
    guard hardwareType == Self.ethernet else {
      throw .unexpected(.hardwareType, value: UInt32(hardwareType))
    }
    let protocolType = frame.uint16(at: Offset.protocolType)
    guard protocolType == Self.ipv4 else {
      throw .unexpected(.protocolType, value: UInt32(protocolType))
    }
    guard frame[Offset.hardwareLength] == 6 else {
      throw .unexpected(.hardwareLength, value: UInt32(frame[Offset.hardwareLength]))
    }
    guard frame[Offset.protocolLength] == 4 else {
      throw .unexpected(.protocolLength, value: UInt32(frame[Offset.protocolLength]))
    }
    self.operation = Operation(rawValue: frame.uint16(at: Offset.operation))
    self.senderHardwareAddress = frame.macAddress(at: Offset.senderHardwareAddress)
    self.senderAddress = frame.ipv4Address(at: Offset.senderAddress)
    self.targetHardwareAddress = frame.macAddress(at: Offset.targetHardwareAddress)
    self.targetAddress = frame.ipv4Address(at: Offset.targetAddress)
  }

  /// Writes a whole Ethernet frame from the sender's hardware address.
  ///
  /// Gratuitous packets and probes are broadcast (RFC 5227 §1.1).
  ///
  /// - Parameters:
  ///   - destination: whom the frame is for.
  ///   - buffer: where the frame goes; octets after it stay as they are.
  /// - Returns: the octets written.
  /// - Throws: `bufferTooSmall`.
  public func encodeFrame(
    to destination: MACAddress = .broadcast, into buffer: inout MutableSpan<UInt8>
  ) throws(PacketError) -> Int {
    try buffer.require(Self.frameLength)
    EthernetHeader(
      destination: destination, source: senderHardwareAddress, type: EthernetHeader.arpType
    ).encode(into: &buffer)
    buffer.store(Self.ethernet, at: Offset.hardwareType)
    buffer.store(Self.ipv4, at: Offset.protocolType)
    buffer[Offset.hardwareLength] = 6
    buffer[Offset.protocolLength] = 4
    buffer.store(operation.rawValue, at: Offset.operation)
    buffer.store(senderHardwareAddress, at: Offset.senderHardwareAddress)
    buffer.store(senderAddress, at: Offset.senderAddress)
    buffer.store(targetHardwareAddress, at: Offset.targetHardwareAddress)
    buffer.store(targetAddress, at: Offset.targetAddress)
    return Self.frameLength
  }
}

public import Addresses

/// The header of an Ethernet II frame without a VLAN tag (IEEE 802.3 §3.1.1).
///
/// A frame is sent on the VLAN's own interface, where the kernel adds the tag.
public struct EthernetHeader: Hashable, Sendable {
  /// Octets in the header.
  public static let length = 14
  /// The type of a frame that carries ARP (RFC 826, `ETH_P_ARP`).
  public static let arpType: UInt16 = 0x0806
  /// The type of a frame that carries IPv6 (RFC 2464 §3, `ETH_P_IPV6`).
  public static let ipv6Type: UInt16 = 0x86dd

  /// Where the fields stand, in octets from the start of the frame.
  enum Offset {
    static let destination = 0
    static let source = 6
    static let type = 12
  }

  /// Whom the frame is for.
  public var destination: MACAddress
  /// Who sent it.
  public var source: MACAddress
  /// What it carries.
  public var type: UInt16

  /// Makes a header.
  public init(destination: MACAddress, source: MACAddress, type: UInt16) {
    self.destination = destination
    self.source = source
    self.type = type
  }

  /// Reads the header of a frame.
  public init(decoding frame: Span<UInt8>) throws(PacketError) {
    try frame.require(Self.length)
    self.destination = frame.macAddress(at: Offset.destination)
    self.source = frame.macAddress(at: Offset.source)
    self.type = frame.uint16(at: Offset.type)
  }

  /// Writes the header; the caller has checked that there is room.
  func encode(into buffer: inout MutableSpan<UInt8>) {
    buffer.store(destination, at: Offset.destination)
    buffer.store(source, at: Offset.source)
    buffer.store(type, at: Offset.type)
  }
}

public import Addresses
import Packets

/// Tells a link where an address is, or asks who has it, over one packet socket for all links.
///
/// A frame goes out inside the call. Sending needs `CAP_NET_RAW`. When and how often is the
/// caller's to decide (RFC 5227 §2.1.1, §2.3; RFC 4861 §7.2.6).
public struct Announcer: ~Copyable {
  private let socket: PacketSocket
  private var frame: [UInt8]

  /// Opens the socket, in the network namespace of this thread.
  public init() throws(LinkLayerError) {
    do {
      self.socket = try PacketSocket()
    } catch {
      throw .callFailed(error)
    }
    self.frame = Array(repeating: 0, count: 128)
  }

  /// Announces that an address is at a link.
  ///
  /// IPv4: a gratuitous ARP as a request, then as a reply, since some devices honour only one of
  /// them. IPv6: an unsolicited neighbour advertisement with *Override* to all nodes.
  public mutating func announce(_ address: IPAddress, on link: Link) throws(LinkLayerError) {
    let hardwareAddress = try link.announcingAddress()
    switch address {
    case .v4(let address):
      try send(.gratuitousRequest(for: address, from: hardwareAddress), on: link)
      try send(.gratuitousReply(for: address, from: hardwareAddress), on: link)
    case .v6(let address):
      let advertisement = NeighbourAdvertisement(unsolicitedFor: address, from: hardwareAddress)
      try send(type: EthernetHeader.ipv6Type, to: advertisement.receiver, on: link) {
        buffer throws(PacketError) in
        try advertisement.encodeFrame(into: &buffer)
      }
    }
  }

  /// Asks whether anyone on a link has an address, without claiming it.
  ///
  /// IPv4: an ARP probe (RFC 5227 §2.1.1). IPv6: a neighbour solicitation from `::`
  /// (RFC 4862 §5.4.2). A `ClaimWatcher` hears the answer.
  public mutating func probe(_ address: IPAddress, on link: Link) throws(LinkLayerError) {
    let hardwareAddress = try link.announcingAddress()
    switch address {
    case .v4(let address):
      try send(.probe(for: address, from: hardwareAddress), on: link)
    case .v6(let address):
      let solicitation = NeighbourSolicitation(probeFor: address, from: hardwareAddress)
      try send(type: EthernetHeader.ipv6Type, to: solicitation.receiver, on: link) {
        buffer throws(PacketError) in
        try solicitation.encodeFrame(into: &buffer)
      }
    }
  }

  /// Broadcasts an ARP packet.
  private mutating func send(_ packet: ARPPacket, on link: Link) throws(LinkLayerError) {
    try send(type: EthernetHeader.arpType, to: .broadcast, on: link) {
      buffer throws(PacketError) in
      try packet.encodeFrame(into: &buffer)
    }
  }

  /// Builds a frame in the buffer and sends it.
  private mutating func send(
    type: UInt16, to destination: MACAddress, on link: Link,
    encode: (inout MutableSpan<UInt8>) throws(PacketError) -> Int
  ) throws(LinkLayerError) {
    let count: Int
    do {
      var span = frame.mutableSpan
      count = try encode(&span)
    } catch {
      throw .packet(error)
    }
    do {
      try socket.send(frame, count: count, type: type, to: destination, on: link)
    } catch {
      throw .callFailed(error)
    }
  }
}

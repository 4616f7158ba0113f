public import Addresses
import Packets

/// A sign that another host uses, or is about to use, an address.
public struct AddressClaim: Hashable, Sendable {
  /// What the other host sent.
  public enum Kind: Hashable, Sendable {
    /// An ARP probe: it asks before it takes the address (RFC 5227 §2.1.1).
    case probe
    /// A gratuitous ARP, request or reply: it has taken the address (RFC 5227 §2.3).
    case announcement
    /// An ARP request with the address as its sender: it uses the address (RFC 5227 §2.4).
    case request
    /// An ARP reply: it answers for the address.
    case reply
    /// A neighbour advertisement: it has taken or answers for the address (RFC 4861 §4.4).
    case neighbourAdvertisement
    /// A solicitation from `::`: it asks before it takes the address (RFC 4862 §5.4.3).
    case neighbourSolicitation
  }

  /// The address.
  public var address: IPAddress
  /// The other host's Ethernet address.
  public var macAddress: MACAddress
  /// The interface on which it was heard.
  public var interface: InterfaceIndex
  /// What was heard.
  public var kind: Kind

  /// Makes a claim.
  public init(
    address: IPAddress, macAddress: MACAddress, interface: InterfaceIndex, kind: Kind
  ) {
    self.address = address
    self.macAddress = macAddress
    self.interface = interface
    self.kind = kind
  }

  /// Whether the other host only asks, and does not have the address yet.
  public var isTentative: Bool { kind == .probe || kind == .neighbourSolicitation }
}

extension AddressClaim {
  /// Reads the claim in an ARP packet; nothing for one that claims nothing.
  init?(_ packet: ARPPacket, on interface: InterfaceIndex) {
    let kind: Kind
    if packet.isProbe {
      kind = .probe
    } else if packet.senderAddress.isUnspecified {
      return nil
    } else if packet.isGratuitous {
      kind = .announcement
    } else {
      switch packet.operation {
      case .request: kind = .request
      case .reply: kind = .reply
      default: return nil
      }
    }
    self.init(
      address: .v4(kind == .probe ? packet.targetAddress : packet.senderAddress),
      macAddress: packet.senderHardwareAddress, interface: interface, kind: kind)
  }

  /// Reads the claim in an advertisement.
  init(_ advertisement: NeighbourAdvertisement, on interface: InterfaceIndex) {
    self.init(
      address: .v6(advertisement.target),
      macAddress: advertisement.targetHardwareAddress ?? advertisement.sender,
      interface: interface, kind: .neighbourAdvertisement)
  }

  /// Reads the claim in a solicitation; nothing for one that only resolves the address.
  init?(_ solicitation: NeighbourSolicitation, on interface: InterfaceIndex) {
    guard solicitation.isProbe else { return nil }
    self.init(
      address: .v6(solicitation.target), macAddress: solicitation.sender, interface: interface,
      kind: .neighbourSolicitation)
  }

  /// Reads the claim in an ARP frame; nothing if it claims nothing.
  init?(arpFrame frame: Span<UInt8>, on interface: InterfaceIndex) throws(PacketError) {
    let packet = try ARPPacket(decodingFrame: frame)
    self.init(packet, on: interface)
  }

  /// Reads the claim in a neighbour message; nothing if it claims nothing.
  init?(neighbourFrame frame: Span<UInt8>, on interface: InterfaceIndex) throws(PacketError) {
    do {
      let advertisement = try NeighbourAdvertisement(decodingFrame: frame)
      self.init(advertisement, on: interface)
    } catch .unexpected(.messageType, value: UInt32(NeighbourSolicitation.messageType)) {
      let solicitation = try NeighbourSolicitation(decodingFrame: frame)
      self.init(solicitation, on: interface)
    }
  }
}

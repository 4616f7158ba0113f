public import Packets

/// Why a frame could not be sent to, or watched on, a link.
public enum LinkLayerError: Error, Equatable, Sendable {
  /// Nobody on the link would ask for the address, or be able to hear it announced.
  case unsuitable(link: String, LinkUnsuitability)
  /// A system call failed.
  case callFailed(SystemCallError)
  /// The frame could not be built.
  case packet(PacketError)
}

/// Why a link takes no announcements.
public enum LinkUnsuitability: Hashable, Sendable {
  /// It is the loopback (`IFF_LOOPBACK`, netdevice(7)).
  case loopback
  /// It has no address resolution (`IFF_NOARP`, netdevice(7)).
  case noARP
  /// It has no Ethernet address.
  case noEthernetAddress
}

extension LinkLayerError: CustomStringConvertible {
  /// One sentence for a log.
  public var description: String {
    switch self {
    case .unsuitable(let link, .loopback): "\(link) is the loopback: nobody hears it"
    case .unsuitable(let link, .noARP): "\(link) does no address resolution (NOARP)"
    case .unsuitable(let link, .noEthernetAddress): "\(link) has no Ethernet address"
    case .callFailed(let error): error.description
    case .packet(let error): "the frame could not be built: \(error)"
    }
  }
}

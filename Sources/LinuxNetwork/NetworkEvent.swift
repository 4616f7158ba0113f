/// What the kernel told about its links and addresses, by whomever it was caused.
public enum NetworkEvent: Equatable, Sendable {
  /// An address was added, or its lifetime or flags changed: the kernel's message is the same.
  case addressUpdated(AssignedAddress)
  /// An address was removed, by someone or at the end of its lifetime.
  case addressRemoved(AssignedAddress)
  /// An interface was added, or changed its state, name, Ethernet address or flags.
  case linkUpdated(Link)
  /// An interface was removed.
  case linkRemoved(Link)
  /// Messages were lost: only a new dump tells what is true now.
  case overrun
}

extension NetworkEvent {
  /// Reads the notifications in one datagram of the kernel; others in it are skipped.
  ///
  /// - Parameter datagram: what one read of the monitor's descriptor gave.
  /// - Returns: the events in the kernel's order.
  /// - Throws: `malformed`.
  public static func decode(
    _ datagram: Span<UInt8>
  ) throws(NetlinkError) -> [NetworkEvent] {
    var events: [NetworkEvent] = []
    try NetlinkReader.forEachMessage(in: datagram) { header, payload throws(NetlinkError) in
      if let event = try NetworkEvent(type: header.type, payload: payload) { events.append(event) }
    }
    return events
  }

  /// Reads one notification; nothing for one that is of no interest.
  private init?(type: UInt16, payload: Span<UInt8>) throws(NetlinkError) {
    switch type {
    case Kernel.newAddress:
      guard let address = try AssignedAddress(payload: payload) else { return nil }
      self = .addressUpdated(address)
    case Kernel.deleteAddress:
      guard let address = try AssignedAddress(payload: payload) else { return nil }
      self = .addressRemoved(address)
    case Kernel.newLink:
      guard let link = try Link(payload: payload) else { return nil }
      self = .linkUpdated(link)
    case Kernel.deleteLink:
      guard let link = try Link(payload: payload) else { return nil }
      self = .linkRemoved(link)
    case Kernel.messageOverrun:
      self = .overrun
    default:
      return nil
    }
  }
}

public import Addresses

extension Link {
  /// The Ethernet address to announce from.
  ///
  /// - Throws: `LinkLayerError.unsuitable` if nobody on the link would hear an announcement.
  public func announcingAddress() throws(LinkLayerError) -> MACAddress {
    if flags.contains(.loopback) { throw .unsuitable(link: name, .loopback) }
    if flags.contains(.noARP) { throw .unsuitable(link: name, .noARP) }
    guard let macAddress else { throw .unsuitable(link: name, .noEthernetAddress) }
    return macAddress
  }
}

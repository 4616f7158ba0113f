public import Addresses
import CMnl
import Glibc
import Packets

/// Watches one link for other hosts that claim addresses.
///
/// Two packet sockets, one for ARP and one for IPv6, each behind a filter in the kernel. They are
/// bound to their frame types, so the rest of the host's traffic never comes near them, and what
/// this host sends isn't seen (packet(7) shows it only to sockets for all types).
public struct ClaimWatcher: ~Copyable {
  /// Frames that one call reads at most from each socket, so that a flood can't hold up the loop.
  public static let framesPerCall = 64

  /// The link that is watched.
  public private(set) var link: Link
  /// The addresses that are watched.
  public private(set) var addresses: Set<IPAddress>
  /// Whether the kernel compares addresses.
  ///
  /// False with so many that no program fits: then all ARP and all neighbour advertisements come
  /// here to be compared.
  public internal(set) var isFilteredInKernel: Bool
  /// Frames that passed the filter and could not be read, since the start.
  public internal(set) var malformedFrames: Int

  /// This host's Ethernet address on the link.
  public private(set) var macAddress: MACAddress

  let arpSocket: PacketSocket
  let neighbourSocket: PacketSocket
  var isARPBound: Bool
  var isNeighbourBound: Bool

  /// Starts to watch a link; needs `CAP_NET_RAW`.
  ///
  /// - Parameters:
  ///   - link: the link; one without address resolution is refused.
  ///   - addresses: the addresses to watch.
  /// - Throws: `unsuitable` or `callFailed`.
  public init(on link: Link, for addresses: Set<IPAddress>) throws(LinkLayerError) {
    self = try Self.started(on: link, for: addresses)
  }

  /// Does the work of the initializer, which may not throw halfway through a noncopyable value.
  private static func started(
    on link: Link, for addresses: Set<IPAddress>
  ) throws(LinkLayerError) -> ClaimWatcher {
    let macAddress = try link.announcingAddress()
    let arpSocket = try openSocket()
    let neighbourSocket = try openSocket()
    var watcher = ClaimWatcher(
      link: link, macAddress: macAddress, arpSocket: arpSocket, neighbourSocket: neighbourSocket)
    try watcher.watch(addresses, on: link)
    return watcher
  }

  private init(
    link: Link, macAddress: MACAddress, arpSocket: consuming PacketSocket,
    neighbourSocket: consuming PacketSocket
  ) {
    self.link = link
    self.macAddress = macAddress
    self.arpSocket = arpSocket
    self.neighbourSocket = neighbourSocket
    self.addresses = []
    self.isFilteredInKernel = true
    self.malformedFrames = 0
    self.isARPBound = false
    self.isNeighbourBound = false
  }

  /// The descriptors, to wait on; they stay this value's own.
  public var fileDescriptors: [Int32] {
    [arpSocket.fileDescriptor, neighbourSocket.fileDescriptor]
  }

  /// Watches other addresses, or the same ones after the link's Ethernet address changed.
  ///
  /// - Parameters:
  ///   - addresses: the addresses.
  ///   - link: the link as it is now, or the one that has taken its place.
  /// - Throws: `unsuitable` or `callFailed`.
  public mutating func watch(
    _ addresses: Set<IPAddress>, on link: Link
  ) throws(LinkLayerError) {
    macAddress = try link.announcingAddress()
    if link.index != self.link.index {
      // What the sockets were bound to and members of has gone with the old interface.
      (isARPBound, isNeighbourBound) = (false, false)
      self.addresses = []
    }
    self.link = link
    do {
      try setMemberships(from: self.addresses, to: addresses)
      self.addresses = addresses
      try setFilters()
    } catch {
      throw .callFailed(error)
    }
  }

  /// Reads what was heard, without waiting.
  ///
  /// After `framesPerCall` frames of a kind the rest is left for the next call. That the link went
  /// down is no error here: the sockets hear again when it is up.
  ///
  /// - Returns: the claims of other hosts, oldest first, ARP before IPv6.
  public mutating func claims() throws(LinkLayerError) -> [AddressClaim] {
    let arp = try claims(from: arpSocket) { frame, interface throws(PacketError) in
      try AddressClaim(arpFrame: frame, on: interface)
    }
    let neighbour = try claims(from: neighbourSocket) { frame, interface throws(PacketError) in
      try AddressClaim(neighbourFrame: frame, on: interface)
    }
    malformedFrames += arp.malformed + neighbour.malformed
    return arp.claims + neighbour.claims
  }

  /// Reads frames of one kind: what other hosts claim, and how many made no sense.
  private func claims(
    from socket: borrowing PacketSocket,
    decode: (Span<UInt8>, InterfaceIndex) throws(PacketError) -> AddressClaim?
  ) throws(LinkLayerError) -> (claims: [AddressClaim], malformed: Int) {
    var claims: [AddressClaim] = []
    var malformed = 0
    var frame = [UInt8](repeating: 0, count: PacketSocket.maxFrame)
    for _ in 0..<Self.framesPerCall {
      guard let count = try receive(from: socket, into: &frame) else { break }
      guard count > 0 else { continue }
      do {
        let claim = try decode(frame.span.extracting(first: count), link.index)
        if let claim, addresses.contains(claim.address), claim.macAddress != macAddress {
          claims.append(claim)
        }
      } catch {
        malformed += 1
      }
    }
    return (claims, malformed)
  }

  /// Opens a socket that receives nothing yet.
  private static func openSocket() throws(LinkLayerError) -> PacketSocket {
    do {
      return try PacketSocket()
    } catch {
      throw .callFailed(error)
    }
  }

  /// Reads one frame into a buffer; nothing if there is none.
  ///
  /// - Returns: its octets; 0 for one that isn't a frame from another host.
  private func receive(
    from socket: borrowing PacketSocket, into frame: inout [UInt8]
  ) throws(LinkLayerError) -> Int? {
    do {
      guard let (count, type) = try socket.receive(into: &frame, on: link) else { return nil }
      return type == Kernel.packetOutgoing || type == Kernel.packetLoopback ? 0 : count
    } catch {
      guard error.errno == .networkDown else { throw .callFailed(error) }
      return 0
    }
  }
}

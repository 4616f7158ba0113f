import Addresses
import Glibc
import Packets

extension ClaimWatcher {
  /// Attaches the programs for the watched addresses, then lets frames in.
  mutating func setFilters() throws(SystemCallError) {
    let ipv4 = addresses.sorted().compactMap(\.ipv4)
    let ipv6 = addresses.sorted().compactMap(\.ipv6)
    let isARPExact = try attach(
      ipv4.isEmpty ? nil : ClaimFilter.arp(ipv4, own: macAddress),
      orElse: ClaimFilter.arp(nil, own: macAddress), to: arpSocket)
    let isNeighbourExact = try attach(
      ipv6.isEmpty ? nil : ClaimFilter.neighbour(ipv6, own: macAddress),
      orElse: ClaimFilter.neighbour(nil, own: macAddress), to: neighbourSocket)
    isFilteredInKernel = isARPExact && isNeighbourExact
    if !isARPBound && !ipv4.isEmpty {
      try arpSocket.bind(to: link, type: EthernetHeader.arpType)
      isARPBound = true
    }
    if !isNeighbourBound && !ipv6.isEmpty {
      try neighbourSocket.bind(to: link, type: EthernetHeader.ipv6Type)
      isNeighbourBound = true
    }
  }

  /// Attaches a program, or a short one that lets more in if that is too long for the kernel.
  ///
  /// Two limits apply: 4096 instructions, and the memory for a socket's options
  /// (`net.core.optmem_max`, 20 KiB on Debian 12), which the old program still takes up when the
  /// new one is attached. So the short one always goes first. Without a program every frame is
  /// dropped.
  ///
  /// - Returns: whether the exact program is in place.
  private func attach(
    _ program: [FilterInstruction]?, orElse short: [FilterInstruction],
    to socket: borrowing PacketSocket
  ) throws(SystemCallError) -> Bool {
    guard let program else {
      try socket.attach(ClaimFilter.nothing, on: link)
      return true
    }
    try socket.attach(short, on: link)
    guard program.count <= FilterInstruction.maxCount else { return false }
    do {
      try socket.attach(program, on: link)
      return true
    } catch {
      guard error.errno == .noMemory else { throw error }
      return false
    }
  }

  /// Has the interface receive the groups to which probes for the IPv6 addresses go.
  ///
  /// The kernel does so only for addresses that the host has, and the probe of another host is
  /// wanted before that.
  func setMemberships(
    from old: Set<IPAddress>, to new: Set<IPAddress>
  ) throws(SystemCallError) {
    let before = Set(old.compactMap(\.probeGroup))
    let after = Set(new.compactMap(\.probeGroup))
    for group in before.subtracting(after) {
      try neighbourSocket.setMembership(false, of: group, on: link)
    }
    for group in after.subtracting(before) {
      try neighbourSocket.setMembership(true, of: group, on: link)
    }
  }
}

extension IPAddress {
  /// The IPv4 address, if it is one.
  var ipv4: IPv4Address? {
    if case .v4(let address) = self { address } else { nil }
  }

  /// The IPv6 address, if it is one.
  var ipv6: IPv6Address? {
    if case .v6(let address) = self { address } else { nil }
  }

  /// The Ethernet group to which a solicitation for an IPv6 address goes (RFC 2464 §7).
  var probeGroup: MACAddress? {
    ipv6.map { MACAddress(multicastFor: $0.solicitedNodeMulticast) }
  }
}

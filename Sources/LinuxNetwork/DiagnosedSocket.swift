import Addresses
import CMnl

/// A TCP socket as the kernel names it in sock_diag(7), so that it can be named back.
struct DiagnosedSocket: Equatable {
  /// Octets in `inet_diag_sockid`.
  static let identityLength = 48

  /// `AF_INET`, or `AF_INET6` also for a socket with IPv4-mapped addresses.
  var family: UInt8
  /// `inet_diag_sockid` as it came: ports, addresses, interface and cookie.
  var identity: [UInt8]
  var session: Session

  /// Reads one message of a dump (linux/inet_diag.h `inet_diag_msg`); nothing for an odd state.
  init?(payload: Span<UInt8>) throws(NetlinkError) {
    guard payload.count >= MemoryLayout<inet_diag_msg>.size else { throw .malformed(.truncated) }
    let family = payload[0]
    guard family == Kernel.ipv4Family || family == Kernel.ipv6Family,
      let state = Session.State(rawValue: payload[1])
    else { return nil }
    let identity = payload.extracting(4..<4 + Self.identityLength)
    guard let local = Self.address(identity, at: 4, family: family),
      let remote = Self.address(identity, at: 20, family: family)
    else { return nil }
    self.family = family
    self.identity = identity.octets
    self.session = Session(
      local: Endpoint(address: local, port: identity.networkUInt16(at: 0)),
      remote: Endpoint(address: remote, port: identity.networkUInt16(at: 2)), state: state)
  }

  /// The address at an offset, 4 or 16 octets after its family.
  private static func address(
    _ identity: Span<UInt8>, at offset: Int, family: UInt8
  ) -> IPAddress? {
    let octets = identity.extracting(offset..<offset + 16).octets
    guard family == Kernel.ipv6Family else {
      return .v4(IPv4Address(octets[0], octets[1], octets[2], octets[3]))
    }
    guard let address = IPv6Address(octets: octets) else { return nil }
    return address.mappedIPv4.map(IPAddress.v4) ?? .v6(address)
  }
}

extension Span where Element == UInt8 {
  /// The 16-bit number in network order at an offset that the caller has checked.
  func networkUInt16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
  }
}

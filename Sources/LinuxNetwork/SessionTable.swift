public import Addresses
import CMnl
import Glibc

/// The kernel's TCP sockets (sock_diag(7)), over one netlink socket.
public struct SessionTable: ~Copyable {
  /// Every state in which a peer may still believe in the connection; listeners stay.
  static let endable: [Session.State] = [
    .established, .synSent, .synReceived, .finWait1, .finWait2, .closeWait, .lastAck, .closing,
    .newSynReceived,
  ]
  /// The states of a connection that this host's process has closed, while something of it still
  /// waits to be sent or to be acknowledged.
  static let closedUnacknowledged: [Session.State] = [.finWait1, .lastAck, .closing]

  private var socket: NetlinkSocket

  /// Opens a socket to the kernel's socket diagnosis, in the network namespace of this thread.
  public init() throws(NetlinkError) {
    do {
      self.socket = try NetlinkSocket(bus: NETLINK_SOCK_DIAG, object: "the session table")
    } catch {
      throw .callFailed(error)
    }
  }

  /// The established connections to an address of this host.
  ///
  /// - Parameters:
  ///   - address: the local address.
  ///   - port: the local port, or nothing for all.
  /// - Returns: the connections in the kernel's order; sockets of both families that speak to it.
  /// - Throws: any `NetlinkError`.
  public mutating func establishedSessions(
    to address: IPAddress, port: UInt16? = nil
  ) throws(NetlinkError) -> [Session] {
    try sockets(.local, at: address, port: port, in: [.established]).map(\.session)
  }

  /// Ends every TCP connection of an address of this host (`ss -K src ADDRESS`).
  ///
  /// Their peers get an RST while the address is still here, and so reconnect at once and
  /// elsewhere. It needs `CAP_NET_ADMIN`. Listening sockets stay. One that ended by itself in the
  /// meantime isn't counted. Ten thousand take about a tenth of a second, so a caller that has to
  /// remove the address in time sets a limit and ends the others afterwards.
  ///
  /// - Parameters:
  ///   - address: the local address.
  ///   - port: the local port, or nothing for all.
  ///   - limit: how many to end at most.
  /// - Returns: how many were ended, or that the kernel can't.
  /// - Throws: any `NetlinkError`; the first refusal if there are several.
  @discardableResult
  public mutating func endSessions(
    of address: IPAddress, port: UInt16? = nil, limit: Int = .max
  ) throws(NetlinkError) -> SessionsEnding {
    let sockets: [DiagnosedSocket]
    do {
      sockets = Array(
        try self.sockets(.local, at: address, port: port, in: Self.endable).prefix(max(0, limit)))
    } catch .refused(let refusal) where refusal.errno == .noEntry {
      return .unsupported
    }
    return try end(sockets)
  }

  /// Ends the connections to another host's address and port that this host's process has closed,
  /// and with them what they would still send again and again.
  ///
  /// Those that are in use stay. It needs `CAP_NET_ADMIN`. Kernels before 6.11 only throw away what
  /// waits to be sent, which is what matters here (`tcp.c tcp_abort`).
  ///
  /// - Parameter remote: the other end.
  /// - Returns: how many were ended, or that the kernel can't.
  /// - Throws: any `NetlinkError`; the first refusal if there are several.
  @discardableResult
  public mutating func endClosedConnections(
    to remote: Endpoint
  ) throws(NetlinkError) -> SessionsEnding {
    let sockets: [DiagnosedSocket]
    do {
      sockets = try self.sockets(
        .remote, at: remote.address, port: remote.port, in: Self.closedUnacknowledged)
    } catch .refused(let refusal) where refusal.errno == .noEntry {
      return .unsupported
    }
    return try end(sockets)
  }

  private mutating func end(_ sockets: [DiagnosedSocket]) throws(NetlinkError) -> SessionsEnding {
    let refusals = try unsafe socket.transact(count: sockets.count) { index in
      "SOCK_DESTROY \(sockets[index].session.local) \(sockets[index].session.remote)"
    } encode: { index, flags, sequence, buffer in
      unsafe NetlinkRequest.destroy(
        sockets[index], flags: flags, sequence: sequence, into: buffer)
    }
    var ended = 0
    for refusal in refusals {
      switch refusal?.errno {
      case nil: ended += 1
      case .noEntry: break
      case .notSupported: return .unsupported
      case .some: if let refusal { throw .refused(refusal) }
      }
    }
    return .ended(ended)
  }

  /// Dumps the sockets with an address at one end, for IPv4 also those of IPv6 with mapped
  /// addresses.
  private mutating func sockets(
    _ end: NetlinkRequest.End, at address: IPAddress, port: UInt16?, in states: [Session.State]
  ) throws(NetlinkError) -> [DiagnosedSocket] {
    let isIPv4 = address.hostPrefixLength == 32
    let families = isIPv4 ? [Kernel.ipv4Family, Kernel.ipv6Family] : [Kernel.ipv6Family]
    let stateBits = states.reduce(UInt32(0)) { $0 | 1 << UInt32($1.rawValue) }
    var sockets: [DiagnosedSocket] = []
    for family in families {
      sockets += try unsafe socket.dump(name: "SOCK_DIAG_BY_FAMILY \(address)") {
        sequence, buffer in
        unsafe NetlinkRequest.dumpSessions(
          end, at: address, port: port, family: family, states: stateBits, sequence: sequence,
          into: buffer)
      } decode: { type, payload throws(NetlinkError) in
        type == Kernel.socketByFamily ? try DiagnosedSocket(payload: payload) : nil
      }
    }
    return sockets.filter {
      (end == .local ? $0.session.local : $0.session.remote).address == address
    }
  }
}

public import Addresses
import CMnl
import Glibc

/// What processes of this host have of a TCP port (sock_diag(7)).
public enum PortUse: Equatable, Sendable {
  /// A process listens on it, at this address or at all.
  case listened
  /// Nobody listens, but a process still has a connection of it: it stopped listening, or is just ending.
  case connected
  /// No process has a socket of it.
  case unused
}

/// Reads from the kernel who uses a port.
public struct PortUseReader: ~Copyable {
  /// The states in which a process has the socket in its hands: it may still read or write.
  private static let inHands: [Session.State] = [.established, .closeWait]

  private var socket: NetlinkSocket

  /// Opens a socket to the kernel's socket diagnosis, in the network namespace of this thread.
  public init() throws(NetlinkError) {
    do {
      socket = try NetlinkSocket(bus: NETLINK_SOCK_DIAG, object: "the use of a port")
    } catch {
      throw .callFailed(error)
    }
  }

  /// What processes have of a port.
  ///
  /// Listening sockets are looked for first: they have a table of their own, with few places. Only
  /// where nobody listens is the table of connections gone through, which takes a millisecond or two.
  ///
  /// - Throws: any `NetlinkError`.
  public mutating func use(of endpoint: Endpoint) throws(NetlinkError) -> PortUse {
    let listeners = try sessions(at: endpoint.port, in: [.listening])
    if listeners.contains(where: { $0.isListening(for: endpoint) }) { return .listened }
    return try sessions(at: endpoint.port, in: Self.inHands).isEmpty ? .unused : .connected
  }

  /// The sockets of both families whose local port is this one.
  private mutating func sessions(
    at port: UInt16, in states: [Session.State]
  ) throws(NetlinkError) -> [Session] {
    let bits = states.reduce(UInt32(0)) { $0 | 1 << UInt32($1.rawValue) }
    var sessions: [Session] = []
    for family in [Kernel.ipv4Family, Kernel.ipv6Family] {
      sessions += try unsafe socket.dump(name: "SOCK_DIAG_BY_FAMILY port \(port)") {
        sequence, buffer in
        unsafe NetlinkRequest.dumpPort(
          port, family: family, states: bits, sequence: sequence, into: buffer)
      } decode: { type, payload throws(NetlinkError) in
        type == Kernel.socketByFamily ? try DiagnosedSocket(payload: payload)?.session : nil
      }
    }
    return sessions.filter { $0.local.port == port && states.contains($0.state) }
  }
}

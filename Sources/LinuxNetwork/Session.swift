public import Addresses

/// A TCP connection of this host (tcp(7)).
public struct Session: Hashable, Sendable {
  /// The states of a connection in the kernel's numbers (`net/tcp_states.h`).
  public enum State: UInt8, Hashable, Sendable {
    /// `TCP_ESTABLISHED`.
    case established = 1
    /// `TCP_SYN_SENT`.
    case synSent = 2
    /// `TCP_SYN_RECV`.
    case synReceived = 3
    /// `TCP_FIN_WAIT1`.
    case finWait1 = 4
    /// `TCP_FIN_WAIT2`.
    case finWait2 = 5
    /// `TCP_TIME_WAIT`.
    case timeWait = 6
    /// `TCP_CLOSE`.
    case closed = 7
    /// `TCP_CLOSE_WAIT`.
    case closeWait = 8
    /// `TCP_LAST_ACK`.
    case lastAck = 9
    /// `TCP_LISTEN`.
    case listening = 10
    /// `TCP_CLOSING`.
    case closing = 11
    /// `TCP_NEW_SYN_RECV`.
    case newSynReceived = 12
  }

  /// This host's end; an IPv4-mapped address is given as the IPv4 address that it is.
  public var local: Endpoint
  /// The other end.
  public var remote: Endpoint
  /// The state.
  public var state: State

  /// Makes a session.
  public init(local: Endpoint, remote: Endpoint, state: State) {
    self.local = local
    self.remote = remote
    self.state = state
  }

  /// Whether it takes connections to an address and port: it listens at that address, or at all.
  func isListening(for endpoint: Endpoint) -> Bool {
    let address = local.address
    return state == .listening && local.port == endpoint.port
      && (address == endpoint.address || address.octets.allSatisfy { $0 == 0 })
  }
}

/// What came of ending an address's sessions.
public enum SessionsEnding: Equatable, Sendable {
  /// So many were ended; none is as good.
  case ended(Int)
  /// The kernel can't: it has no `tcp_diag`, or was built without `CONFIG_INET_DIAG_DESTROY`.
  case unsupported
}

public import Addresses
import CMnl
import Glibc

/// The connections to a listening socket that wait for its process to accept them (listen(2)).
///
/// Beyond the limit the kernel drops what is sent to open a connection, and its client tries
/// again after a second at the earliest.
public struct AcceptQueue: Equatable, Sendable {
  /// How many wait.
  public var waiting: Int
  /// How many may wait: the server's backlog, or `net.core.somaxconn` if that is less.
  public var limit: Int

  /// Makes a queue.
  public init(waiting: Int, limit: Int) {
    self.waiting = waiting
    self.limit = limit
  }

  /// How many more may wait.
  public var room: Int { max(0, limit - waiting) }
}

/// Reads the queues of listening sockets from the kernel (sock_diag(7)).
///
/// Listening sockets have a table of their own in the kernel, with few places: one answer takes
/// some 20 µs, however many connections the host has.
public struct AcceptQueueReader: ~Copyable {
  private var socket: NetlinkSocket

  /// Opens a socket to the kernel's socket diagnosis, in the network namespace of this thread.
  public init() throws(NetlinkError) {
    do {
      socket = try NetlinkSocket(bus: NETLINK_SOCK_DIAG, object: "the accept queues")
    } catch {
      throw .callFailed(error)
    }
  }

  /// The queue of the listener that takes connections to an address and port of this host.
  ///
  /// Of several that may take them, as with `SO_REUSEPORT`, it is the one with the least room.
  ///
  /// - Returns: nothing if none listens.
  /// - Throws: any `NetlinkError`.
  public mutating func queue(of endpoint: Endpoint) throws(NetlinkError) -> AcceptQueue? {
    let isIPv4 = endpoint.address.hostPrefixLength == 32
    let families = isIPv4 ? [Kernel.ipv4Family, Kernel.ipv6Family] : [Kernel.ipv6Family]
    var fullest: AcceptQueue?
    for family in families {
      let queues = try unsafe socket.dump(name: "SOCK_DIAG_BY_FAMILY \(endpoint)") {
        sequence, buffer in
        unsafe NetlinkRequest.dumpPort(
          endpoint.port, family: family, states: 1 << UInt32(Session.State.listening.rawValue),
          sequence: sequence, into: buffer)
      } decode: { type, payload throws(NetlinkError) in
        type == Kernel.socketByFamily ? try Self.queue(payload, of: endpoint) : nil
      }
      for queue in queues where queue.room < fullest?.room ?? .max { fullest = queue }
    }
    return fullest
  }

  /// Reads one message (linux/inet_diag.h `inet_diag_msg`; for a listener `idiag_rqueue` and
  /// `idiag_wqueue` are `sk_ack_backlog` and `sk_max_ack_backlog`, `tcp_diag.c`); nothing for a
  /// socket that listens elsewhere.
  private static func queue(
    _ payload: Span<UInt8>, of endpoint: Endpoint
  ) throws(NetlinkError) -> AcceptQueue? {
    guard let socket = try DiagnosedSocket(payload: payload),
      socket.session.isListening(for: endpoint)
    else { return nil }
    return AcceptQueue(
      waiting: Int(payload.hostUInt32(at: 56)), limit: Int(payload.hostUInt32(at: 60)))
  }
}

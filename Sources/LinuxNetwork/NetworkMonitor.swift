import CMnl
import Glibc

/// Hears of every change to the host's links and addresses (rtnetlink(7), `RTMGRP_…`).
///
/// Wait until the descriptor can be read, then call `receive`. Subscribe before the first dump:
/// what changes in between is then heard, not missed.
public struct NetworkMonitor: ~Copyable {
  /// Datagrams that one call reads at most, so that a flood can't hold up the event loop.
  public static let datagramsPerCall = 64
  /// Octets that may wait to be read: some thousand notifications.
  static let receiveQueue: Int32 = 1 << 20

  private var socket: NetlinkSocket

  /// Subscribes, in the network namespace of this thread.
  public init() throws(NetlinkError) {
    do {
      self.socket = try NetlinkSocket(
        bus: NETLINK_ROUTE,
        groups: UInt32(RTMGRP_LINK) | UInt32(RTMGRP_IPV4_IFADDR) | UInt32(RTMGRP_IPV6_IFADDR),
        object: "the network monitor")
    } catch {
      throw .callFailed(error)
    }
    socket.growReceiveQueue(to: Self.receiveQueue)
  }

  /// The descriptor, to wait on; it stays this value's own.
  public var fileDescriptor: Int32 { socket.fileDescriptor }

  /// Reads what there is, without waiting.
  ///
  /// Changes that this process has made are among them. After `datagramsPerCall` datagrams the
  /// rest is left for the next call; the descriptor stays readable. A datagram that makes no sense
  /// is as good as lost, and so an overrun too.
  ///
  /// - Returns: the events in the kernel's order, empty if nothing happened.
  public mutating func receive() throws(NetlinkError) -> [NetworkEvent] {
    var events: [NetworkEvent] = []
    for _ in 0..<Self.datagramsPerCall {
      do {
        let more = try socket.receive { datagram throws(NetlinkError) in
          try NetworkEvent.decode(datagram)
        }
        guard let more else { break }
        events += more
      } catch .malformed {
        events.append(.overrun)
      } catch .callFailed(let error) where error.meansLoss {
        events.append(.overrun)
      }
    }
    return events
  }
}

extension SystemCallError {
  /// Whether notifications were thrown away: the queue was full, or one was greater than the buffer.
  fileprivate var meansLoss: Bool { errno == .noBufferSpace || errno == .noSpace }
}

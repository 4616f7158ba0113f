public import Addresses
import CMnl
import Glibc

/// Reads the clients of an address part by part, so that whoever has other work can do it between.
///
/// `SessionTable` answers at once and with all that it knows; ten thousand connections then take
/// some milliseconds. This one keeps 24 octets of a connection, and the kernel makes no more of
/// the answer than was asked for: it goes through its table as far as one datagram holds.
public struct SessionReader: ~Copyable {
  private var socket: NetlinkSocket
  private var target: Endpoint?
  private var sequence: UInt32 = 0

  /// Opens a socket to the kernel's socket diagnosis, in the network namespace of this thread.
  public init() throws(NetlinkError) {
    socket = try Self.open()
  }

  private static func open() throws(NetlinkError) -> NetlinkSocket {
    do {
      return try NetlinkSocket(bus: NETLINK_SOCK_DIAG, object: "the session reader")
    } catch {
      throw .callFailed(error)
    }
  }

  /// Whether there is more to read.
  public var isReading: Bool { target != nil }

  /// Begins to read the established connections to an address and port of this host.
  ///
  /// What was begun before and not read to its end is given up.
  ///
  /// - Throws: `callFailed`.
  public mutating func begin(_ endpoint: Endpoint) throws(NetlinkError) {
    // The kernel takes no new dump on a socket whose last one is unread.
    if target != nil { socket = try Self.open() }
    target = nil
    let sequence = socket.nextSequence()
    do {
      try unsafe socket.send { _, buffer in
        unsafe NetlinkRequest.dumpClients(of: endpoint, sequence: sequence, into: buffer)
      }
    } catch {
      throw .callFailed(error)
    }
    self.sequence = sequence
    target = endpoint
  }

  /// Reads on.
  ///
  /// The table may change meanwhile: a connection that is there all the time can, rarely, be
  /// missed or read twice.
  ///
  /// - Parameters:
  ///   - datagrams: how many datagrams to read at most; one holds some 280 connections.
  ///   - clients: where the other ends of the connections are added.
  ///   - limit: how many may stand there; further ones are counted in the result.
  /// - Returns: whether the end was reached, and how many found no room.
  /// - Throws: any `NetlinkError`; what was begun is then given up.
  public mutating func read(
    datagrams: Int, into clients: inout [PackedEndpoint], limit: Int
  ) throws(NetlinkError) -> (isComplete: Bool, excess: Int) {
    var excess = 0
    for _ in 0..<datagrams where target != nil {
      do throws(NetlinkError) {
        if try readDatagram(into: &clients, limit: limit, excess: &excess) { target = nil }
      } catch {
        // Unread, the rest would be taken for the next answer; a new socket has none.
        if let fresh = try? Self.open() { socket = fresh }
        target = nil
        throw error
      }
    }
    return (target == nil, excess)
  }

  /// Reads one datagram; whether it was the last.
  private mutating func readDatagram(
    into clients: inout [PackedEndpoint], limit: Int, excess: inout Int
  ) throws(NetlinkError) -> Bool {
    guard let target else { return true }
    let filter = ClientFilter(target)
    let sequence = sequence
    var isComplete = false
    let read: Void? = try socket.receive { datagram throws(NetlinkError) in
      try NetlinkReader.forEachMessage(in: datagram) { header, payload throws(NetlinkError) in
        guard header.sequence == sequence else { return }
        switch header.type {
        case Kernel.messageDone, Kernel.messageError:
          isComplete = true
          try Self.check(payload, flags: header.flags, target)
        default:
          guard let client = try filter.client(in: payload) else { return }
          if clients.count < limit { clients.append(client) } else { excess += 1 }
        }
      }
    }
    guard read != nil else { throw .malformed(.missingEnd) }
    return isComplete
  }

  /// Throws what the message that ends a dump says of an error.
  private static func check(
    _ payload: Span<UInt8>, flags: UInt16, _ target: Endpoint
  ) throws(NetlinkError) {
    guard let refusal = try NetlinkReader.refusal(in: payload, flags: flags) else { return }
    throw .refused(
      KernelRefusal(
        request: "TCPDIAG_GETSOCK \(target)", errno: refusal.errno, message: refusal.message))
  }
}

/// Takes the other end out of a message of a dump, without an allocation.
struct ClientFilter {
  private let local: PackedEndpoint

  init(_ local: Endpoint) {
    self.local = PackedEndpoint(local)
  }

  /// The client; nothing for a connection to another address (linux/inet_diag.h `inet_diag_msg`).
  func client(in payload: Span<UInt8>) throws(NetlinkError) -> PackedEndpoint? {
    guard payload.count >= MemoryLayout<inet_diag_msg>.size else { throw .malformed(.truncated) }
    let family = payload[0]
    guard payload[1] == Session.State.established.rawValue,
      family == Kernel.ipv4Family || family == Kernel.ipv6Family
    else { return nil }
    let isIPv4 = family == Kernel.ipv4Family
    let here = Self.endpoint(payload, isIPv4: isIPv4, port: 4, address: 8)
    guard here == local else { return nil }
    let client = Self.endpoint(payload, isIPv4: isIPv4, port: 6, address: 24)
    // A connection of this host to itself, for which the kernel chose the same address: should the
    // address move, nothing that another host sends reaches this end.
    return (client.high, client.low) == (local.high, local.low) ? nil : client
  }

  private static func endpoint(
    _ payload: Span<UInt8>, isIPv4: Bool, port: Int, address: Int
  ) -> PackedEndpoint {
    let port = payload.networkUInt16(at: port)
    guard !isIPv4 else {
      return PackedEndpoint(ipv4: payload.networkUInt32(at: address), port: port)
    }
    return PackedEndpoint(
      high: payload.networkUInt64(at: address), low: payload.networkUInt64(at: address + 8),
      port: port)
  }
}

extension Span where Element == UInt8 {
  /// The 32-bit number in network order at an offset that the caller has checked.
  func networkUInt32(at offset: Int) -> UInt32 {
    UInt32(networkUInt16(at: offset)) << 16 | UInt32(networkUInt16(at: offset + 2))
  }

  /// The 64-bit number in network order at an offset that the caller has checked.
  func networkUInt64(at offset: Int) -> UInt64 {
    UInt64(networkUInt32(at: offset)) << 32 | UInt64(networkUInt32(at: offset + 4))
  }
}

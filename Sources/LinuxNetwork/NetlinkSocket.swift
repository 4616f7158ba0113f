import CMnl
import Glibc

/// A netlink socket (netlink(7)), opened through libmnl and closed with the value.
///
/// It never blocks: the kernel works on a request inside `sendmsg`, so the answer is there when
/// that returns, and whatever is missing then will not come.
///
/// Safe, as the pointer to libmnl's socket is made here, never leaves and lives as long as this.
@safe struct NetlinkSocket: ~Copyable {
  /// The greatest datagram that the kernel makes of a dump, octets (`af_netlink.c netlink_dump`).
  static let maxDatagram = 32 * 1024
  /// Requests in one datagram.
  ///
  /// All could fail, and every refusal has to fit the socket's receive queue: 64 of them take
  /// about 80 KiB of the 208 KiB that it has by default (`net.core.rmem_default`).
  static let requestsPerDatagram = 64

  private let socket: OpaquePointer
  /// What errors call this socket.
  private let object: String
  private var sendBuffer: [UInt8]
  private var receiveBuffer: [UInt8]
  private var lastSequence: UInt32 = 0

  /// Opens a socket to a part of the kernel, subscribed to groups of its notifications.
  init(bus: Int32, groups: UInt32 = 0, object: String) throws(SystemCallError) {
    unsafe self.socket = try Self.open(bus: bus, groups: groups, object: object)
    self.object = object
    self.sendBuffer = Array(
      repeating: 0, count: NetlinkRequest.longest * (Self.requestsPerDatagram + 1))
    self.receiveBuffer = Array(repeating: 0, count: Self.maxDatagram)
    // Kernels before 4.12 lack these; errors then come without words, which is no reason to fail.
    try? setOption(NETLINK_EXT_ACK, to: 1)
    try? setOption(NETLINK_CAP_ACK, to: 1)
  }

  /// Opens and binds libmnl's socket; the caller closes it.
  private static func open(
    bus: Int32, groups: UInt32, object: String
  ) throws(SystemCallError) -> OpaquePointer {
    guard let socket = unsafe mnl_socket_open2(bus, Kernel.closeOnExecNonBlocking) else {
      throw SystemCallError(call: .socket, errno: .current, object: object)
    }
    guard unsafe mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) == 0 else {
      let error = SystemCallError(call: .bind, errno: .current, object: object)
      unsafe mnl_socket_close(socket)
      throw error
    }
    return unsafe socket
  }

  deinit { unsafe mnl_socket_close(socket) }

  /// The descriptor, for waiting until something can be read.
  var fileDescriptor: Int32 { unsafe mnl_socket_get_fd(socket) }

  /// Sets an option of the netlink level (netlink(7)).
  func setOption(_ option: Int32, to value: Int32) throws(SystemCallError) {
    var value = value
    let size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe mnl_socket_setsockopt(socket, option, &value, size) == 0 else {
      throw SystemCallError(call: .setsockopt, errno: .current, object: object)
    }
  }

  /// Asks for a greater receive queue than `net.core.rmem_max` allows (socket(7)).
  ///
  /// It needs `CAP_NET_ADMIN`; without it the queue stays as it is.
  func growReceiveQueue(to octets: Int32) {
    var octets = octets
    _ = unsafe setsockopt(
      fileDescriptor, SOL_SOCKET, SO_RCVBUFFORCE, &octets, socklen_t(MemoryLayout<Int32>.size))
  }

  /// A number that no earlier request of this socket has.
  mutating func nextSequence() -> UInt32 {
    lastSequence &+= 1
    return lastSequence
  }

  /// Builds requests one behind the other and sends them as one datagram.
  ///
  /// - Parameters:
  ///   - count: how many requests, `requestsPerDatagram` at most.
  ///   - encode: writes the request of an index at the front of a buffer; octets, or nothing if
  ///     there is no room.
  /// - Throws: the error of `sendto`.
  mutating func send(
    count: Int = 1, encode: (Int, UnsafeMutableRawBufferPointer) -> Int?
  ) throws(SystemCallError) {
    let socket = unsafe socket
    let sent = unsafe sendBuffer.withUnsafeMutableBytes { buffer -> Int in
      var length = 0
      for index in 0..<count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[length...])
        guard let octets = unsafe encode(index, rest) else {
          errno = EMSGSIZE
          return -1
        }
        length += octets
      }
      return unsafe mnl_socket_sendto(socket, buffer.baseAddress, length)
    }
    guard sent >= 0 else {
      throw SystemCallError(call: .send, errno: .current, object: object)
    }
  }

  /// Reads one datagram and hands it to a closure; nothing if there is none.
  mutating func receive<Result>(
    _ body: (Span<UInt8>) throws(NetlinkError) -> Result
  ) throws(NetlinkError) -> Result? {
    let socket = unsafe socket
    let received = unsafe receiveBuffer.withUnsafeMutableBytes { buffer in
      unsafe mnl_socket_recvfrom(socket, buffer.baseAddress, buffer.count)
    }
    guard received >= 0 else {
      let error = Errno.current
      if error == .wouldBlock || error == .interrupted { return nil }
      throw .callFailed(SystemCallError(call: .receive, errno: error, object: object))
    }
    return try body(receiveBuffer.span.extracting(0..<received))
  }
}

import Addresses
import CMnl
import Glibc

extension NetlinkRequest {
  /// Which end of a connection a condition is about.
  enum End {
    case local
    case remote
  }

  /// A dump of the TCP sockets of a family of whose one end the address, and port, are these.
  ///
  /// The kernel compares them itself, by a program of one condition (linux/inet_diag.h
  /// `INET_DIAG_BC_S_COND`, `INET_DIAG_BC_D_COND`), so that a host with ten thousand other sockets answers as fast. In a
  /// dump of IPv6 sockets an IPv4 condition meets those with an IPv4-mapped address
  /// (`inet_diag.c inet_diag_bc_run`).
  static func dumpSessions(
    _ end: End, at address: IPAddress, port: UInt16?, family: UInt8, states: UInt32,
    sequence: UInt32, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    unsafe message(
      type: Kernel.socketByFamily, flags: Kernel.request | Kernel.dump, sequence: sequence,
      into: buffer
    ) { header in
      unsafe putRequest(family: family, states: states, into: header)
      let program = condition(end, address, port: port)
      unsafe program.withUnsafeBytes { bytes in
        unsafe mnl_attr_put(header, Kernel.socketBytecode, bytes.count, bytes.baseAddress)
      }
    }
  }

  /// A dump of the established connections to an address and port, of both families at once.
  ///
  /// For IPv4 this is the older form of the request (linux/inet_diag.h `TCPDIAG_GETSOCK`): it
  /// names no family (`inet_diag.c inet_diag_dump_compat`), so the kernel goes once and not twice
  /// through its table, which has hundreds of thousands of places however few are taken.
  static func dumpClients(
    of endpoint: Endpoint, sequence: UInt32, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    unsafe message(
      type: Kernel.tcpSockets, flags: Kernel.request | Kernel.dump, sequence: sequence,
      into: buffer
    ) { header in
      var request = inet_diag_req()
      request.idiag_states = 1 << UInt32(Session.State.established.rawValue)
      request.id.idiag_sport = endpoint.port.bigEndian
      let size = MemoryLayout<inet_diag_req>.size
      unsafe mnl_nlmsg_put_extra_header(header, size)?
        .storeBytes(of: request, as: inet_diag_req.self)
      let program = condition(.local, endpoint.address, port: endpoint.port)
      unsafe program.withUnsafeBytes { bytes in
        unsafe mnl_attr_put(header, Kernel.socketBytecode, bytes.count, bytes.baseAddress)
      }
    }
  }

  /// A dump of the TCP sockets of a family in some states with a local port, whatever their addresses.
  static func dumpPort(
    _ port: UInt16, family: UInt8, states: UInt32, sequence: UInt32,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    unsafe message(
      type: Kernel.socketByFamily, flags: Kernel.request | Kernel.dump, sequence: sequence,
      into: buffer
    ) { header in
      unsafe putRequest(family: family, states: states, localPort: port, into: header)
    }
  }

  /// The end of a TCP socket: its peer gets an RST, its process `ECONNABORTED` (`tcp_abort`).
  static func destroy(
    _ socket: DiagnosedSocket, flags: UInt16, sequence: UInt32,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    unsafe message(
      type: Kernel.socketDestroy, flags: Kernel.request | flags, sequence: sequence, into: buffer
    ) { header in
      unsafe putRequest(
        family: socket.family, states: 0, identity: socket.identity, into: header)
    }
  }

  /// The fixed part of a request (linux/inet_diag.h `inet_diag_req_v2`), for one socket by its identity,
  /// or for those with a local port.
  private static func putRequest(
    family: UInt8, states: UInt32, identity: [UInt8]? = nil, localPort: UInt16 = 0,
    into header: UnsafeMutablePointer<nlmsghdr>
  ) {
    var request = inet_diag_req_v2()
    request.sdiag_family = family
    request.sdiag_protocol = UInt8(IPPROTO_TCP)
    request.idiag_states = states
    request.id.idiag_sport = localPort.bigEndian
    if let identity {
      unsafe withUnsafeMutableBytes(of: &request.id) { unsafe $0.copyBytes(from: identity) }
    }
    let size = MemoryLayout<inet_diag_req_v2>.size
    unsafe mnl_nlmsg_put_extra_header(header, size)?
      .storeBytes(of: request, as: inet_diag_req_v2.self)
  }

  /// The program: one operation (`inet_diag_bc_op`) with its condition (`inet_diag_hostcond`).
  ///
  /// A program accepts when it ends exactly at its length, and drops when it jumps 4 octets
  /// further.
  private static func condition(
    _ end: End, _ address: IPAddress, port: UInt16?
  ) -> [UInt8] {
    let octets = address.octets
    let length = 12 + octets.count
    let family = octets.count == 16 ? Kernel.ipv6Family : Kernel.ipv4Family
    let code = end == .local ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND
    return [UInt8(code), UInt8(length)] + hostOctets(UInt16(length + 4))
      + [family, address.hostPrefixLength, 0, 0] + hostOctets(port.map(Int32.init) ?? -1)
      + octets
  }

  /// The octets of a number in the host's order.
  private static func hostOctets(_ value: some FixedWidthInteger) -> [UInt8] {
    unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
  }
}

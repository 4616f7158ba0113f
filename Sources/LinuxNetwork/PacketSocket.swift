import Addresses
import CMnl
import Glibc
import Packets

/// A packet socket for whole Ethernet frames (packet(7)), closed with the value.
///
/// It never blocks. It is opened for no protocol and so receives nothing until it is bound: a
/// filter can be attached before the first frame comes in.
struct PacketSocket: ~Copyable {
  /// The greatest frame that a caller reads, octets; a neighbour message is far shorter.
  static let maxFrame = 2048

  let fileDescriptor: Int32

  /// Opens a socket; needs `CAP_NET_RAW`.
  init() throws(SystemCallError) {
    let type = Kernel.rawSocket | Kernel.closeOnExecNonBlocking
    let fileDescriptor = Glibc.socket(Kernel.packetFamily, type, 0)
    guard fileDescriptor >= 0 else {
      throw SystemCallError(call: .socket, errno: .current, object: "AF_PACKET")
    }
    self.fileDescriptor = fileDescriptor
  }

  deinit { close(fileDescriptor) }

  /// Receives frames of one type from one interface, from now on.
  func bind(to link: Link, type: UInt16) throws(SystemCallError) {
    let bound = unsafe withSocketAddress(link.index, type: type, to: .zero) { address, length in
      unsafe Glibc.bind(fileDescriptor, address, length)
    }
    guard bound == 0 else {
      throw SystemCallError(call: .bind, errno: .current, object: "AF_PACKET on \(link.name)")
    }
  }

  /// Lets only those frames in that a classic BPF program accepts (socket(7), `SO_ATTACH_FILTER`).
  ///
  /// It replaces an earlier program at once.
  func attach(_ program: [FilterInstruction], on link: Link) throws(SystemCallError) {
    try Self.attach(program, to: fileDescriptor, of: link.name)
  }

  /// Attaches a program to any socket.
  static func attach(
    _ program: [FilterInstruction], to fileDescriptor: Int32, of object: String
  ) throws(SystemCallError) {
    var instructions = program.map(\.kernelForm)
    let attached = unsafe instructions.withUnsafeMutableBufferPointer { buffer in
      var program = unsafe sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
      return unsafe setsockopt(
        fileDescriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program,
        socklen_t(MemoryLayout<sock_fprog>.size))
    }
    guard attached == 0 else {
      throw SystemCallError(
        call: .setsockopt, errno: .current, object: "SO_ATTACH_FILTER on \(object)")
    }
  }

  /// Makes the interface receive, or no longer receive, an Ethernet group (packet(7)).
  func setMembership(_ isMember: Bool, of group: MACAddress, on link: Link) throws(SystemCallError)
  {
    let octets = group.octets
    var request = packet_mreq()
    request.mr_ifindex = Int32(bitPattern: link.index.rawValue)
    request.mr_type = UInt16(PACKET_MR_MULTICAST)
    request.mr_alen = UInt16(octets.count)
    unsafe withUnsafeMutableBytes(of: &request.mr_address) { unsafe $0.copyBytes(from: octets) }
    let option = isMember ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP
    let changed = unsafe setsockopt(
      fileDescriptor, SOL_PACKET, option, &request, socklen_t(MemoryLayout<packet_mreq>.size))
    guard changed == 0 else {
      throw SystemCallError(call: .setsockopt, errno: .current, object: "\(group) on \(link.name)")
    }
  }

  /// Sends a frame that stands at the front of a buffer.
  func send(
    _ frame: [UInt8], count: Int, type: UInt16, to destination: MACAddress, on link: Link
  ) throws(SystemCallError) {
    let sent = unsafe withSocketAddress(link.index, type: type, to: destination) { address, size in
      unsafe frame.withUnsafeBytes { bytes in
        unsafe sendto(fileDescriptor, bytes.baseAddress, count, 0, address, size)
      }
    }
    guard sent == count else {
      throw SystemCallError(call: .send, errno: .current, object: "a frame on \(link.name)")
    }
  }

  /// Reads one frame into a buffer; nothing if there is none.
  ///
  /// - Returns: the octets read, and how the kernel classed the frame (`PACKET_HOST`, …).
  func receive(
    into buffer: inout [UInt8], on link: Link
  ) throws(SystemCallError) -> (count: Int, packetType: UInt8)? {
    var address = sockaddr_ll()
    var size = socklen_t(MemoryLayout<sockaddr_ll>.size)
    let received = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          unsafe recvfrom(fileDescriptor, bytes.baseAddress, bytes.count, 0, address, &size)
        }
      }
    }
    guard received >= 0 else {
      switch Errno.current {
      case .wouldBlock, .interrupted: return nil
      case let error:
        throw SystemCallError(call: .receive, errno: error, object: "frames on \(link.name)")
      }
    }
    return (received, address.sll_pkttype)
  }

  /// Hands the link-layer address of an interface and a frame type to a call (packet(7)).
  private func withSocketAddress<Result>(
    _ interface: InterfaceIndex, type: UInt16, to destination: MACAddress,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_ll()
    address.sll_family = UInt16(Kernel.packetFamily)
    address.sll_protocol = type.bigEndian
    address.sll_ifindex = Int32(bitPattern: interface.rawValue)
    address.sll_halen = 6
    let octets = destination.octets
    unsafe withUnsafeMutableBytes(of: &address.sll_addr) { unsafe $0.copyBytes(from: octets) }
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
  }
}

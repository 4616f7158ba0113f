public import Addresses
import CMnl
import Glibc
public import Packets

/// Sends tickles (`TickleSegment`) over raw sockets (raw(7)); needs `CAP_NET_RAW`.
///
/// It writes the header itself, so that the source is the virtual address and nothing has to be
/// bound; the packet is routed by its destination, as the answers of the server are. Nothing is
/// received here: a raw socket of `IPPROTO_RAW` only sends.
public struct TickleSocket: ~Copyable {
  private let ipv4: Int32
  private let ipv6: Int32
  private var buffer = [UInt8](repeating: 0, count: TickleSegment.maxLength)

  /// Opens a socket of each version, in the network namespace of this thread.
  ///
  /// A host without IPv6 has none of that version; sending then fails.
  public init() throws(SystemCallError) {
    let type = Kernel.rawSocket | Kernel.closeOnExecNonBlocking
    ipv4 = Glibc.socket(AF_INET, type, Int32(IPPROTO_RAW))
    guard ipv4 >= 0 else {
      throw SystemCallError(call: .socket, errno: .current, object: "raw IPv4")
    }
    ipv6 = Glibc.socket(AF_INET6, type, Int32(IPPROTO_RAW))
  }

  deinit {
    close(ipv4)
    if ipv6 >= 0 { close(ipv6) }
  }

  /// Sends one tickle.
  ///
  /// - Parameters:
  ///   - source: the address and port that the client is connected to.
  ///   - destination: the client.
  ///   - variant: the segment's numbers.
  ///   - interface: the interface of the source, for link-local clients.
  /// - Throws: the error of sendto(2); `EINVAL` for two addresses of two versions.
  public mutating func send(
    from source: PackedEndpoint, to destination: PackedEndpoint,
    _ variant: TickleSegment.Variant = .lowLow, on interface: InterfaceIndex
  ) throws(SystemCallError) {
    let segment = TickleSegment(source: source, destination: destination, variant: variant)
    var span = buffer.mutableSpan
    guard let length = try? segment.encodePacket(into: &span) else {
      throw error(Errno(rawValue: EINVAL), destination)
    }
    let sent =
      destination.isIPv4
      ? sendIPv4(length, to: destination)
      : sendIPv6(length, to: destination, on: interface)
    guard sent == length else { throw error(.current, destination) }
  }

  private func error(_ errno: Errno, _ destination: PackedEndpoint) -> SystemCallError {
    SystemCallError(call: .send, errno: errno, object: "a tickle to \(destination)")
  }

  private func sendIPv4(_ length: Int, to destination: PackedEndpoint) -> Int {
    var address = sockaddr_in()
    address.sin_family = UInt16(AF_INET)
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: destination.low).bigEndian
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe sendto(
          ipv4, buffer, length, 0, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private func sendIPv6(
    _ length: Int, to destination: PackedEndpoint, on interface: InterfaceIndex
  ) -> Int {
    var address = sockaddr_in6()
    address.sin6_family = UInt16(AF_INET6)
    // A raw socket takes a port for a protocol number (ipv6(7)), so there is none.
    let words = (destination.high.bigEndian, destination.low.bigEndian)
    unsafe withUnsafeBytes(of: words) { words in
      unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyMemory(from: words) }
    }
    if destination.high >> 54 == 0x3fa { address.sin6_scope_id = interface.rawValue }
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe sendto(
          ipv6, buffer, length, 0, pointer, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
  }
}

import Glibc

/// The floor of what an agent can do: an address that follows the local role, with no care at all.
///
/// It asks every 2 ms, and at once when Redis hangs up, as a promotion does; it has the address
/// where and as long as the answer is `master`. It knows nothing of Sentinel and of other holders,
/// so it is no agent that anybody should run: an isolated master keeps the address.
public struct RoleFollower: ~Copyable {
  private let path: String
  private let address: String
  private let link: FloorLink
  private var holds = false

  /// Follows the Redis at a socket with an IPv4 address such as `10.77.0.100/24` on `eth0`.
  public init(path: String, address: String) throws(LabError) {
    self.path = path
    self.address = address
    link = try FloorLink.open(interface: "eth0", address: address)
  }

  /// Follows for ever.
  public mutating func run() throws(LabError) {
    while true {
      var failure: LabError?
      pollRole(path, while: { failure == nil }) { role in
        do throws(LabError) { try hold(role == "master") } catch { failure = error }
      }
      if let failure { throw failure }
      pause(milliseconds: 1)
    }
  }

  private mutating func hold(_ shall: Bool) throws(LabError) {
    if shall == holds { return }
    try link.change(present: shall)
    if shall { try link.announce() }
    holds = shall
    printLine("\(Stamp.now().nanoseconds) \(shall ? "took" : "left") \(address)")
  }
}

/// Adding an IPv4 address to an interface and announcing it: one netlink message, two frames.
private struct FloorLink: ~Copyable {
  private let kernel: FileDescriptor
  private let wire: FileDescriptor
  private let index: UInt32
  private let hardware: [UInt8]
  private let address: [UInt8]
  private let prefixLength: UInt8

  private init(index: UInt32, hardware: [UInt8], address: [UInt8], prefixLength: UInt8) {
    self.index = index
    self.hardware = hardware
    self.address = address
    self.prefixLength = prefixLength
    let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    // NETLINK_ROUTE is 0.
    kernel = FileDescriptor(socket(AF_NETLINK, type, 0))
    // Protocol 0: it sends, and hears nothing; packet(7).
    wire = FileDescriptor(socket(AF_PACKET, type, 0))
  }

  /// Sockets for an address such as `10.77.0.100/24` on an interface.
  static func open(interface: String, address: String) throws(LabError) -> FloorLink {
    let parts = address.split(separator: "/")
    let bytes = (parts.first ?? "").split(separator: ".").compactMap { UInt8($0) }
    guard parts.count == 2, bytes.count == 4, let length = UInt8(parts[1]) else {
      throw .refused("‘\(address)’ is no IPv4 address with a prefix length")
    }
    let index = unsafe if_nametoindex(interface)
    if index == 0 { throw systemCallError("if_nametoindex", interface) }
    let hardware = try readFile("/sys/class/net/\(interface)/address")
      .split(whereSeparator: { $0 == ":" || $0.isNewline }).compactMap { UInt8($0, radix: 16) }
    let link = FloorLink(index: index, hardware: hardware, address: bytes, prefixLength: length)
    // sockaddr_ll of packet(7): the family, the protocol, the interface, and 12 bytes unused here.
    let name = half(UInt16(AF_PACKET)) + [0, 0] + word(index) + [UInt8](repeating: 0, count: 12)
    let result = unsafe name.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return Int32(-1) }
      return unsafe bind(
        link.wire.number, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    if result != 0 { throw systemCallError("bind", interface) }
    return link
  }

  /// Adds or removes the address; rtnetlink(7).
  func change(present: Bool) throws(LabError) {
    // RTM_NEWADDR is 20, RTM_DELADDR 21; NLM_F_REQUEST | NLM_F_ACK, and on adding NLM_F_CREATE.
    let header = word(40) + half(present ? 20 : 21) + half(present ? 0x405 : 0x005)
    let rest = word(1) + word(0) + [UInt8(AF_INET), prefixLength, 0, 0] + word(index)
    // IFA_LOCAL is 2, IFA_ADDRESS 1; each attribute is 8 bytes long.
    let attributes = half(8) + half(2) + address + half(8) + half(1) + address
    try kernel.write(header + rest + attributes, "the netlink socket")
    // An answer of the kernel: what was there or gone already is as good.
    _ = try kernel.read("the netlink socket")
  }

  /// A gratuitous ARP, as a request and as a reply; RFC 5227 §3.
  func announce() throws(LabError) {
    for operation: UInt8 in [1, 2] {
      let ethernet = [UInt8](repeating: 0xff, count: 6) + hardware + [0x08, 0x06]
      let header: [UInt8] = [0, 1, 0x08, 0, 6, 4, 0, operation]
      let target = operation == 1 ? [UInt8](repeating: 0, count: 6) : hardware
      let frame = ethernet + header + hardware + address + target + address
      try wire.write(frame + [UInt8](repeating: 0, count: 60 - frame.count), "the packet socket")
    }
  }
}

private func half(_ value: UInt16) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
}

private func word(_ value: UInt32) -> [UInt8] {
  half(UInt16(truncatingIfNeeded: value)) + half(UInt16(truncatingIfNeeded: value >> 16))
}

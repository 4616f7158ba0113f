import Glibc

/// Watches which addresses the kernel of this network namespace has; rtnetlink(7).
public struct AddressWatch: ~Copyable {
  private let socket: FileDescriptor

  /// Subscribes to address changes of both families.
  public init() throws(LabError) {
    let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    // NETLINK_ROUTE is 0.
    socket = FileDescriptor(Glibc.socket(AF_NETLINK, type, 0))
    // sockaddr_nl of netlink(7), which Swift doesn't import: the family, padding, the port, and
    // the groups RTMGRP_IPV4_IFADDR (0x10) and RTMGRP_IPV6_IFADDR (0x100).
    let address: [UInt16] = [UInt16(AF_NETLINK), 0, 0, 0, 0x110, 0]
    let result = unsafe address.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return Int32(-1) }
      return unsafe bind(
        socket.number, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    if result != 0 { throw systemCallError("bind", "the netlink socket") }
  }

  /// Prints each address that is there, and from then on each change, for ever.
  public func run() throws(LabError) {
    beUrgent()
    try socket.write(dumpRequest, "the netlink socket")
    printLine("\(Stamp.now().nanoseconds) ready - -")
    while true {
      let bytes = try socket.read("the netlink socket")
      let stamp = Stamp.now()
      for change in AddressWatch.changes(in: bytes, at: stamp) { printLine(change.line) }
    }
  }

  /// `RTM_GETADDR` with `NLM_F_REQUEST | NLM_F_DUMP`: a header of 16 bytes, an `ifaddrmsg` of 8.
  private var dumpRequest: [UInt8] {
    [24, 0, 0, 0, 22, 0, 0x01, 0x03] + [UInt8](repeating: 0, count: 16)
  }

  /// The changes that a datagram of netlink messages reports.
  static func changes(in bytes: [UInt8], at stamp: Stamp) -> [AddressChange] {
    var changes: [AddressChange] = []
    var start = 0
    while start + 24 <= bytes.count {
      let length = Int(word(bytes, start))
      guard length >= 16, start + length <= bytes.count else { break }
      let type = half(bytes, start + 4)
      // RTM_NEWADDR is 20, RTM_DELADDR 21.
      if type == 20 || type == 21 {
        let attributes = attributes(bytes[(start + 24)..<(start + length)])
        // IFA_LOCAL (2) is the host's own address on IPv4, IFA_ADDRESS (1) on IPv6; a reply of
        // `lifetime` IFA_CACHEINFO (6) holds the valid lifetime in its second word.
        if let address = attributes[2] ?? attributes[1] {
          let lifetime = attributes[6].map { word(Array($0), 4) }
          changes.append(
            AddressChange(
              stamp: stamp, host: 0, address: text(Array(address)), isPresent: type == 20,
              lifetimeSeconds: lifetime.flatMap { $0 == .max ? nil : Int($0) },
              prefixLength: Int(bytes[start + 17])))
        }
      }
      start += (length + 3) & ~3
    }
    return changes
  }

  private static func attributes(_ bytes: ArraySlice<UInt8>) -> [UInt16: ArraySlice<UInt8>] {
    var attributes: [UInt16: ArraySlice<UInt8>] = [:]
    var rest = bytes
    while rest.count >= 4 {
      let length = Int(half(Array(rest.prefix(4)), 0))
      guard length >= 4, length <= rest.count else { break }
      attributes[half(Array(rest.prefix(4)), 2)] = rest.prefix(length).dropFirst(4)
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return attributes
  }

  private static func word(_ bytes: [UInt8], _ index: Int) -> UInt32 {
    UInt32(half(bytes, index)) | UInt32(half(bytes, index + 2)) << 16
  }

  private static func half(_ bytes: [UInt8], _ index: Int) -> UInt16 {
    UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8
  }
}

/// The text of 4 or 16 bytes of address; inet_ntop(3).
func text(_ address: [UInt8]) -> String {
  let family = address.count == 4 ? AF_INET : AF_INET6
  var buffer = [CChar](repeating: 0, count: 64)
  let result = unsafe inet_ntop(family, address, &buffer, socklen_t(buffer.count))
  guard unsafe result != nil else { return "?" }
  return String(
    decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Lets this process run before all ordinary ones, so that its stamps are those of the events.
func beUrgent() {
  var parameters = sched_param()
  parameters.sched_priority = 10
  unsafe sched_setscheduler(0, SCHED_FIFO, &parameters)
}

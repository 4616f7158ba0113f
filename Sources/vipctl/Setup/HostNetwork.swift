import Addresses
import FoundationEssentials
import Glibc

/// The interfaces of this host and what its neighbours said, as the system shows them to everybody.
enum HostNetwork {
  /// Every address of every interface but loopback, in the order of their names.
  static func interfaces() -> [InterfaceFacts] {
    // A list of the C library's, freed below.
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var found: [InterfaceFacts] = []
    var next = unsafe list
    while let entry = unsafe next {
      unsafe next = entry.pointee.ifa_next
      guard unsafe entry.pointee.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
        let address = unsafe entry.pointee.ifa_addr, let mask = unsafe entry.pointee.ifa_netmask,
        let own = unsafe SocketAddress.address(of: address),
        let length = unsafe SocketAddress.address(of: mask)?.octets.reduce(
          0, { $0 + $1.nonzeroBitCount }),
        let prefix = Prefix(address: own, length: UInt8(length))
      else { continue }
      found.append(
        InterfaceFacts(name: unsafe String(cString: entry.pointee.ifa_name), prefix: prefix))
    }
    return found.sorted { ($0.name, $0.prefix.address) < ($1.name, $1.prefix.address) }
  }

  /// The Ethernet address that answered for an IPv4 address; nothing if none did, or for IPv6.
  ///
  /// `/proc/net/arp` (proc_pid_net(5)): address, type, flags with 0x2 for an entry that is complete, and
  /// the Ethernet address.
  static func neighbour(_ address: IPAddress, table: String? = nil) -> String? {
    let text = table ?? (try? String(contentsOfFile: "/proc/net/arp", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ")
      guard fields.count >= 4, IPAddress(fields[0]) == address, fields[2].hasPrefix("0x"),
        let flags = Int(fields[2].dropFirst(2), radix: 16), flags & 0x2 != 0,
        fields[3] != "00:00:00:00:00:00"
      else { continue }
      return String(fields[3])
    }
    return nil
  }

  /// The same of an entry that is old, once the kernel has asked again.
  ///
  /// After the packet that was just sent it waits 5 s, and asks three times in 3 s
  /// (`delay_first_probe_time`, `ucast_solicit` and `retrans_time` of arp(7)).
  static func confirmedNeighbour(_ address: IPAddress) -> String? {
    let end = ContinuousClock.now + .seconds(9)
    while ContinuousClock.now < end {
      guard neighbour(address) != nil else { return nil }
      usleep(200_000)
    }
    return neighbour(address)
  }

  /// Whether programs may listen at addresses that this host does not have (ip_nonlocal_bind).
  static func bindsNonlocal(_ address: IPAddress) -> Bool {
    let family = if case .v4 = address { "ipv4" } else { "ipv6" }
    let path = "/proc/sys/net/\(family)/ip_nonlocal_bind"
    return (try? String(contentsOfFile: path, encoding: .utf8))?.hasPrefix("1") ?? false
  }
}

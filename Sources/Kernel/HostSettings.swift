import Addresses
import FailoverCore
import LinuxNetwork
import Platform

/// What `/proc` says of interfaces that may keep a virtual address from serving, and what systemd does
/// before a start of Redis; it blocks.
///
/// An operator or a boot script changes such settings behind everybody's back, and nobody tells.
package struct HostSettings: Equatable, Sendable {
  /// How often they are read.
  package static let period = Duration.seconds(60)

  /// Interfaces on which IPv6 is off.
  var ipv6Off: Set<String> = []
  /// Interfaces that answer no ARP: `arp_ignore` is 8, as it is to hide addresses behind LVS.
  var arpIgnored: Set<String> = []
  /// Interfaces that drop what comes from where no route leads back to them (`rp_filter` is 1).
  var pathFiltered: Set<String> = []
  /// Networks that an interface reaches without a gateway.
  var onLink: [String: [Prefix]] = [:]
  /// Whether a unit of Redis asks before it starts (`vipctl guard`).
  package var hasGuard = false

  /// Whether a route of an interface leads to the neighbours of an address.
  func reaches(_ address: IPAddress, on interface: String) -> Bool {
    onLink[interface]?.contains { $0.contains(address) } ?? false
  }

  /// Reads the settings of some interfaces, and of the units, under a directory for `/`.
  package static func read(of interfaces: Set<String>, root: String = "") -> HostSettings {
    var settings = HostSettings()
    settings.hasGuard = ServerUnits.callGuard(root: root)
    let proc = root + "/proc"
    for name in interfaces {
      func value(_ family: String, _ interface: String, _ setting: String) -> Int {
        // Absent: the kernel was built without it, or the interface is gone.
        SmallFile.text(at: "\(proc)/sys/net/\(family)/conf/\(interface)/\(setting)")
          .flatMap { Int($0) } ?? 0
      }
      // ip-sysctl: of these the greater of the interface's and of all's counts.
      func ipv4(_ setting: String) -> Int {
        max(value("ipv4", name, setting), value("ipv4", "all", setting))
      }
      if value("ipv6", name, "disable_ipv6") != 0 { settings.ipv6Off.insert(name) }
      if ipv4("arp_ignore") == 8 { settings.arpIgnored.insert(name) }
      if ipv4("rp_filter") == 1 { settings.pathFiltered.insert(name) }
    }
    let routes =
      (SmallFile.text(at: "\(proc)/net/route") ?? "").split(separator: "\n").map(ipv4Route)
      + (SmallFile.text(at: "\(proc)/net/ipv6_route") ?? "").split(separator: "\n").map(ipv6Route)
    for case .some(let route) in routes where interfaces.contains(route.interface) {
      settings.onLink[route.interface, default: []].append(route.network)
    }
    return settings
  }

  /// A line of `/proc/net/route`: interface, destination, gateway, flags, …, mask at 7.
  ///
  /// Addresses are hexadecimal in the byte order of the host (`net/ipv4/fib_trie.c
  /// fib_route_seq_show`).
  static func ipv4Route(_ line: Substring) -> (interface: String, network: Prefix)? {
    let words = line.split { $0 == "\t" || $0 == " " }
    guard words.count >= 8, let destination = UInt32(words[1], radix: 16),
      words[2] == "00000000", let flags = Int(words[3], radix: 16), flags & routeIsUp != 0,
      let mask = UInt32(words[7], radix: 16)
    else { return nil }
    let address = IPAddress.v4(IPv4Address(rawValue: UInt32(bigEndian: destination)))
    return Prefix(address: address, length: UInt8(mask.nonzeroBitCount)).map {
      (String(words[0]), $0)
    }
  }

  /// A line of `/proc/net/ipv6_route`: destination, its length, source, its length, gateway, metric,
  /// two counters, flags, interface (`net/ipv6/route.c rt6_info_route`).
  ///
  /// Every interface has `ff00::/8` and its own addresses; neither leads to a neighbour.
  static func ipv6Route(_ line: Substring) -> (interface: String, network: Prefix)? {
    let words = line.split(separator: " ")
    guard words.count >= 10, words[0].utf8.count == 32, words[4].allSatisfy({ $0 == "0" }),
      let high = UInt64(words[0].prefix(16), radix: 16),
      let low = UInt64(words[0].suffix(16), radix: 16),
      let length = UInt8(words[1], radix: 16), length < 128,
      let flags = Int(words[8], radix: 16), flags & routeIsUp != 0
    else { return nil }
    return Prefix(address: .v6(IPv6Address(high: high, low: low)), length: length).map {
      (String(words[9]), $0)
    }
  }

  /// `RTF_UP` (route(7)).
  private static let routeIsUp = 1
}

import Addresses
import NIOSSL

/// The names of a certificate: its subjectAltName (RFC 5280 §4.2.1.6), and nothing else.
///
/// A common name is no name of a server (RFC 9525 §2).
struct CertificateNames: Equatable {
  /// Names that are shown at most; a stranger's certificate may have thousands.
  private static let maxShown = 4

  let hosts: [String]
  let addresses: [IPAddress]

  init(hosts: [String] = [], addresses: [IPAddress] = []) {
    self.hosts = hosts
    self.addresses = addresses
  }

  init(_ certificate: NIOSSLCertificate) {
    var hosts: [String] = []
    var addresses: [IPAddress] = []
    for name in certificate._subjectAlternativeNames() {
      let bytes = Array(name.contents)
      if name.nameType == .dnsName {
        hosts.append(String(decoding: bytes, as: UTF8.self))
      } else if name.nameType == .ipAddress, let address = Self.address(bytes) {
        addresses.append(address)
      }
    }
    self.init(hosts: hosts, addresses: addresses)
  }

  /// An address of 4 or 16 octets; one that maps an IPv4 address is that address, as everywhere.
  private static func address(_ octets: [UInt8]) -> IPAddress? {
    if octets.count == 4 { return .v4(IPv4Address(octets[0], octets[1], octets[2], octets[3])) }
    return IPv6Address(octets: octets).map { $0.mappedIPv4.map(IPAddress.v4) ?? .v6($0) }
  }

  /// Whether it names a server.
  func include(_ name: ServerName) -> Bool {
    switch name {
    case .address(let address): addresses.contains(address)
    case .host(let host): hosts.contains { Self.matches(Self.labels($0), Self.labels(host)) }
    }
  }

  /// Whether a name of a certificate stands for a host: the same labels, or a `*` in the place of the
  /// whole first one (RFC 9525 §6.3).
  private static func matches(_ pattern: [Substring], _ host: [Substring]) -> Bool {
    guard pattern.count == host.count, !host.isEmpty else { return false }
    if pattern == host { return true }
    return pattern.count > 2 && pattern[0] == "*" && pattern.dropFirst() == host.dropFirst()
  }

  /// In small letters, without the dot of the root.
  private static func labels(_ name: String) -> [Substring] {
    var labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    if labels.last?.isEmpty == true { labels.removeLast() }
    return labels
  }

  /// The first of them for people; nil if there are none.
  var text: String? {
    let all = addresses.map(\.description) + hosts
    guard !all.isEmpty else { return nil }
    let shown = all.prefix(Self.maxShown).joined(separator: ", ")
    return all.count > Self.maxShown ? "\(shown), …" : shown
  }
}

import Addresses
import Glibc
import Testing

/// A TCP connection from one address of a namespace to another, both ends held.
struct Connection: ~Copyable {
  let listener: Int32
  let server: Int32
  let client: Int32

  /// Listens on an address and port, or on every address of both versions, and connects to it.
  init(from source: IPAddress, to destination: Endpoint, dualStack: Bool = false) throws {
    let family = dualStack ? AF_INET6 : Self.family(of: destination.address)
    let anyAddress = IPAddress.v6(IPv6Address(high: 0, low: 0))
    let listener = Glibc.socket(family, Int32(SOCK_STREAM.rawValue), 0)
    var off: Int32 = 0
    if dualStack { unsafe setsockopt(listener, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, 4) }
    let local = dualStack ? Endpoint(address: anyAddress, port: destination.port) : destination
    let bound = unsafe Self.with(local) { unsafe bind(listener, $0, $1) }
    try #require(bound == 0 && listen(listener, 8) == 0)
    let client = Glibc.socket(Self.family(of: source), Int32(SOCK_STREAM.rawValue), 0)
    let named = unsafe Self.with(Endpoint(address: source, port: 0)) {
      unsafe bind(client, $0, $1)
    }
    let connected = unsafe Self.with(destination) { unsafe connect(client, $0, $1) }
    try #require(named == 0 && connected == 0)
    let server = accept(listener, nil, nil)
    try #require(server >= 0)
    self.listener = listener
    self.client = client
    self.server = server
  }

  deinit {
    close(client)
    close(server)
    close(listener)
  }

  /// What the next read at an end fails with; 0 if it doesn't.
  func errorOfRead(at descriptor: Int32) -> Int32 {
    var octet: UInt8 = 0
    return unsafe recv(descriptor, &octet, 1, Int32(MSG_DONTWAIT)) < 0 ? errno : 0
  }

  private static func family(of address: IPAddress) -> Int32 {
    address.hostPrefixLength == 32 ? AF_INET : AF_INET6
  }

  private static func with(
    _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var octets = [UInt8](repeating: 0, count: 28)
    octets[0] = UInt8(family(of: endpoint.address))
    octets[2] = UInt8(endpoint.port >> 8)
    octets[3] = UInt8(endpoint.port & 0xff)
    let address = endpoint.address.octets
    let start = address.count == 4 ? 4 : 8
    octets.replaceSubrange(start..<start + address.count, with: address)
    let length = socklen_t(address.count == 4 ? 16 : 28)
    return unsafe octets.withUnsafeBytes { bytes in
      unsafe bytes.withMemoryRebound(to: sockaddr.self) { buffer in
        guard let pointer = buffer.baseAddress else { return -1 }
        return unsafe body(pointer, length)
      }
    }
  }
}

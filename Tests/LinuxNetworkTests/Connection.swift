import Addresses
import Glibc
import Testing

/// A TCP connection from one address of a namespace to another, both ends held.
struct Connection: ~Copyable {
  let listener: Int32
  private(set) var server: Int32
  private(set) var client: Int32

  /// Listens on an address and port, or on every address of both versions, and connects to it.
  init(from source: IPAddress, to destination: Endpoint, dualStack: Bool = false) throws {
    let listener = try Self.listen(at: destination, dualStack: dualStack)
    let ends = try Self.connect(from: source, to: destination, over: listener)
    self.listener = listener
    client = ends.client
    server = ends.server
  }

  /// A socket that listens on an address and port, or on every address of both versions.
  static func listen(at destination: Endpoint, dualStack: Bool = false) throws -> Int32 {
    let family = dualStack ? AF_INET6 : Self.family(of: destination.address)
    let anyAddress = IPAddress.v6(IPv6Address(high: 0, low: 0))
    let listener = Glibc.socket(family, Int32(SOCK_STREAM.rawValue), 0)
    var off: Int32 = 0
    if dualStack { unsafe setsockopt(listener, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, 4) }
    let local = dualStack ? Endpoint(address: anyAddress, port: destination.port) : destination
    let bound = unsafe Self.with(local) { unsafe bind(listener, $0, $1) }
    try #require(bound == 0 && Glibc.listen(listener, 8) == 0)
    return listener
  }

  /// Connects to a listener, and accepts.
  static func connect(
    from source: IPAddress, to destination: Endpoint, over listener: Int32
  ) throws -> (client: Int32, server: Int32) {
    let client = try connect(from: source, to: destination)
    let server = accept(listener, nil, nil)
    try #require(server >= 0)
    return (client, server)
  }

  /// Connects to a listener, which has yet to accept.
  static func connect(from source: IPAddress, to destination: Endpoint) throws -> Int32 {
    let client = Glibc.socket(Self.family(of: source), Int32(SOCK_STREAM.rawValue), 0)
    let named = unsafe Self.with(Endpoint(address: source, port: 0)) {
      unsafe bind(client, $0, $1)
    }
    let connected = unsafe Self.with(destination) { unsafe Glibc.connect(client, $0, $1) }
    try #require(named == 0 && connected == 0)
    return client
  }

  deinit {
    if client >= 0 { close(client) }
    if server >= 0 { close(server) }
    close(listener)
  }

  /// What the next read at an end fails with; 0 if it doesn't.
  func errorOfRead(at descriptor: Int32) -> Int32 {
    var octet: UInt8 = 0
    return unsafe recv(descriptor, &octet, 1, Int32(MSG_DONTWAIT)) < 0 ? errno : 0
  }

  /// The client's address and port, as the server sees it.
  func clientEnd() throws -> PackedEndpoint {
    try Self.end(of: client)
  }

  /// The address and port of a socket.
  static func end(of client: Int32) throws -> PackedEndpoint {
    var octets = [UInt8](repeating: 0, count: 28)
    var length = socklen_t(octets.count)
    let found = unsafe octets.withUnsafeMutableBytes { bytes in
      unsafe bytes.withMemoryRebound(to: sockaddr.self) {
        unsafe getsockname(client, $0.baseAddress, &length)
      }
    }
    try #require(found == 0)
    let port = UInt16(octets[2]) << 8 | UInt16(octets[3])
    if octets[0] == UInt8(AF_INET) {
      return PackedEndpoint(
        ipv4: octets[4..<8].reduce(0) { $0 << 8 | UInt32($1) }, port: port)
    }
    let address = try #require(IPv6Address(octets: octets[8..<24]))
    return PackedEndpoint(high: address.high, low: address.low, port: port)
  }

  /// Makes the server's end vanish without a word, as a power failure does (tcp(7), TCP_REPAIR).
  mutating func loseServer() throws {
    var on: Int32 = 1
    let repairs = unsafe setsockopt(server, Int32(IPPROTO_TCP), 19, &on, 4)
    try #require(repairs == 0)
    close(server)
    server = -1
  }

  /// Sends octets from the client's end and closes it at once, as a process does that goes on.
  mutating func sendAndCloseClient(_ octets: [UInt8]) {
    let sent = unsafe send(client, octets, octets.count, Int32(MSG_NOSIGNAL))
    #expect(sent == octets.count)
    // A program that another test starts at this moment inherits the descriptor.
    shutdown(client, Int32(SHUT_RDWR))
    close(client)
    client = -1
  }

  /// Whether the client was told that its connection is no more; the error stays to be read.
  var isReset: Bool {
    var polled = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&polled, 1, 0) > 0 && polled.revents & Int16(POLLERR) != 0
  }

  /// What a read fails with that waits ten seconds at most; 0 if it doesn't.
  func errorOfBlockingRead(at descriptor: Int32, milliseconds: Int32 = 10_000) -> Int32 {
    var octet: UInt8 = 0
    guard waitUntilReadable([descriptor], milliseconds: milliseconds) else { return ETIMEDOUT }
    return unsafe recv(descriptor, &octet, 1, 0) < 0 ? errno : 0
  }

  /// Sends an octet each way.
  func talk() throws {
    for (from, to) in [(client, server), (server, client)] {
      var octet: UInt8 = 0x2a
      let sent = unsafe send(from, &octet, 1, Int32(MSG_NOSIGNAL))
      try #require(sent == 1)
      octet = 0
      let received = unsafe recv(to, &octet, 1, 0)
      #expect(received == 1 && octet == 0x2a)
    }
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

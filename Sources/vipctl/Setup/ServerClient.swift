import Addresses
import Glibc
import RESP

/// Why a Redis or a Sentinel gave no answer.
enum ServerProblem: Error, Equatable {
  /// Nobody can be reached there; the system's own words.
  case unreachable(String)
  /// Somebody is there and says nothing in time.
  case silent
  /// It refused, in its own words.
  case refused(String)
  /// What it says is not RESP, or not what was asked for.
  case nonsense

  /// What was wrong, as a clause.
  var text: String {
    switch self {
    case .unreachable(let reason): reason
    case .silent: "it takes the connection and says nothing"
    case .refused(let words): "it says: \(words)"
    case .nonsense: "what answers there is no Redis and no Sentinel"
    }
  }

  /// Whether a password is asked for.
  var asksForPassword: Bool {
    guard case .refused(let words) = self else { return false }
    return words.hasPrefix("NOAUTH")
  }

  /// Whether the user lacks a right.
  var lacksRight: Bool {
    guard case .refused(let words) = self else { return false }
    return words.hasPrefix("NOPERM")
  }

  /// Whether it is protected mode, by which only loopback is served (redis.conf).
  var isProtectedMode: Bool {
    guard case .refused(let words) = self else { return false }
    return words.hasPrefix("DENIED")
  }
}

/// A connection to a Redis or a Sentinel over TCP that waits for each answer, and never for long.
struct ServerClient: ~Copyable {
  /// How long a connection or an answer may take; in one network it is a millisecond.
  static let patience = Duration.seconds(2)

  /// The address of this end; it is the one that Sentinel announces of itself (`sentinel.c
  /// sentinelSendHello`, for a connection to the master).
  let localAddress: IPAddress?
  private let descriptor: Int32
  private let patience: Duration
  private var parser = RESPParser()

  /// Connects to an address or a name.
  init(
    _ node: ServerNode, patience: Duration = ServerClient.patience
  ) throws(ServerProblem) {
    descriptor = try Self.connected(to: node, within: patience)
    localAddress = Self.localAddress(of: descriptor)
    self.patience = patience
  }

  deinit {
    close(descriptor)
  }

  /// The address from which this host reaches a server; nothing if it does not.
  static func localAddress(toward node: ServerNode) -> IPAddress? {
    do throws(ServerProblem) {
      let client = try ServerClient(node, patience: .seconds(1))
      return client.localAddress
    } catch {
      return nil
    }
  }

  /// Sends a command and waits for what comes.
  mutating func ask(_ words: String...) throws(ServerProblem) -> RESPToken { try ask(words) }

  /// The same, of words in a list.
  mutating func ask(_ words: [String]) throws(ServerProblem) -> RESPToken {
    send(RESPWriter.command(words))
    let token = try receive()
    if token.isError { throw .refused(token.errorText ?? "") }
    return token
  }

  /// Sends; what can't be sent shows when the answer is read, which may say why.
  private func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private mutating func receive() throws(ServerProblem) -> RESPToken {
    let end = ContinuousClock.now + patience
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      do throws(RESPError) {
        if let token = try parser.next() { return token }
      } catch {
        throw .nonsense
      }
      guard Self.waits(descriptor, for: POLLIN, until: end) else { throw .silent }
      let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { throw .unreachable("it closes the connection") }
      parser.append(chunk[..<count])
    }
  }

  // MARK: - The socket

  private static func connected(
    to node: ServerNode, within patience: Duration
  ) throws(ServerProblem) -> Int32 {
    // A list of the C library's, freed below.
    var list: UnsafeMutablePointer<addrinfo>?
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    let status = unsafe getaddrinfo(node.host, String(node.port), &hints, &list)
    guard status == 0 else {
      throw .unreachable(unsafe gai_strerror(status).map { unsafe String(cString: $0) } ?? "")
    }
    defer { unsafe freeaddrinfo(list) }
    var problem = "no address"
    let end = ContinuousClock.now + patience
    var next = unsafe list
    while let entry = unsafe next {
      unsafe next = entry.pointee.ai_next
      let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
      let descriptor = unsafe socket(entry.pointee.ai_family, Int32(type), 0)
      guard descriptor >= 0 else { continue }
      let failure = unsafe connect(descriptor, entry.pointee, until: end)
      guard let failure else { return descriptor }
      problem = failure
      close(descriptor)
    }
    throw .unreachable(problem)
  }

  /// Connects; what went wrong, if anything.
  private static func connect(
    _ descriptor: Int32, _ entry: addrinfo, until end: ContinuousClock.Instant
  ) -> String? {
    if unsafe Glibc.connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 { return nil }
    guard errno == EINPROGRESS else { return text(of: errno) }
    guard waits(descriptor, for: POLLOUT, until: end) else { return text(of: ETIMEDOUT) }
    var (error, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
    return error == 0 ? nil : text(of: error)
  }

  private static func waits(
    _ descriptor: Int32, for event: Int32, until end: ContinuousClock.Instant
  ) -> Bool {
    var descriptors = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    while true {
      let left = (end - ContinuousClock.now) / .milliseconds(1)
      let count = unsafe poll(&descriptors, 1, Int32(max(0, left.rounded(.up))))
      if count < 0, errno == EINTR { continue }
      return count > 0
    }
  }

  private static func localAddress(of descriptor: Int32) -> IPAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard unsafe getsockname(descriptor, pointer, &length) == 0 else { return nil }
        return unsafe SocketAddress.address(of: pointer)
      }
    }
  }

  /// The system's words for an errno.
  static func text(of error: Int32) -> String {
    unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
  }
}

/// Addresses as the C library has them.
enum SocketAddress {
  /// The IP address of a socket's address; nothing for one of another family.
  static func address(of pointer: UnsafePointer<sockaddr>) -> IPAddress? {
    switch Int32(unsafe pointer.pointee.sa_family) {
    case AF_INET:
      unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
        .v4(IPv4Address(rawValue: UInt32(bigEndian: unsafe pointer.pointee.sin_addr.s_addr)))
      }
    case AF_INET6:
      unsafe pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
        let octets = unsafe withUnsafeBytes(of: pointer.pointee.sin6_addr) { unsafe Array($0) }
        guard let address = IPv6Address(octets: octets) else { return nil }
        return address.mappedIPv4.map(IPAddress.v4) ?? .v6(address)
      }
    default: nil
    }
  }

  /// The addresses of a name, or the one that it is, each once.
  static func addresses(of host: String) -> [IPAddress] {
    if let address = IPAddress(host) { return [address] }
    var list: UnsafeMutablePointer<addrinfo>?
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { unsafe freeaddrinfo(list) }
    var found: Set<IPAddress> = []
    var next = unsafe list
    while let entry = unsafe next {
      if let pointer = unsafe entry.pointee.ai_addr, let address = unsafe address(of: pointer) {
        found.insert(address)
      }
      unsafe next = entry.pointee.ai_next
    }
    return found.sorted()
  }
}

import Glibc

/// A blocking connection that speaks RESP, with a limit on every wait.
public final class RESPConnection {
  let socket: FileDescriptor
  let name: String
  private var reader = ReplyReader()
  /// The leading word of the last error that ``exchange(_:)`` got, in small letters.
  var errorWord = ""
  /// Where ``exchange(_:)`` puts the answer.
  var answer = [UInt8](repeating: 0, count: 512)

  /// Connects to a socket in the file system; unix(7).
  ///
  /// Such sockets reach into every network namespace, so the lab can watch its servers without
  /// sending a packet through the network that it tests.
  public init(path: String) throws(LabError) {
    socket = FileDescriptor(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | cloexec, 0))
    name = path
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      guard path.utf8.count < bytes.count else { return false }
      unsafe bytes.copyBytes(from: path.utf8)
      return true
    }
    guard fits else { throw .refused("the path \(path) is too long for a socket") }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        unsafe connect(socket.number, raw, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result != 0 { throw systemCallError("connect", path) }
  }

  /// Connects to an address and port within a time.
  ///
  /// - Throws: ``LabError/systemCall(name:errno:object:)``, with `ETIMEDOUT` if the time passed.
  public init(address: String, port: UInt16, timeoutMilliseconds: Int) throws(LabError) {
    let isVersion6 = address.contains(":")
    let family = isVersion6 ? AF_INET6 : AF_INET
    let socket = FileDescriptor(
      Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | cloexec | nonblocking, 0))
    name = "\(address) \(port)"
    let result =
      isVersion6
      ? try connectVersion6(socket.number, address, port)
      : try connectVersion4(socket.number, address, port)
    if result != 0 {
      guard errno == EINPROGRESS else { throw systemCallError("connect", name) }
      guard socket.wait(for: Int32(POLLOUT), timeoutMilliseconds: timeoutMilliseconds) else {
        throw .systemCall(name: "connect", errno: ETIMEDOUT, object: name)
      }
      var code: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      unsafe getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &code, &length)
      if code != 0 { throw .systemCall(name: "connect", errno: code, object: name) }
    }
    self.socket = socket
  }

  /// Sends a command as an array of strings.
  public func send(_ words: [String]) throws(LabError) {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words {
      bytes += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8)
    }
    let result = unsafe bytes.withUnsafeBytes { buffer in
      unsafe Glibc.send(
        socket.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    }
    if result != bytes.count { throw systemCallError("send", name) }
  }

  /// Waits for the next reply.
  ///
  /// - Throws: ``LabError/timedOut(waitingFor:)``, ``LabError/connectionClosed`` or what the
  ///   kernel says.
  public func receive(timeoutMilliseconds: Int) throws(LabError) -> Reply {
    let deadline = Stamp.now().advanced(milliseconds: timeoutMilliseconds)
    while true {
      if let reply = try reader.next() { return reply }
      try fill(until: deadline)
    }
  }

  /// Reads what has arrived; waits for it until a deadline.
  private func fill(until deadline: Stamp) throws(LabError) {
    let left = Int(deadline.milliseconds(since: .now()).rounded(.up))
    guard left > 0, socket.wait(for: Int32(POLLIN), timeoutMilliseconds: left) else {
      throw .timedOut(waitingFor: "a reply from \(name)")
    }
    let bytes = try socket.read(name)
    if bytes.isEmpty { throw .connectionClosed }
    reader.append(bytes)
  }

  /// Sends a command and waits for its reply.
  @discardableResult
  public func command(
    _ words: String..., timeoutMilliseconds: Int = 2000
  ) throws(LabError) -> Reply {
    try send(words)
    return try receive(timeoutMilliseconds: timeoutMilliseconds)
  }

  /// Sends a command and waits for a string of any bytes.
  func bytes(_ words: String..., timeoutMilliseconds: Int = 5000) throws(LabError) -> [UInt8] {
    try send(words)
    let deadline = Stamp.now().advanced(milliseconds: timeoutMilliseconds)
    while true {
      if let bytes = try reader.nextBytes() { return bytes }
      try fill(until: deadline)
    }
  }

  /// Whether the connection has something to read, the end of the stream included, within a time.
  func hasInput(withinMilliseconds time: Int) -> Bool {
    socket.wait(for: Int32(POLLIN), timeoutMilliseconds: time)
  }
}

/// `SOCK_CLOEXEC` and `SOCK_NONBLOCK` of socket(2), which Swift imports as structures.
private let cloexec = Int32(SOCK_CLOEXEC.rawValue)
private let nonblocking = Int32(SOCK_NONBLOCK.rawValue)

func connectVersion4(
  _ socket: Int32, _ text: String, _ port: UInt16
) throws(LabError) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1 else {
    throw .refused("‘\(text)’ is no IPv4 address")
  }
  return unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
      unsafe connect(socket, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

func connectVersion6(
  _ socket: Int32, _ text: String, _ port: UInt16
) throws(LabError) -> Int32 {
  var address = sockaddr_in6()
  address.sin6_family = sa_family_t(AF_INET6)
  address.sin6_port = port.bigEndian
  guard unsafe inet_pton(AF_INET6, text, &address.sin6_addr) == 1 else {
    throw .refused("‘\(text)’ is no IPv6 address")
  }
  return unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
      unsafe connect(socket, raw, socklen_t(MemoryLayout<sockaddr_in6>.size))
    }
  }
}

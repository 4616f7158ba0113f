import Glibc

/// A client that sends what a test wants, with plain blocking sockets.
package struct HTTPClient: ~Copyable {
  private let descriptor: Int32

  /// Connects to a port of 127.0.0.1.
  package init(port: Int) throws(SocketFailure) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // A test that waits for ever tells less than one that fails.
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = Self.address(port: port)
    let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else {
      close(descriptor)
      throw SocketFailure()
    }
  }

  deinit {
    close(descriptor)
  }

  /// Whether nobody listens on a port.
  package static func isRefused(port: Int) -> Bool {
    (try? HTTPClient(port: port)) == nil
  }

  /// Sends a text; false if the other side is gone.
  @discardableResult package func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// Says that no more will be sent.
  package func finish() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// What comes until the other side closes; nothing if it does not.
  package func answer() -> String? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
      if count == 0 || (count < 0 && errno == ECONNRESET) { break }
      guard count > 0 else { return nil }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What is answered to a text; nothing if nobody listens.
  package static func ask(_ text: String, port: Int) -> String? {
    do {
      let client = try HTTPClient(port: port)
      client.send(text)
      return client.answer()
    } catch {
      return nil
    }
  }

  /// What is answered to a plain request for a path.
  package static func get(_ path: String, port: Int) -> String? {
    ask("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n", port: port)
  }

  fileprivate static func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}

/// A socket could not be made or connected.
package struct SocketFailure: Error {}

/// Takes a port away from everybody else.
package struct TakenPort: ~Copyable {
  private let descriptor: Int32
  package let port: Int

  package init() throws(SocketFailure) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = HTTPClient.address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    self.descriptor = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
    guard isBound else {
      close(descriptor)
      throw SocketFailure()
    }
  }

  deinit {
    close(descriptor)
  }
}

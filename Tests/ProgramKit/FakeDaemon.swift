public import Foundation
import Glibc

/// A socket on which a test plays the daemon; it and its directory end with the value.
public struct FakeDaemon: ~Copyable {
  /// The directory that belongs to one test.
  public let directory: URL
  /// The path of the socket.
  public let path: String
  private let listener: Int32

  /// Listens on a new socket.
  ///
  /// - Throws: if it can't be made.
  public init(backlog: Int32 = 8) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "vipd-test-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let path = directory.appending(path: "socket").path(percentEncoded: false)
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard unsafe Self.call(Glibc.bind, listener, path) == 0, listen(listener, backlog) == 0 else {
      close(listener)
      throw POSIXError(.EADDRINUSE)
    }
    self.directory = directory
    self.path = path
    self.listener = listener
  }

  deinit {
    close(listener)
    try? FileManager.default.removeItem(at: directory)
  }

  /// Takes the next connection.
  ///
  /// - Throws: if there is none.
  public func accept() throws -> Int32 {
    let connection = Glibc.accept(listener, nil, nil)
    guard connection >= 0 else { throw POSIXError(.ECONNABORTED) }
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    return connection
  }

  /// Connects as a client that never says anything, to fill the backlog.
  ///
  /// - Throws: when it is full.
  public func connectSilently() throws -> Int32 {
    let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let client = socket(AF_UNIX, Int32(type), 0)
    guard unsafe Self.call(Glibc.connect, client, path) == 0 else {
      close(client)
      throw POSIXError(.EAGAIN)
    }
    return client
  }

  /// Reads until so many bytes are there, or the other side closes.
  public static func read(_ connection: Int32, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while bytes.count < count {
      let got = unsafe Glibc.read(connection, &chunk, min(chunk.count, count - bytes.count))
      guard got > 0 else { break }
      bytes += chunk[..<got]
    }
    return bytes
  }

  /// Writes a text.
  public static func write(_ connection: Int32, _ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ socket: Int32,
    _ path: String
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      unsafe room.copyBytes(from: path.utf8.prefix(107))
    }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe function(socket, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

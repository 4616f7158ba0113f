import Glibc

/// A message to a unix socket of another program, which is never waited for (unix(7)).
enum UnixDatagram {
  /// The longest path; one octet more ends it.
  static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Sends a message to the socket at a path, or to the abstract one that `@` begins.
  ///
  /// - Returns: the errno of what failed, as ENOENT where there is none and EAGAIN where it is full; nil if
  ///   it was taken.
  static func send(_ message: [UInt8], to path: String) -> Int32? {
    var name = Array(path.utf8)
    guard (1...longestPath).contains(name.count) else { return ENAMETOOLONG }
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // The name of an abstract one begins with a zero octet.
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let count = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
    return count < 0 ? errno : nil
  }
}

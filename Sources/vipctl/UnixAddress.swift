import Glibc

/// The address of a unix socket at a path (unix(7)).
struct UnixAddress {
  /// The path.
  let path: String
  private var address = sockaddr_un()

  /// Makes one; nothing may be done with a path that has no room.
  init(path: String) throws(Failure) {
    guard (1..<MemoryLayout.size(ofValue: address.sun_path)).contains(path.utf8.count),
      !path.utf8.contains(0)
    else {
      throw Failure(status: .usage, text: "the path of a socket has 1 to 107 bytes: '\(path)'")
    }
    self.path = path
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
  }

  /// Makes a call such as connect(2) or bind(2); whether it succeeded, errno says why not.
  func call(
    _ run: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32
  ) -> Bool {
    unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe run(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}

import Glibc
package import Platform

/// A unix socket that this process listens on, and the file by which it is reached (unix(7)).
///
/// A file that a dead process left is replaced. One at which a process answers is not, and when the
/// value ends the file goes only if it still leads to this process.
package final class SocketFile: Sendable {
  /// Why there is no socket.
  package enum Failure: Error, Equatable {
    /// A process answers there; nil where the kernel does not say which.
    case answered(by: Int32?)
    /// A call failed.
    case failed(FileProblem)
  }

  /// What answers at a path.
  package enum Occupant: Equatable {
    /// Nobody: there is no file, or one that a dead process left.
    case nobody
    /// A process; nil where the kernel does not say which.
    case process(Int32?)
    /// It can't be found out.
    case unknown(FileProblem)
  }

  /// Connections that may wait to be accepted.
  static let backlog: Int32 = 128

  let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    remove()
    close(descriptor)
  }

  /// Removes the file, unless another process has put its own there.
  ///
  /// An inode's number would not tell: the next file may have it again.
  func remove() {
    if Self.occupant(of: path) == .process(getpid()) { _ = unsafe unlink(path) }
  }

  /// Listens at a path.
  package static func listen(at path: String) throws(Failure) -> SocketFile {
    switch occupant(of: path) {
    case .nobody: break
    case .process(let processID): throw .answered(by: processID)
    case .unknown(let problem): throw .failed(problem)
    }
    removeRemains(at: path)
    let descriptor = makeSocket()
    guard descriptor >= 0 else { throw .failed(FileProblem("make a socket for", path)) }
    guard unsafe call(Glibc.bind, descriptor, path) == 0, Glibc.listen(descriptor, backlog) == 0
    else {
      let problem = FileProblem("listen on", path)
      close(descriptor)
      throw .failed(problem)
    }
    return SocketFile(path: path, descriptor: descriptor)
  }

  /// Another descriptor of the socket, for whoever accepts connections, and closes it.
  func duplicate() -> Int32 {
    fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
  }

  /// Who answers at a path.
  package static func occupant(of path: String) -> Occupant {
    let descriptor = makeSocket()
    guard descriptor >= 0 else { return .unknown(FileProblem("make a socket for", path)) }
    defer { close(descriptor) }
    if unsafe call(Glibc.connect, descriptor, path) == 0 {
      return .process(PeerCredentials(ofSocket: descriptor)?.processID)
    }
    switch errno {
    case ENOENT, ECONNREFUSED: return .nobody
    // The backlog is full: whoever listens is alive, and slow.
    case EAGAIN: return .process(nil)
    case EACCES: return isListenedTo(path) ? .process(nil) : .nobody
    default: return .unknown(FileProblem("connect to", path))
    }
  }

  /// Whether the kernel knows of a process that listens at a path (proc_net(5), `/proc/net/unix`).
  ///
  /// For a socket that this process has no right to connect to: its owner may be long dead.
  private static func isListenedTo(_ path: String) -> Bool {
    guard let table = SmallFile.text(at: "/proc/net/unix") else { return true }
    // The fourth field holds the flags: `00010000` for a socket that listens.
    return table.split(separator: "\n").contains { line in
      let words = line.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
      return words.count == 8 && words[3] == "00010000" && words[7] == path
    }
  }

  /// Removes the socket that a dead process left; what is no socket stays, and is in the way.
  private static func removeRemains(at path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    _ = unsafe unlink(path)
  }

  private static func makeSocket() -> Int32 {
    let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    return socket(AF_UNIX, Int32(type), 0)
  }

  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ socket: Int32,
    _ path: String
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      // The configuration takes no longer path.
      unsafe room.copyBytes(from: path.utf8.prefix(room.count - 1))
    }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe function(socket, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

/// A system call failed.
public struct SystemCallError: Error, Equatable, Sendable {
  /// The system calls that this layer makes.
  public enum Call: String, Hashable, Sendable {
    /// socket(2).
    case socket
    /// bind(2).
    case bind
    /// setsockopt(2).
    case setsockopt
    /// sendto(2) or sendmsg(2).
    case send
    /// recvfrom(2) or recvmsg(2).
    case receive
  }

  /// The call.
  public var call: Call
  /// What it said.
  public var errno: Errno
  /// What it was about: an interface, an address, a kind of socket.
  public var object: String

  /// Makes an error.
  public init(call: Call, errno: Errno, object: String) {
    self.call = call
    self.errno = errno
    self.object = object
  }
}

extension SystemCallError: CustomStringConvertible {
  /// One sentence for a log: the call, the object, the error.
  public var description: String { "\(call.rawValue) failed for \(object): \(errno)" }
}

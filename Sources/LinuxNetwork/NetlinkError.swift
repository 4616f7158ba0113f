/// Why a conversation with the kernel over netlink failed.
///
/// The three cases mean three different things to an operator: this process could not speak, the
/// kernel said no, or the kernel said something that this program does not understand.
public enum NetlinkError: Error, Equatable, Sendable {
  /// A system call failed.
  case callFailed(SystemCallError)
  /// The kernel answered with an error.
  case refused(KernelRefusal)
  /// The kernel's answer made no sense.
  case malformed(NetlinkNonsense)
}

/// The kernel's refusal of one request.
public struct KernelRefusal: Error, Equatable, Sendable {
  /// What was asked, as `RTM_NEWADDR 10.77.0.100/32 on interface 3`.
  public var request: String
  /// The error.
  public var errno: Errno
  /// The kernel's own sentence: the extended acknowledgement (`NLMSGERR_ATTR_MSG`, netlink(7)).
  public var message: String?

  /// Makes a refusal.
  public init(request: String, errno: Errno, message: String?) {
    self.request = request
    self.errno = errno
    self.message = message
  }
}

/// How an answer of the kernel made no sense.
public enum NetlinkNonsense: Hashable, Sendable {
  /// A message or attribute ends before its own length.
  case truncated
  /// Every message was read, and the one that ends the answer was not there.
  case missingEnd
  /// The table kept changing while it was read (`NLM_F_DUMP_INTR`), several times in a row.
  case dumpInterrupted
  /// An address has neither 4 nor 16 octets, or a name is not text.
  case badAttribute(type: UInt16)
}

extension NetlinkError: CustomStringConvertible {
  /// One sentence for a log.
  public var description: String {
    switch self {
    case .callFailed(let error): error.description
    case .refused(let refusal): refusal.description
    case .malformed(let nonsense): "the kernel's netlink answer makes no sense: \(nonsense)"
    }
  }
}

extension KernelRefusal: CustomStringConvertible {
  /// One sentence for a log: the request, the error, the kernel's own words.
  public var description: String {
    "the kernel refused \(request): \(errno)" + (message.map { ": \($0)" } ?? "")
  }
}

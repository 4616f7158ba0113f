import Glibc

/// An error number of the kernel (errno(3)).
public struct Errno: RawRepresentable, Hashable, Sendable {
  /// The number, positive.
  public var rawValue: Int32

  /// Makes an error from its positive number.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The error of the last failed call on this thread.
  static var current: Errno { Errno(rawValue: errno) }

  /// `EPERM`: a capability is missing.
  public static let notPermitted = Errno(rawValue: EPERM)
  /// `ENOENT`: there is no such socket (sock_diag(7)).
  public static let noEntry = Errno(rawValue: ENOENT)
  /// `EINTR`: a signal came first.
  public static let interrupted = Errno(rawValue: EINTR)
  /// `EAGAIN`: there is nothing to read, or no room to write.
  public static let wouldBlock = Errno(rawValue: EAGAIN)
  /// `EEXIST`: the address is there already.
  public static let exists = Errno(rawValue: EEXIST)
  /// `ENOMEM`: a limit of the kernel's memory for this is reached.
  static let noMemory = Errno(rawValue: ENOMEM)
  /// `ENOSPC`: libmnl's word for a datagram that is greater than the buffer.
  static let noSpace = Errno(rawValue: ENOSPC)
  /// `ENODEV`: there is no such interface.
  public static let noDevice = Errno(rawValue: ENODEV)
  /// `ENXIO`: the interface has no such protocol.
  public static let noSuchDeviceOrAddress = Errno(rawValue: ENXIO)
  /// `EADDRNOTAVAIL`: there is no such address on the interface.
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  /// `ENETDOWN`: the interface is down.
  public static let networkDown = Errno(rawValue: ENETDOWN)
  /// `ENOBUFS`: a queue was full, and messages were lost.
  public static let noBufferSpace = Errno(rawValue: ENOBUFS)
  /// `EOPNOTSUPP`: the kernel was built without it.
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
}

extension Errno: CustomStringConvertible {
  /// The sentence and the number, as in `Operation not permitted (errno 1)`.
  ///
  /// strerror(3) is safe among threads since glibc 2.32.
  public var description: String {
    let sentence = unsafe strerror(rawValue).map { unsafe String(cString: $0) }
    return "\(sentence ?? "unknown error") (errno \(rawValue))"
  }
}

import FailoverCore
import Glibc
import NIOCore

extension ConnectionLoss {
  /// Tells apart what an error of the socket says of the other host (connect(2), tcp(7)).
  init(_ error: any Error) {
    guard let code = (error as? IOError)?.errnoCode else {
      self = error is ChannelError ? .unreachable : .closed
      return
    }
    switch code {
    case ECONNREFUSED: self = .refused
    case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN: self = .unreachable
    default: self = .closed
    }
  }
}

/// The text of an error of a socket, for a log line.
enum SocketErrorText {
  /// What strerror(3) says where there is an errno, for NIO's own text names its calls.
  static func text(_ error: any Error) -> String {
    if let code = (error as? IOError)?.errnoCode { return unsafe String(cString: strerror(code)) }
    if case .connectTimeout = error as? ChannelError { return "no answer to the connection" }
    return "\(error)"
  }
}

/// How long sent data may stay unacknowledged before the kernel gives a connection up.
///
/// A Sentinel behind a silent partition must be seen as lost before the lease ends, and a
/// connection that came back from one must not replay a backlog (tcp(7) TCP_USER_TIMEOUT).
enum TCPUserTimeout {
  static let milliseconds = 1_500
}

extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
  /// `TCP_USER_TIMEOUT` in milliseconds.
  static var tcpUserTimeout: Self {
    Self(level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT))
  }
}

import Glibc

/// Tells the service manager how the daemon is (sd_notify(3)), if there is one.
///
/// A datagram on the socket that `NOTIFY_SOCKET` names; libsystemd would bring a dozen libraries
/// for that.
struct SystemdNotifier {
  private let socket: String
  /// How often the watchdog wants a sign of life; nothing if it is off (sd_watchdog_enabled(3)).
  let watchdogPeriod: Duration?

  /// Reads the environment; nothing where no service manager listens.
  init?(environment: [String: String], processID: Int32 = getpid()) {
    guard let socket = environment["NOTIFY_SOCKET"], socket.utf8.count > 1,
      socket.utf8.count < 108, socket.hasPrefix("/") || socket.hasPrefix("@")
    else { return nil }
    self.socket = socket
    let isOurs = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
    let period = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.map {
      Duration.microseconds($0)
    }
    watchdogPeriod = isOurs ? period : nil
  }

  /// Sends assignments such as `READY=1`; a manager that does not listen is not waited for.
  func send(_ assignments: [String]) {
    let descriptor = Glibc.socket(
      AF_UNIX,
      Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socket.utf8)
    // An abstract socket's name begins with a zero octet (unix(7)).
    if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let message = Array(assignments.joined(separator: "\n").utf8)
    _ = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
